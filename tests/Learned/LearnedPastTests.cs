using Streaming.Models.Learned;
using Streaming.Models.Learned.Training;
using Xunit;

namespace Streaming.Tests.Learned;

/// <summary>The shipped models that hold a subject against its own past.</summary>
public sealed class LearnedPastTests
{
    [Fact]
    public void Rows()
    {
        TrainingLines.WriteWhereAsked(TruckHistories.Training());
        TrainingLines.WriteWhereAsked(MadeTanks.Training());
    }
}
