namespace Streaming.Silo.Orleans;

/// <summary>Every bound of what a cluster asks of PostgreSQL, in one place.</summary>
internal static class PostgresLimits
{
    /// <summary>How long one statement of the schema may take, waiting for another silo that is making it included, in seconds.</summary>
    public const int SchemaCommandSeconds = 60;

    /// <summary>How often a start tries to get hold of the database, and how long it waits between two tries, ms.</summary>
    public const int HoldAttempts = 20;

    public const int HoldRetryMs = 500;

    /// <summary>Deadlines that may wait to be written. Past that, whoever sets one waits.</summary>
    public const int WaitingDeadlines = 16_384;

    /// <summary>Deadlines that one round trip writes.</summary>
    public const int DeadlinesPerBatch = 2048;

    /// <summary>Actors that one sweep may ask for.</summary>
    public const int DuePerSweep = 10_000;
}
