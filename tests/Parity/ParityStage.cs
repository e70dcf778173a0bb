using Streaming.Grains.Rules;

namespace Streaming.Tests.Parity;

/// <summary>Where a script is played: data, and the host that runs on it. At every restart the next of the hosts takes the data over, the first after the last; with one host it is always that.</summary>
internal sealed class ParityStage : IAsyncDisposable
{
    private readonly ParityData data;
    private readonly IReadOnlyList<OpenParityHost> hosts;
    private Rulebook rulebook;
    private int turn;

    private ParityStage(ParityData data, Rulebook rulebook, IReadOnlyList<OpenParityHost> hosts, IParityHost host)
    {
        this.data = data;
        this.rulebook = rulebook;
        this.hosts = hosts;
        Host = host;
    }

    public IParityHost Host { get; private set; }

    public static async Task<ParityStage> OpenAsync(ParityData data, Rulebook rulebook, params IReadOnlyList<OpenParityHost> hosts) => new(data, rulebook, hosts, await hosts[0](data, rulebook));

    /// <summary>Ends the run and opens the next one.</summary>
    /// <param name="inOrder">As <see cref="IParityHost.CloseAsync"/> has it.</param>
    /// <param name="rulebook">The rulebook to be in force from now on; null to keep it.</param>
    public async Task RestartAsync(bool inOrder, Rulebook? rulebook)
    {
        this.rulebook = rulebook ?? this.rulebook;
        await Host.CloseAsync(inOrder);
        turn = (turn + 1) % hosts.Count;
        Host = await hosts[turn](data, this.rulebook);
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
