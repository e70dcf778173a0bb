using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Ingest.Registers;
using Streaming.Silo.Access;
using Streaming.Silo.Api;
using Streaming.Silo.Host;

namespace Streaming.Silo.Registers;

/// <summary>
/// Loads what departments put into a folder: <c>{folder}/{source}/NAME.csv</c>, <c>.jsonl</c> or <c>.ndjson</c>, with <c>.full</c> before the ending where entries that it does not have are to be removed. A table is taken when its
/// size and time have not changed between two looks, and then goes to <c>done</c> beside it with what became of it, or to <c>refused</c> where nothing could be made of it. A table that was being loaded when the process ended is still
/// there and goes on where it was. Folders are looked at in turns, so it works on every kind of file system.
/// </summary>
internal sealed partial class WatchedFolder(string folder, TableLoads loads, AccessBook access, TimeProvider time, ILogger<WatchedFolder> logger) : IAsyncDisposable
{
    /// <summary>Where a table goes that was taken, with its outcome beside it.</summary>
    public const string Done = "done";

    /// <summary>Where a table goes of which nothing was taken, with the reason beside it.</summary>
    public const string Refused = "refused";

    private const string FullMark = ".full";

    private static readonly Dictionary<string, TableFormat> Formats = new(StringComparer.OrdinalIgnoreCase)
    {
        [".csv"] = TableFormat.Csv,
        [".jsonl"] = TableFormat.JsonLines,
        [".ndjson"] = TableFormat.JsonLines,
    };

    private readonly CancellationTokenSource stopping = new();
    private Dictionary<string, (long Bytes, DateTime Written)> seen = new(StringComparer.Ordinal);
    private string? problem;
    private Task watching = Task.CompletedTask;

    /// <summary>What keeps it from loading anything, for health; null where nothing does.</summary>
    public string? Note => Volatile.Read(ref problem);

    public void Start() => watching = Task.Run(WatchAsync);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await watching.ConfigureAwait(false);
        stopping.Dispose();
    }

    private async Task WatchAsync()
    {
        using PeriodicTimer timer = new(SiloLimits.FolderLook, time);
        try
        {
            do
            {
                try
                {
                    await LookAsync().ConfigureAwait(false);
                    Volatile.Write(ref problem, null);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    Say($"The folder of tables {folder} cannot be worked in: {e.Message} Tables wait there; give this process the right to read, write and move files in it.", e);
                }
                catch (HostUnavailableException e)
                {
                    Say($"Tables in {folder} wait: {e.Message}", e);
                }
            }
            while (await timer.WaitForNextTickAsync(stopping.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The process ends; a table that was being loaded goes on at the next start.
        }
    }

    /// <summary>Once for each problem, not at each look.</summary>
    private void Say(string text, Exception e)
    {
        if (Interlocked.Exchange(ref problem, text) != text)
        {
            Log.Waits(logger, text, e);
        }
    }

    /// <summary>Takes every table that has not changed since the last look.</summary>
    private async Task LookAsync()
    {
        Directory.CreateDirectory(folder);
        Dictionary<string, (long Bytes, DateTime Written)> now = new(StringComparer.Ordinal);
        foreach (FileInfo file in new DirectoryInfo(folder).EnumerateDirectories().OrderBy(each => each.Name, StringComparer.Ordinal)
            .SelectMany(source => source.EnumerateFiles().OrderBy(each => each.LastWriteTimeUtc).ThenBy(each => each.Name, StringComparer.Ordinal)))
        {
            // A name that begins with a dot, or ends otherwise, is a table that is still being written.
            if (file.Name[0] == '.' || !Formats.TryGetValue(file.Extension, out TableFormat format))
            {
                continue;
            }

            (long, DateTime) state = (file.Length, file.LastWriteTimeUtc);
            if (seen.TryGetValue(file.FullName, out (long, DateTime) before) && before == state)
            {
                await TakeAsync(file, format).ConfigureAwait(false);
            }
            else
            {
                now[file.FullName] = state;
            }
        }

        seen = now;
    }

    private async Task TakeAsync(FileInfo file, TableFormat format)
    {
        string id = file.Directory!.Name;
        if (access.FindDevice(id) is not { Register: not null } source)
        {
            string reason = $"No source '{id}' is registered with a register. Register one (POST /api/devices with \"register\"), name the folder like it, and move the table there.";
            Log.NotTaken(logger, file.FullName, reason);
            Put(file, Refused, JsonSerializer.SerializeToUtf8Bytes(new TableRefused(reason), ApiJson.Default.TableRefused));
            return;
        }

        bool full = Path.GetFileNameWithoutExtension(file.Name).EndsWith(FullMark, StringComparison.OrdinalIgnoreCase);
        LoadOutcome outcome;
        using (FileStream table = file.OpenRead())
        {
            outcome = await loads.LoadAsync(source, _ => table, new LoadRequest(format, full), stopping.Token).ConfigureAwait(false);
        }

        if (outcome.IsCutOff)
        {
            throw new HostUnavailableException(outcome.Stopped!);
        }

        Log.Loaded(logger, file.FullName, id, source.Register, outcome.Taken, outcome.Refused, outcome.Removed, outcome.Stopped);
        Put(file, outcome.Taken == 0 && (outcome.Stopped is not null || outcome.Refused > 0) ? Refused : Done, ApiJson.Bytes(outcome, ApiJson.Default.LoadOutcome));
    }

    /// <summary>What became of it is there before the table is: who finds the table finds its outcome. A second table of the same name gets a number.</summary>
    private static void Put(FileInfo file, string where, byte[] outcome)
    {
        string to = Directory.CreateDirectory(Path.Combine(file.DirectoryName!, where)).FullName;
        string name = file.Name;
        for (int i = 2; File.Exists(Path.Combine(to, name)); i++)
        {
            name = $"{Path.GetFileNameWithoutExtension(file.Name)}-{i}{file.Extension}";
        }

        File.WriteAllBytes(Path.Combine(to, $"{name}.json"), outcome);
        file.MoveTo(Path.Combine(to, name));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The table {File} of {Source} was loaded into the register {Register}: {Taken} records taken, {Refused} refused, {Removed} removed. {Stopped}")]
        public static partial void Loaded(ILogger logger, string file, string source, string? register, long taken, long refused, long removed, string? stopped);

        [LoggerMessage(2, LogLevel.Warning, "The table {File} was not taken: {Reason}")]
        public static partial void NotTaken(ILogger logger, string file, string reason);

        [LoggerMessage(3, LogLevel.Warning, "{Problem}")]
        public static partial void Waits(ILogger logger, string problem, Exception e);
    }
}

/// <summary>Why nothing was made of a table.</summary>
internal sealed record TableRefused(string Reason);
