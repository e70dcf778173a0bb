using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Ingest.Registers;
using Streaming.Silo.Host;
using Streaming.Silo.Views;

namespace Streaming.Silo.Registers;

/// <summary>What is asked of a load.</summary>
/// <param name="Format">How the table is written.</param>
/// <param name="Full">Entries of the source that the table does not have are removed.</param>
/// <param name="DryRun">Nothing is changed.</param>
/// <param name="Again">Also what the journal has of the same table already is taken.</param>
internal readonly record struct LoadRequest(TableFormat Format, bool Full = false, bool DryRun = false, bool Again = false);

/// <summary>Loads tables, whatever way they come in: as many at a time as there is room for, and one of a source.</summary>
internal sealed class TableLoads(IActorHost host, IIntake intake, ViewReader lists, ViewPosition position, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim free = new(SiloLimits.TableLoads, SiloLimits.TableLoads);
    private readonly ConcurrentDictionary<string, bool> underWay = new(StringComparer.Ordinal);

    /// <summary>Loads a table of a source. The outcome is on the lists when this returns.</summary>
    /// <param name="source">Whose word it is.</param>
    /// <param name="open">Opens the table; it has to seek where it is told so, because the source has delivered a part of a table that this may be.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellation">Ends it between two parts.</param>
    /// <exception cref="HostUnavailableException">It cannot be loaded now; the message says why.</exception>
    public async Task<LoadOutcome> LoadAsync(SourceRegistration source, Func<bool, Stream> open, LoadRequest request, CancellationToken cancellation)
    {
        if (host.NotReady is { } reason)
        {
            throw new HostUnavailableException(reason);
        }

        if (!underWay.TryAdd(source.Id, true))
        {
            throw new HostUnavailableException($"A table of {source.Id} is being loaded already; send this one when it is done.");
        }

        try
        {
            if (!await free.WaitAsync(0, cancellation).ConfigureAwait(false))
            {
                throw new HostUnavailableException($"{SiloLimits.TableLoads} tables are being loaded already; try again when one is done.");
            }

            try
            {
                LoadProgress? progress = request.DryRun || request.Again ? null : await ProgressAsync(source.Id, cancellation).ConfigureAwait(false);
                RegisterLoad load = new(source, request.DryRun ? null : intake, time, progress);
                LoadOutcome outcome = await load.RunAsync(open(progress is not null), request.Format, request.Full ? stop => SpokenOfAsync(source, stop) : null, cancellation).ConfigureAwait(false);
                if (outcome.Position > 0)
                {
                    // What its entries show comes one turn later.
                    await position.TryWaitAsync(outcome.Position, time, cancellation).ConfigureAwait(false);
                }

                return outcome;
            }
            finally
            {
                free.Release();
            }
        }
        finally
        {
            underWay.TryRemove(source.Id, out _);
        }
    }

    public void Dispose() => free.Dispose();

    /// <summary>What the source has delivered of its last table; null where there is none, or it is older than a cut-off load is worth remembering.</summary>
    private async ValueTask<LoadProgress?> ProgressAsync(string source, CancellationToken cancellation)
    {
        byte[]? state = await host.DescribeAsync(ActorKind.Source, source, cancellation).ConfigureAwait(false);
        if (state is null)
        {
            return null;
        }

        using JsonDocument json = JsonDocument.Parse(state);
        if (!json.RootElement.TryGetProperty("load", out JsonElement load) || time.GetUtcNow() - load.GetProperty("at").GetDateTimeOffset() > SiloLimits.TableRemembered)
        {
            return null;
        }

        return new LoadProgress(load.GetProperty("chunks").GetUInt32(), Hash(load, "first"), Hash(load, "hash"));

        static ulong Hash(JsonElement load, string name) => ulong.Parse(load.GetProperty(name).GetString()!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    /// <summary>Keys of the entries that a source has spoken of, newest first.</summary>
    private async IAsyncEnumerable<string> SpokenOfAsync(SourceRegistration source, [EnumeratorCancellation] CancellationToken cancellation)
    {
        long? after = null;
        do
        {
            ViewQuery query = new(View.Registers) { Register = source.Register, Refs = [$"source={source.Id}"], Limit = ViewLimits.PageRows, After = after };
            Page<byte[]> page = await lists.ListAsync(query, cancellation).ConfigureAwait(false);
            foreach (byte[] row in page.Items)
            {
                yield return JsonSerializer.Deserialize(row, GrainsJson.Default.EntryRow)!.Key;
            }

            after = page.Next;
        }
        while (after is not null);
    }
}
