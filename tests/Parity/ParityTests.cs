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
        ParityOutcome outcome = await PlayAsync(directory => OpenAsync(host, directory), restartEvery: 0);
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
    public async Task Restarted_again_and_again_a_host_gives_the_same(string host) =>
        Same(await PlayAsync(directory => OpenAsync(host, directory), StepsBetweenRestarts));

    [Theory]
    [InlineData(3, 2)]
    public async Task In_a_drawn_order_of_its_steps_the_standalone_host_gives_the_same(int workers, int seed)
    {
        StandaloneOrder order = new(workers, seed);
        Same(await PlayAsync(directory => StandaloneParityHost.OpenAsync(directory, ParityScript.Read()[0].At, ParityScript.Rulebook(), order), restartEvery: 0));
    }

    private static Task<IParityHost> OpenAsync(string host, string directory) => ParityHosts.OpenAsync(host, directory, ParityScript.Read()[0].At, ParityScript.Rulebook());

    private static async Task<ParityOutcome> PlayAsync(Func<string, Task<IParityHost>> open, int restartEvery)
    {
        using TemporaryDirectory directory = new();
        await using IParityHost host = await open(directory.Path);
        ParityPlayer player = new(host);
        await player.PlayAsync(ParityScript.Read(), restartEvery);
        return await ParityOutcome.OfAsync(host, player);
    }

    private static void Same(ParityOutcome outcome)
    {
        string differences = GoldenFiles.Differences(outcome);
        Assert.True(differences.Length == 0, differences);
    }
}
