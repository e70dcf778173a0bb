using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Streaming.Grains.Turns;
using Streaming.Silo.Host;
using Streaming.Tests.EndToEnd;
using Streaming.Tests.Journal;
using Streaming.Tests.Parity;
using Xunit;

namespace Streaming.Tests.Upgrade;

/// <summary>
/// Data directories that earlier versions wrote start under this one, on every host: states, lists, cases, feeds, rulebook and identities are as recorded beside them, and what was to fall due does. <c>README.md</c> says what to do
/// where this fails, and how a version adds its sample.
/// </summary>
public sealed class UpgradeTests : IDisposable
{
    /// <summary>Names a new sample to be written.</summary>
    private const string RecordVariable = "STREAMING_UPGRADE_RECORD";

    /// <summary>The moment of the failure of power, and the same directory a while later.</summary>
    private const string Then = "then";

    private const string Later = "later";

    /// <summary>Steps of the parity script that a sample plays, and of those the ones whose consequences its end cuts off.</summary>
    private const int Steps = 500;

    private const int StepsCutOff = 6;

    private static readonly string[] LaterFiles = ["cases", "workorders", "feeds"];

    private static readonly TimeSpan While = TimeSpan.FromDays(12);

    private readonly TemporaryDirectory directory = new();

    public static TheoryData<string, string> Samples
    {
        get
        {
            TheoryData<string, string> samples = [];
            foreach (string name in UpgradeSample.Names)
            {
                foreach (string host in ParityHosts.Names)
                {
                    samples.Add(name, host);
                }
            }

            return samples;
        }
    }

