using Xunit;

namespace Streaming.Tests.Support;

/// <summary>Tests that look at the memory of the whole process, where other tests at the same time would count as well: they run one at a time, after the others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    public const string Name = "measured alone";
}
