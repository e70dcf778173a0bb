using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Silo.Host;
using Streaming.Silo.Views;

namespace Streaming.Tests.Parity;

/// <summary>
/// What the player needs of one run of a host. Its clock stands still but for <see cref="AdvanceAsync"/>: the times of records, and what falls due, are the script's, so two hosts that handle the same
/// step stamp the same time on everything it leads to, however long they take.
/// </summary>
internal interface IParityHost : IAsyncDisposable
{
    ViewReader Lists { get; }

    /// <summary>Appends whole records and completes once they are durable: a reading that was acknowledged.</summary>
    Task<Appended> AppendAsync(ReadOnlyMemory<byte> records);

    Task<CommandResult> CommandAsync(ActorKind kind, string key, MessageKind message, ReadOnlyMemory<byte> body);

    Task<byte[]?> DescribeAsync(ActorKind kind, string key);

    /// <summary>Moves the clock. What falls due by then falls due at this time, and is handled before <see cref="SettleAsync"/> completes.</summary>
    Task AdvanceAsync(DateTimeOffset to);

    /// <summary>Completes once nothing moves any more: everything in the journal was handled, led to nothing further, is durable and is in the lists; nothing that is due is left.</summary>
    /// <exception cref="InvalidOperationException">Something stopped, or does not come to rest.</exception>
    Task SettleAsync();

    /// <summary>Ends this run; its data can be opened again.</summary>
    /// <param name="inOrder">By <see cref="ActorHost.StopAsync"/>, with every state saved; otherwise by a crash, wherever it stands: nothing is saved any more and the next run replays what is not.</param>
    Task CloseAsync(bool inOrder);
}

/// <summary>Opens a host on new data, or on what an earlier run of any host left, under a rulebook; completes once it has come to rest.</summary>
internal delegate Task<IParityHost> OpenParityHost(ParityData data, Rulebook rulebook);

/// <summary>
/// The hosts that the script is played on. <b>Another host is added here</b>: its implementation opens <see cref="ParityRun"/> with its own <see cref="ITurns"/>, starts the
/// threads, and polls in <see cref="IParityHost.SettleAsync"/>.
/// </summary>
internal static class ParityHosts
{
    public const string Standalone = "standalone";

    private static readonly Dictionary<string, OpenParityHost> ByName = new()
    {
        [Standalone] = (data, rulebook) => StandaloneParityHost.OpenAsync(data, rulebook, new StandaloneOrder(Workers: 2, Seed: null)),
#if ORLEANS
        ["orleans"] = Orleans.OrleansParityHost.OpenAsync,
#endif
    };

    /// <summary>Hosts of this build, the one to record on last.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys];

    public static OpenParityHost Find(string name) =>
        ByName.TryGetValue(name, out OpenParityHost? open) ? open : throw new ArgumentException($"There is no host {name}; there are {string.Join(", ", Names)}.", nameof(name));
}
