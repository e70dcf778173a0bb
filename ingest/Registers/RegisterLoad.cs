using System.Text.Json.Serialization;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;

namespace Streaming.Ingest.Registers;

/// <summary>One record of a table that was not taken.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Field">The field; null where it is about none.</param>
/// <param name="Reason">Kind of the refusal, as in the quarantine.</param>
/// <param name="Detail">What was there and what was expected.</param>
public sealed record LoadProblem(long Line, string? Field, string Reason, string Detail);

/// <summary>What became of a table.</summary>
/// <param name="Source">The source whose word it is.</param>
/// <param name="Register">Name of the register.</param>
/// <param name="DryRun">True where nothing was changed.</param>
/// <param name="Records">Records of the table.</param>
/// <param name="Taken">Records that fit.</param>
/// <param name="Refused">Records that did not; in a real load each is in the quarantine.</param>
/// <param name="Removed">Of a full load: entries of the source that the table does not have, and that are therefore no more.</param>
/// <param name="Known">Records among them that the same load had brought before it was cut off; they were not taken once more.</param>
/// <param name="Problems">The first of those refused.</param>
/// <param name="Stopped">Why the rest of the table was not read; null where it was. What was taken before is taken.</param>
public sealed record LoadOutcome(string Source, string Register, bool DryRun, long Records, long Taken, long Refused, long Removed, long Known, IReadOnlyList<LoadProblem> Problems, string? Stopped)
{
    /// <summary>Position of the last record of the journal that it made; 0 where it made none.</summary>
    [JsonIgnore]
    public long Position { get; init; }

    /// <summary>True where the journal took no more: sent again later, the rest is taken.</summary>
    [JsonIgnore]
    public bool IsCutOff { get; init; }
}

/// <summary>How much of its last table a source has delivered.</summary>
/// <param name="Chunks">Parts of the table that are in the journal.</param>
/// <param name="First">Hash of the first part.</param>
/// <param name="Hash">Hash of all of them.</param>
public sealed record LoadProgress(uint Chunks, ulong First, ulong Hash);

/// <summary>
/// Loads a table of a register's records: in parts, each of them one record of the journal like a publish of the same source, which also says which part of which table it is (<see cref="LoadChunk"/>). Whoever does not know whether a
/// load was cut off sends the table again: what the journal has of it is read once more for its problems, and not taken once more.
/// </summary>
/// <param name="source">Whose word the table is.</param>
/// <param name="intake">Takes the parts; null only tries the table out.</param>
/// <param name="time">By which the times in the table are judged.</param>
/// <param name="progress">How much of a table the source has delivered that this may be; null where it is to be taken from its beginning.</param>
public sealed class RegisterLoad(SourceRegistration source, IIntake? intake, TimeProvider time, LoadProgress? progress = null)
{
    /// <param name="table">The table; it can seek where there is progress, since it is read once more where it turns out to be another.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="known">For a full load: keys of the entries that the source has spoken of so far; those that the table does not have are removed. Null for a load of changes.</param>
    /// <param name="cancellation">Ends it between two parts.</param>
    public async Task<LoadOutcome> RunAsync(Stream table, TableFormat format, Func<CancellationToken, IAsyncEnumerable<string>>? known, CancellationToken cancellation)
    {
        long begins = progress is null ? 0 : table.Position;
        LoadOutcome? outcome = await new LoadPass(source, intake, time, progress).RunAsync(table, format, known, cancellation).ConfigureAwait(false);
        if (outcome is null)
        {
            table.Position = begins;
            outcome = await new LoadPass(source, intake, time, null).RunAsync(table, format, known, cancellation).ConfigureAwait(false);
        }

        return outcome!;
    }
}
