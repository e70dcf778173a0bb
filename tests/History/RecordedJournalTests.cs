using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Silo.Cli;
using Streaming.Silo.History;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Tests.Parity;
using Xunit;
using Xunit.Abstractions;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.History;

/// <summary>The recorded journal of some days, run under other rules and decoded once more.</summary>
public sealed class RecordedJournalTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 9, 18, 20, 0, 0, TimeSpan.Zero);
    private readonly string directory = Directory.CreateTempSubdirectory("recorded").FullName;
    private ParityData data = null!;
    private CityLife life = null!;

    public async Task InitializeAsync()
    {
        data = new ParityData(directory, Start, statesInMemory: false);
        life = new CityLife(data, 5, newRules: false);
        await life.LiveAsync(250, TimeSpan.FromMinutes(15), ParityHosts.Find(ParityHosts.Standalone));
    }

    public Task DisposeAsync()
    {
        Directory.Delete(directory, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public void What_was_recorded_comes_back_under_its_own_rules_and_differs_under_others()
    {
        IReadOnlyList<BackTestKind> same = BackTest(ParityScript.Rulebook(), out BackTest test);
        Write(same);
        Assert.True(same.Sum(kind => kind.RaisedThen) > 20);
        Assert.All(same, kind => Assert.False(kind.Differs, $"{kind.Kind} differs under the rules that were in force"));
        Assert.Equal(0, test.Spills);

        // Actors that are put aside and come back change nothing.
        IReadOnlyList<BackTestKind> spilled = BackTest(ParityScript.Rulebook(), out BackTest small, mostActors: 3);
        Assert.True(small.Spills > 100);
        Assert.Equal(test.CommandsRefused, small.CommandsRefused);
        Assert.Equal(Text(same), Text(spilled));

        Rulebook strict = Stricter();
        IReadOnlyList<BackTestKind> other = BackTest(strict, out _);
        Write(other);
        BackTestKind road = other.Single(kind => kind.Kind == "over-road-limit");
        Assert.Equal(same.Single(kind => kind.Kind == "over-road-limit").RaisedThen, road.RaisedThen);
        Assert.True(road is { RaisedNow: > 0, OnlyNow: > 0 } && road.RaisedNow > road.RaisedThen);
        Assert.InRange(road.FirstOnlyNow.Count, 1, 5);
        Assert.StartsWith("vehicle:", road.FirstOnlyNow[0].Subject, StringComparison.Ordinal);
        Assert.Equal(Text(other), Text(BackTest(strict, out _, mostActors: 3)));
    }

    /// <summary>Regression: what a turn led to by way of another one did not count as then where it was journaled a moment later, so every case was one that there is only now.</summary>
    [Fact]
    public void What_was_journaled_a_moment_after_what_led_to_it_counts_as_then()
    {
        using Past past = new(data);
        string scratch = Directory.CreateTempSubdirectory("backtest").FullName;
        try
        {
            using BackTest test = new(ParityScript.Rulebook(), scratch);
            long recordedMs = 0;
            long shiftMs = 0;
            foreach ((long first, ReadOnlyMemory<byte> run) in new RecordedJournal(data.JournalDisk).Runs())
            {
                ReadOnlyMemory<byte> rest = run;
                for (long position = first; rest.Length > 0; position++)
                {
                    byte[] record = RecordedJournal.Next(ref rest).ToArray();
                    ReadOnlySpan<byte> bytes = record;
                    long timeMs = Record.Next(ref bytes).TimeMs;
                    shiftMs = timeMs == recordedMs ? shiftMs + 1 : 0;
                    recordedMs = timeMs;
                    Record.Stamp(record, timeMs + shiftMs);
                    test.Take(position, record);
                }
            }

            IReadOnlyList<BackTestKind> kinds = test.Finish();
            Assert.True(kinds.Sum(kind => kind.CasesThen) > 5);

            // What a source is warned of began when it was found, which is the moment that is moved here.
            Assert.All(kinds, kind => Assert.False(kind.Differs && !kind.Kind.StartsWith("source-", StringComparison.Ordinal), $"{kind.Kind}: {kind.CasesThen} cases then, {kind.CasesNow} now"));
            Assert.All(kinds, kind => Assert.Equal(kind.CasesThen, kind.CasesNow));
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    [Fact]
    public void A_part_of_it_begins_with_the_states_as_of_then()
    {
        long from = Start.AddHours(28).ToUnixTimeMilliseconds();
        using Past past = new(data);
        using (IPastStates states = past.OpenStates())
        {
            IReadOnlyList<BackTestKind> part = BackTest(ParityScript.Rulebook(), out BackTest test, states, from);
            Write(part);
            output.WriteLine($"{test.BegunAsOfThen} as of then, {test.WarmedUp} warm up");
            Assert.True(test.BegunAsOfThen > 5);
            Assert.True(part.Sum(kind => kind.OnlyThen + kind.OnlyNow) <= test.WarmedUp, "more differs than has to warm up");
        }

        BackTest(ParityScript.Rulebook(), out BackTest cold, null, from);
        Assert.Equal(0, cold.BegunAsOfThen);
        Assert.True(cold.WarmedUp > 0);
    }

    [Fact]
    public void A_scan_picks_the_records_of_one_actor_from_either_end()
    {
        using Past past = new(data);
        InputJournal journal = past.Run.Host.Journal;
        string vehicle = CityLife.Vehicle(3);
        List<long> expected = [];
        foreach ((long first, ReadOnlyMemory<byte> run) in new RecordedJournal(data.JournalDisk).Runs())
        {
            ReadOnlyMemory<byte> rest = run;
            for (long position = first; rest.Length > 0; position++)
            {
                List<ulong> hashes = [];
                RecordSubjects.Collect(RecordedJournal.Next(ref rest).Span, hashes);
                if (hashes.Contains(Partition.HashOf(ActorKind.Vehicle, vehicle)))
                {
                    expected.Add(position);
                }
            }
        }

        JournalScan scan = new(journal, window: 100);
        Assert.True(expected.Count > 20);
        Assert.Equal(expected, Positions(scan, vehicle, 1, long.MaxValue, false));
        Assert.Equal(expected.AsEnumerable().Reverse(), Positions(scan, vehicle, 1, long.MaxValue, true));
        (long from, long through) = (expected[3], expected[^4]);
        Assert.Equal(expected[3..^3], Positions(scan, vehicle, from, through, false));
        Assert.Equal(expected[3..^3].AsEnumerable().Reverse(), Positions(scan, vehicle, from, through, true));
        Assert.Empty(Positions(scan, vehicle, through + 1, through, false));
        Assert.Equal(new HistoryReach(1, Start.ToUnixTimeMilliseconds()), scan.Reach(ActorKind.Vehicle));
        Assert.Equal(0, scan.PositionAt(Start.ToUnixTimeMilliseconds() - 1));
        Assert.Equal(journal.DurablePosition, scan.PositionAt(long.MaxValue));
        long at = scan.PositionAt(Start.AddHours(28).ToUnixTimeMilliseconds());
        Assert.InRange(at, 2, journal.DurablePosition - 1);
        Assert.Equal((at, at + 1), (scan.PositionAt(TimeOf(journal, at)), scan.PositionAt(TimeOf(journal, at) + 1) + 1));

        static IEnumerable<long> Positions(JournalScan scan, string key, long from, long through, bool newestFirst) =>
            scan.Read(ActorKind.Vehicle, key, from, through, newestFirst, CancellationToken.None).Select(record => record.Position);
    }

    private static long TimeOf(InputJournal journal, long wanted)
    {
        using JournalReplay read = journal.Read(wanted, wanted);
        Assert.True(read.TryRead(out BlockHeader header, out ReadOnlySpan<byte> records));
        for (long position = header.FirstPosition; ; position++)
        {
            Record record = Record.Next(ref records);
            if (position == wanted)
            {
                return record.TimeMs;
            }
        }
    }

    [Fact]
    public void Every_record_is_read_once_and_damage_is_said()
    {
        using Past past = new(data);
        List<long> positions = [];
        foreach ((long first, ReadOnlyMemory<byte> run) in new RecordedJournal(data.JournalDisk).Runs())
        {
            ReadOnlyMemory<byte> rest = run;
            for (long position = first; rest.Length > 0; position++)
            {
                RecordedJournal.Next(ref rest);
                positions.Add(position);
            }
        }

        Assert.Equal(Enumerable.Range(1, (int)past.Run.Host.DurablePosition).Select(position => (long)position), positions);
        string name = data.JournalDisk.List().First(file => file.EndsWith(".seg", StringComparison.Ordinal));
        using IDiskFile file = data.JournalDisk.Open(name);
        byte[] flipped = new byte[1];
        file.Read(100_000, flipped);
        flipped[0] ^= 0x10;
        file.Write(100_000, flipped);
        Assert.Throws<JournalDamagedException>(() => new RecordedJournal(data.JournalDisk).Runs().Count());
    }

    [Fact]
    public void The_same_decoder_reads_the_same_and_the_verbs_say_so()
    {
        string copy = CopyJournal();
        using StringWriter words = new();
        using StringWriter problems = new();
        Assert.Equal(0, RedecodeVerb.Run(new RedecodeOptions(copy, null, null, null, false), words, problems, CancellationToken.None));
        Assert.Matches("^[1-9][0-9]* payloads: [1-9][0-9]* readings identical, 0 different, 0 newly rejected, 0 newly accepted", words.ToString());
        words.GetStringBuilder().Clear();
        Assert.Equal(0, RedecodeVerb.Run(new RedecodeOptions(copy, "S01", Start.AddHours(1).ToUnixTimeMilliseconds(), null, true), words, problems, CancellationToken.None));
        Assert.Equal(0, JsonDocument.Parse(words.ToString()).RootElement.GetProperty("different").GetInt32());
        words.GetStringBuilder().Clear();

        string city = Path.Combine(ParityScript.Directory, "city");
        Assert.Equal(0, BackTestVerb.Run(new BackTestOptions(copy, city, null, null, false), words, problems, CancellationToken.None));
        Assert.Matches("(?m)^over-road-limit +([1-9][0-9]*) +\\1 +0 +0 ", words.ToString());
        words.GetStringBuilder().Clear();
        Assert.Equal(0, BackTestVerb.Run(new BackTestOptions(copy, city, Start.AddHours(28).ToUnixTimeMilliseconds(), Start.AddHours(50).ToUnixTimeMilliseconds(), true), words, problems, CancellationToken.None));
        Assert.True(JsonDocument.Parse(words.ToString()).RootElement.GetProperty("begunAsOfThen").GetInt32() > 0);
        Assert.Equal("", problems.ToString());
        Assert.Equal(1, BackTestVerb.Run(new BackTestOptions(directory, city, null, null, false), words, problems, CancellationToken.None));
        Assert.Contains("has no journal", problems.ToString(), StringComparison.Ordinal);
    }

    private static string Text(IReadOnlyList<BackTestKind> kinds) => JsonSerializer.Serialize(kinds);

    private void Write(IReadOnlyList<BackTestKind> kinds) => output.WriteLine(Text(kinds));

    /// <summary>The limit of every vehicle lowered to 10 t.</summary>
    private static Rulebook Stricter()
    {
        string json = Encoding.UTF8.GetString(ParityScript.Rulebook().ToJson());
        string strict = System.Text.RegularExpressions.Regex.Replace(json, "\"(rigidKg|combinationKg|singleDriveAxleKg)\":[0-9]+", "\"$1\":10000");
        Assert.NotEqual(json, strict);
        return Rulebook.Parse(Encoding.UTF8.GetBytes(strict));
    }

    private IReadOnlyList<BackTestKind> BackTest(Rulebook rules, out BackTest test, IPastStates? states = null, long from = long.MinValue, int mostActors = 10_000)
    {
        DirectoryInfo scratch = Directory.CreateDirectory(Path.Combine(directory, Path.GetRandomFileName()));
        using (test = new BackTest(rules, scratch.FullName, from, states, mostActors))
        {
            BackTestVerb.Play(test, new RecordedJournal(data.JournalDisk), long.MaxValue, CancellationToken.None);
            return test.Finish();
        }
    }

    /// <summary>A data directory with the journal and the states.</summary>
    private string CopyJournal()
    {
        string copy = Path.Combine(directory, "copy");
        Directory.CreateDirectory(Path.Combine(copy, "journal"));
        File.Copy(data.StatesPath, Path.Combine(copy, "state.db"));
        foreach (string name in data.JournalDisk.List())
        {
            using IDiskFile file = data.JournalDisk.Open(name);
            byte[] bytes = new byte[file.Length];
            file.Read(0, bytes);
            File.WriteAllBytes(Path.Combine(copy, "journal", name), bytes);
        }

        return copy;
    }
}
