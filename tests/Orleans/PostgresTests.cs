using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>The tests that share one PostgreSQL server. Each makes databases of its own on it.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresTests : ICollectionFixture<PostgresServer>
{
    public const string Name = "PostgreSQL";
}
