using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Models.Wording;
using Streaming.Silo.History;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Cli;

/// <summary><c>backtest</c>: the recorded inputs under another rulebook.</summary>
internal static class BackTestVerb
{
    public static int Run(BackTestOptions options, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        if (Rulebook.Load(options.CityDirectory, out IReadOnlyList<RulebookProblem> problems) is not { } rules)
        {
            error.WriteLine($"The rulebook in {options.CityDirectory} is not valid:{string.Concat(problems.Select(problem => $"\n  {problem}"))}");
            return 1;
        }

        return Verify.OnJournal(options.Directory, error, disk =>
        {
            DirectoryInfo scratch = Directory.CreateTempSubdirectory("streaming-backtest-");
            try
            {
                using IPastStates? states = options.FromMs is null ? null : StatesOf(options.Directory, error);
                using BackTest test = new(rules, scratch.FullName, options.FromMs ?? long.MinValue, states);
                Play(test, new RecordedJournal(disk), options.ToMs ?? long.MaxValue, cancellation);
                Print(options, test, test.Finish(), output);
                return 0;
            }
            catch (JournalDamagedException damage)
            {
                error.WriteLine(damage.Message);
                return 1;
            }
            finally
            {
                scratch.Delete(recursive: true);
            }
        });
    }

    /// <summary>Gives it every record before a time, and of those behind it as many as may tell what the last inputs led to.</summary>
    public static void Play(BackTest test, RecordedJournal journal, long toMs, CancellationToken cancellation)
    {
        foreach ((long first, ReadOnlyMemory<byte> run) in journal.Runs())
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlyMemory<byte> rest = run;
            for (long position = first; rest.Length > 0; position++)
            {
                ReadOnlySpan<byte> record = RecordedJournal.Next(ref rest).Span;
                ReadOnlySpan<byte> bytes = record;
                long timeMs = Record.Next(ref bytes).TimeMs;
                if (timeMs >= toMs && timeMs - SiloLimits.BackTestTailMs >= toMs)
                {
                    return;
                }

                test.Take(position, record, run: timeMs < toMs);
            }
        }
    }

    private static SqlitePastStates? StatesOf(string directory, TextWriter error)
    {
        string path = Path.Combine(directory, "state.db");
        try
        {
            return File.Exists(path) ? SqlitePastStates.OpenForReading(path) : null;
        }
        catch (SqliteException failure)
        {
            error.WriteLine($"{path} cannot be read ({failure.Message}); every actor begins with nothing and warms up.");
            return null;
        }
    }

    private static void Print(BackTestOptions options, BackTest test, IReadOnlyList<BackTestKind> kinds, TextWriter output)
    {
        if (options.Json)
        {
            output.WriteLine(Json(test, kinds));
            return;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{test.Inputs} inputs under the rulebook of {options.CityDirectory}."));
        if (options.FromMs is not null)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{test.BegunAsOfThen} actors began with their state as of then; {test.WarmedUp} warm up from an older one or from nothing, and differ from what happened until they have."));
        }

        if (test.CommandsRefused > 0)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{test.CommandsRefused} commands are refused: what they were about does not exist, or is in another state. Which of them were refused then too is not recorded."));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"warnings",-32} {"then",9} {"now",9} {"only then",9} {"only now",9} {"cases then",11} {"cases now",10}"));
        foreach (BackTestKind kind in kinds)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind.Kind,-32} {kind.RaisedThen,9} {kind.RaisedNow,9} {kind.OnlyThen,9} {kind.OnlyNow,9} {kind.CasesThen,11} {kind.CasesNow,10}"));
            PrintFirst(output, "only then", kind.FirstOnlyThen);
            PrintFirst(output, "only now", kind.FirstOnlyNow);
        }
    }

    private static void PrintFirst(TextWriter output, string what, List<BackTestExample> examples)
    {
        foreach (BackTestExample example in examples)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what}: {example.Subject}, reading of {FigureText.Time(example.SinceMs)}, position {example.Position}"));
        }
    }

    private static string Json(BackTest test, IReadOnlyList<BackTestKind> kinds)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, GrainsJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteNumber("inputs", test.Inputs);
            json.WriteNumber("begunAsOfThen", test.BegunAsOfThen);
            json.WriteNumber("warmedUp", test.WarmedUp);
            json.WriteNumber("commandsRefused", test.CommandsRefused);
            json.WriteStartArray("kinds");
            foreach (BackTestKind kind in kinds)
            {
                json.WriteStartObject();
                json.WriteString("kind", kind.Kind);
                json.WriteNumber("raisedThen", kind.RaisedThen);
                json.WriteNumber("raisedNow", kind.RaisedNow);
                json.WriteNumber("onlyThen", kind.OnlyThen);
                json.WriteNumber("onlyNow", kind.OnlyNow);
                json.WriteNumber("casesThen", kind.CasesThen);
                json.WriteNumber("casesNow", kind.CasesNow);
                Write(json, "firstOnlyThen", kind.FirstOnlyThen);
                Write(json, "firstOnlyNow", kind.FirstOnlyNow);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter json, string name, List<BackTestExample> examples)
    {
        json.WriteStartArray(name);
        foreach (BackTestExample example in examples)
        {
            json.WriteStartObject();
            json.WriteString("subject", example.Subject);
            json.WriteString("at", DateTimeOffset.FromUnixTimeMilliseconds(example.SinceMs));
            json.WriteNumber("position", example.Position);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
