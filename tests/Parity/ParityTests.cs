using Streaming.Tests.Journal;
using Xunit;

namespace Streaming.Tests.Parity;

/// <summary>
/// One recorded script gives the same warnings, cases, work orders and feeds on every host. <c>README.md</c> says what is recorded, how, and what may differ.
/// </summary>
public sealed class ParityTests
{
    /// <summary>Names the host on which the golden files are recorded anew; see <see cref="ParityHosts.Names"/>.</summary>
    private const string RecordVariable = "STREAMING_PARITY_RECORD";

    private const int StepsBetweenRestarts = 60;

    public static TheoryData<string> Hosts => [.. ParityHosts.Names];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task The_script_gives_what_was_recorded(string host)
    {
        ParityOutcome outcome = await PlayAsync(Restarts.Never, host);
        string? record = Environment.GetEnvironmentVariable(RecordVariable);
        Assert.True(record is null || ParityHosts.Names.Contains(record), $"{RecordVariable} is {record}; it names the host to record on: {string.Join(", ", ParityHosts.Names)}.");
        if (record == host)
        {
            GoldenFiles.Write(outcome);
        }

        Same(outcome);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Restarted_again_and_again_a_host_gives_the_same(string host) => Same(await PlayAsync(new Restarts(StepsBetweenRestarts, Ending.Crash, Ending.InOrder), host));

    [Theory]
    [InlineData(3, 2)]
    public async Task In_a_drawn_order_of_its_steps_the_standalone_host_gives_the_same(int workers, int seed)
    {
        StandaloneOrder order = new(workers, seed);
        Same(await PlayAsync(Restarts.Never, statesInMemory: true, (data, rulebook) => StandaloneParityHost.OpenAsync(data, rulebook, order)));
    }

    /// <summary>Plays the script on these hosts; at every restart the next of them takes over.</summary>
    internal static Task<ParityOutcome> PlayAsync(Restarts restarts, params IReadOnlyList<string> hosts) =>
        PlayAsync(restarts, statesInMemory: hosts.All(host => host == ParityHosts.Standalone), [.. hosts.Select(ParityHosts.Find)]);

    internal static void Same(ParityOutcome outcome)
    {
        string differences = GoldenFiles.Differences(outcome);
        Assert.True(differences.Length == 0, differences);
    }

    private static async Task<ParityOutcome> PlayAsync(Restarts restarts, bool statesInMemory, params IReadOnlyList<OpenParityHost> hosts)
    {
        using TemporaryDirectory directory = new();
        IReadOnlyList<Step> script = ParityScript.Read();
        await using ParityStage stage = await ParityStage.OpenAsync(new ParityData(directory.Path, script[0].At, statesInMemory), ParityScript.Rulebook(), hosts);
        ParityPlayer player = new(stage);
        await player.PlayAsync(script, restarts);
        return await ParityOutcome.OfAsync(stage.Host, player);
    }
}
