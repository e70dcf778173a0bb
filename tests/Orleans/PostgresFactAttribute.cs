using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>A test against a PostgreSQL server of its own; skipped where none can be started.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute()
    {
        if (PostgresServer.Missing is { } reason)
        {
            Skip = reason;
        }
    }
}
