using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Silo.Host;
using Streaming.Silo.Views;

namespace Streaming.Tests.Parity;

/// <summary>
/// What the player needs of a host. Its clock stands still but for <see cref="AdvanceAsync"/>: the times of records, and what falls due, are the script's, so two hosts that handle the same
/// step stamp the same time on everything it leads to, however long they take.
/// </summary>
internal interface IParityHost : IAsyncDisposable
{
    /// <summary>The lists of this run of the host; another one after <see cref="ReopenAsync"/>.</summary>
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

    /// <summary>Ends this run and opens the same data again, with another rulebook where one is given.</summary>
    /// <param name="inOrder">By <see cref="ActorHost.StopAsync"/>, with every state saved; otherwise nothing is saved any more and the next run replays what is not.</param>
    /// <param name="rulebook">The rulebook to be in force from now on; null to keep it.</param>
    Task ReopenAsync(bool inOrder, Rulebook? rulebook);
}

/// <summary>
/// The hosts that the script is played on. <b>Another host is added here</b>, as one more name: its implementation opens <see cref="ParityRun"/> with its own <see cref="ITurns"/>, starts the
/// threads, and polls in <see cref="IParityHost.SettleAsync"/>.
/// </summary>
internal static class ParityHosts
{
    public const string Standalone = "standalone";

    /// <summary>Hosts of this build, the one to record on last.</summary>
    public static IReadOnlyList<string> Names { get; } = [Standalone];

    public static Task<IParityHost> OpenAsync(string name, string directory, DateTimeOffset start, Rulebook rulebook) => name switch
    {
        Standalone => StandaloneParityHost.OpenAsync(directory, start, rulebook, new StandaloneOrder(Workers: 2, Seed: null)),
        _ => throw new ArgumentException($"There is no host {name}; there are {string.Join(", ", Names)}.", nameof(name)),
    };
}