    public static TheoryData<string> SampleNames => [.. UpgradeSample.Names];

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task There_are_samples_and_a_new_one_is_written_on_request()
    {
        string? name = Environment.GetEnvironmentVariable(RecordVariable);
        if (name is not null)
        {
            await RecordAsync(UpgradeSample.Find(name));
        }

        Assert.True(UpgradeSample.Names.Count > 0 || name is not null, "The samples are gone: they may only grow.");
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task A_sample_starts_with_everything_that_was_in_it(string name, string host)
    {
        UpgradeSample sample = UpgradeSample.Find(name);
        ParityData data = sample.Open(directory.Path);
        await using ParityStage stage = await ParityStage.OpenAsync(data, ParityScript.Rulebook(sample.About.Rulebook), ParityHosts.Find(host));
        Same(sample, Then, (await OutcomeAsync(stage, sample)).Files);

        // Identities: what was counted is not counted again.
        string vehicles = Weighings(await OutcomeAsync(stage, sample));
        ParityPlayer player = new(stage);
        await player.RepeatAsync(ParityScript.Read().Take(Steps - StepsCutOff).ToList());
        Assert.Equal(vehicles, Weighings(await OutcomeAsync(stage, sample)));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task What_was_to_fall_due_in_a_sample_falls_due(string name, string host)
    {
        UpgradeSample sample = UpgradeSample.Find(name);
        ParityData data = sample.Open(directory.Path);
        await using ParityStage stage = await ParityStage.OpenAsync(data, ParityScript.Rulebook(sample.About.Rulebook), ParityHosts.Find(host));
        Same(sample, Later, await WaitAsync(stage, sample));
    }

    [Theory]
    [MemberData(nameof(SampleNames))]
    public async Task The_real_process_starts_on_a_sample_and_finds_it_sound(string name)
    {
        UpgradeSample sample = UpgradeSample.Find(name);
        string data = Path.Combine(directory.Path, "data");
        sample.Unpack(data);
        (int code, string report) = await SiloProcess.RunAsync("verify", data);
        Assert.True(code == 0, report);
        await using SiloProcess silo = new(data);
        await silo.StartAsync();
        int compared = 0;
        foreach (JsonElement recorded in sample.Golden(Then)["vehicles"].Select(line => JsonSerializer.Deserialize<JsonElement>(line)))
        {
            // The process goes by the real clock, by which a vehicle of the sample may have been forgotten long ago; one with an open warning never is.
            if (recorded.TryGetProperty("weighings", out JsonElement weighings) && recorded.TryGetProperty("openWarnings", out JsonElement open) && open.GetArrayLength() > 0)
            {
                string key = recorded.GetProperty("actor").GetString()!["vehicle:".Length..];
                Assert.Equal(weighings.GetInt32(), (await silo.GetAsync($"/api/vehicles/{Uri.EscapeDataString(key)}"))!.Value.GetProperty("weighings").GetInt32());
                compared++;
            }
        }

        Assert.True(compared > 0, "The sample has no vehicle with an open warning.");
    }

    [Theory]
    [MemberData(nameof(SampleNames))]
    public void A_sample_holds_every_kind_of_actor_reminders_and_what_was_not_finished(string name)
    {
        UpgradeSample sample = UpgradeSample.Find(name);
        sample.Unpack(directory.Path);
        HashSet<ActorKind> kinds = [];
        bool outbox = false;
        using (SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(directory.Path, "state.db"), Pooling = false }.ToString()))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "SELECT kind, key, position, state FROM actors";
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                ActorKind kind = (ActorKind)reader.GetInt64(0);
                kinds.Add(kind);
                HostedActor actor = new(kind, reader.GetString(1), ActorFactory.Create);
                actor.Load((byte[])reader.GetValue(3), reader.GetInt64(2));
                outbox |= actor.Outbox is { Count: > 0 };
            }
        }

        Assert.Equal(Enum.GetValues<ActorKind>().Order(), kinds.Order());
        Assert.Equal(sample.About.Host == "orleans", outbox);
        using SqliteStateStore states = new(Path.Combine(directory.Path, "state.db"));
        Assert.Contains(states.Reminders(), reminder => reminder.DueMs > sample.About.At.ToUnixTimeMilliseconds());
        Assert.True(states.Rulebooks().Count > 1, "The sample knows one rulebook only.");
        SortedDictionary<string, string[]> golden = sample.Golden(Then);
        Assert.Contains(golden["cases"], line => line.Contains("\"state\":\"open\"", StringComparison.Ordinal));
        Assert.NotEmpty(golden["quarantine"]);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(directory.Path, "history"), "*.idx"));
    }

    /// <summary>Plays the beginning of the parity script on the last host that this build has, and lets the power fail over its last steps.</summary>
    private async Task RecordAsync(UpgradeSample sample)
    {
        Assert.False(Directory.Exists(sample.Directory), $"{sample.Directory} is there. A sample is never written anew: choose another name.");
        string host = ParityHosts.Names[^1];
        List<Step> steps = [.. ParityScript.Read().Take(Steps)];
        ParityData data = new(directory.Path, steps[0].At, statesInMemory: false);
        ParityStage stage = await ParityStage.OpenAsync(data, ParityScript.Rulebook(), ParityHosts.Find(host));
        ParityPlayer player = new(stage);
        await player.PlayAsync(steps[..^StepsCutOff], Restarts.Never);
        await player.PlayWithoutRestAsync(steps[^StepsCutOff..]);
        await stage.Host.CloseAsync(inOrder: false);
        sample.Write(data, new SampleAbout(host, steps[^1].At, steps.OfType<RulebookStep>().Last().Directory, [.. player.Actors.Select(actor => new SampleActor(actor.Kind.ToString(), actor.Key))]));

        using TemporaryDirectory read = new();
        await using ParityStage reading = await ParityStage.OpenAsync(sample.Open(read.Path), ParityScript.Rulebook(sample.About.Rulebook), ParityHosts.Find(ParityHosts.Standalone));
        sample.WriteGolden(Then, (await OutcomeAsync(reading, sample)).Files);
        sample.WriteGolden(Later, await WaitAsync(reading, sample));
    }

    private static Task<ParityOutcome> OutcomeAsync(ParityStage stage, UpgradeSample sample) => ParityOutcome.OfAsync(stage.Host, [.. sample.About.Actors.Select(actor => actor.Id)], []);

    private static async Task<SortedDictionary<string, string[]>> WaitAsync(ParityStage stage, UpgradeSample sample)
    {
        // Day by day, so that what falls due does so near its time, on every host at the same.
        for (int day = 1; day <= While.Days; day++)
        {
            await stage.Host.AdvanceAsync(sample.About.At.AddDays(day));
            await stage.Host.SettleAsync();
        }

        // What has not changed since stands with the earlier moment.
        SortedDictionary<string, string[]> files = (await OutcomeAsync(stage, sample)).Files;
        SortedDictionary<string, string[]> then = sample.Golden(Then);
        return new SortedDictionary<string, string[]>(LaterFiles.ToDictionary(file => file, file => files[file].Except(then[file]).ToArray()), StringComparer.Ordinal);
    }

    /// <summary>How often each vehicle was weighed.</summary>
    private static string Weighings(ParityOutcome outcome)
    {
        StringBuilder all = new();
        foreach (JsonElement vehicle in outcome.Files["vehicles"].Select(line => JsonSerializer.Deserialize<JsonElement>(line)))
        {
            int weighings = vehicle.TryGetProperty("weighings", out JsonElement count) ? count.GetInt32() : 0;
            all.Append(CultureInfo.InvariantCulture, $"{vehicle.GetProperty("actor")} {weighings}\n");
        }

        return all.ToString();
    }

    private static void Same(UpgradeSample sample, string moment, SortedDictionary<string, string[]> files)
    {
        SortedDictionary<string, string[]> golden = sample.Golden(moment);
        Assert.Equal(golden.Keys, files.Keys);
        foreach ((string file, string[] lines) in golden)
        {
            for (int i = 0; i < Math.Max(lines.Length, files[file].Length); i++)
            {
                string recorded = i < lines.Length ? lines[i] : "(no line)";
                string now = i < files[file].Length ? files[file][i] : "(no line)";
                Assert.True(recorded == now, $"{sample.Directory}/{moment}/{file}.jsonl, line {i + 1}, is not what this version finds in the data. tests/Upgrade/README.md says what to do.\n  recorded: {recorded}\n  now:      {now}");
            }
        }
    }
}
