using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Streaming.Ingest.Formats;
using Streaming.Models;
using Streaming.Silo.Host;
using Streaming.Silo.Training;

namespace Streaming.Silo.Cli;

/// <summary>
/// The verbs and their options. Parsing alone: what a verb does is in <see cref="Verbs"/>. Exit codes: 0 done, 1 done and something is wrong, 2 not understood.
/// </summary>
internal sealed class CommandLine
{
    /// <summary>The command line was not understood; nothing was done.</summary>
    public const int NotUnderstood = 2;

    private readonly Verbs verbs;
    private readonly Func<string, string?> environment;
    private readonly RootCommand root;

    /// <param name="verbs">What the verbs do.</param>
    /// <param name="environment">Looks an environment variable up.</param>
    public CommandLine(Verbs verbs, Func<string, string?> environment)
    {
        this.verbs = verbs;
        this.environment = environment;
        root = new RootCommand("Streaming: weigh stations, cameras and hazmat supervision of a city.") { Up(), Replay(), Decode(), Verify(), BackTest(), Redecode(), Train(), Scoreboard(), Bench(), Doctor(), Config() };
    }

    /// <summary>Runs the verb that the arguments name.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        ParseResult parsed = root.Parse(arguments);
        bool asksForHelp = parsed.Action is System.CommandLine.Help.HelpAction || parsed.GetResult("--version") is OptionResult { Implicit: false };
        if (parsed.Errors.Count > 0 && !asksForHelp)
        {
            string[] messages = parsed.CommandResult.Command == root && parsed.UnmatchedTokens is [string word, ..]
                ? [$"There is no verb \"{word}\". There are {string.Join(", ", root.Subcommands.Select(command => command.Name))}."]
                : [.. parsed.Errors.Select(problem => problem.Message).Distinct()];
            foreach (string message in messages)
            {
                await error.WriteLineAsync(message).ConfigureAwait(false);
            }

            string verb = parsed.CommandResult.Command == root ? "" : parsed.CommandResult.Command.Name + " ";
            await error.WriteLineAsync($"See: ./streaming {verb}--help").ConfigureAwait(false);
            return NotUnderstood;
        }

        InvocationConfiguration invocation = new() { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = CliLimits.Termination };
        return await parsed.InvokeAsync(invocation, cancellation).ConfigureAwait(false);
    }

    private Command Up()
    {
        UpArguments options = new(environment);
        Command command = new("up", "Run it, in the foreground.");
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => verbs.Up(options.Read(parsed), cancellation));
        return command;
    }

    private Command Replay()
    {
        Argument<string> file = ExistingFile("The recorded file.");
        Option<FileFormat> format = Format();
        Option<string> source = new("--source") { HelpName = "ID", Required = true, Description = "Device that the readings are published as." };
        Option<double?> speed = new("--speed") { HelpName = "N", Description = "1 is as fast as it happened, 10 ten times as fast. Without it as fast as it is taken." };
        Option<string> host = new("--host") { HelpName = "H", Description = "Where the silo runs.", DefaultValueFactory = _ => "localhost" };
        Option<int> mqtt = PortOption("--mqtt", "Its MQTT port.", CliLimits.MqttPort);
        Option<int> http = PortOption("--http", "Its HTTP port, where the device is registered if no password is given.", CliLimits.HttpPort);
        Option<string?> password = new("--password") { HelpName = "P", Description = $"The device's password. Without it the device is registered first, with the token in {UpArguments.AdminTokenVariable}." };
        Option<string> district = new("--district") { HelpName = "D", Description = "District that the device is registered in.", DefaultValueFactory = _ => "harbour" };
        Option<double?> accuracy = new("--accuracy") { HelpName = "PCT", Description = "Accuracy that the device is registered with: ± percent of the gross mass." };
        Option<double> offset = UtcOffset();
        Option<bool> keepTimes = new("--keep-times") { Description = "Leave recorded times as they are. Otherwise MON records are moved by whole days, so that the last lies within the past day." };
        Require(speed, value => value is null or > 0, "--speed must be above 0.");
        Require(accuracy, value => value is null or (> 0 and <= 50), "--accuracy must be above 0 and at most 50.");
        Command command = new("replay", "Publish a recorded file over MQTT, as a device would.") { file, format, source, speed, host, mqtt, http, password, district, accuracy, offset, keepTimes };
        command.Validators.Add(result => Require(
            result,
            result.GetResult(password) is not null || environment(UpArguments.AdminTokenVariable) is { Length: > 0 },
            $"Give --password of a registered device, or set {UpArguments.AdminTokenVariable} so that the device can be registered."));
        command.SetAction((parsed, cancellation) => verbs.Replay(
            new ReplayOptions(
                parsed.GetRequiredValue(file),
                parsed.GetRequiredValue(format),
                parsed.GetRequiredValue(source),
                parsed.GetValue(speed),
                parsed.GetRequiredValue(host),
                parsed.GetRequiredValue(mqtt),
                parsed.GetRequiredValue(http),
                parsed.GetValue(password),
                environment(UpArguments.AdminTokenVariable),
                parsed.GetRequiredValue(district),
                parsed.GetValue(accuracy),
                TimeSpan.FromHours(parsed.GetValue(offset)),
                parsed.GetValue(keepTimes)),
            cancellation));
        return command;
    }

    private Command Decode()
    {
        Argument<string> file = ExistingFile("The recorded file.");
        Option<FileFormat> format = Format();
        Option<string> topic = new("--topic") { HelpName = "TOPIC", Description = "Topic of payloads that come without one.", DefaultValueFactory = _ => "v1/wim/file/1" };
        Option<double> offset = UtcOffset();
        Command command = new("decode", "Show what would become of a recorded file, reading by reading. Nothing is published.") { file, format, topic, offset };
        command.SetAction(parsed => verbs.Decode(new DecodeOptions(
            parsed.GetRequiredValue(file),
            new FileDecoderOptions(parsed.GetRequiredValue(format), parsed.GetRequiredValue(topic), TimeSpan.FromHours(parsed.GetValue(offset))))));
        return command;
    }

    private Command Verify()
    {
        Argument<string> directory = ExistingDirectory("DIR", "The data directory, or the journal in it. A silo may be running on it.");
        directory.Arity = ArgumentArity.ZeroOrOne;
        Option<string?> dossier = new("--dossier") { HelpName = "FILE", Description = "Check the dossier of a case instead: chain, signatures, hashes. Nothing else is needed." };
        dossier.Validators.Add(result => Require(result, result.Tokens.Count == 0 || File.Exists(result.Tokens[0].Value), () => $"There is no file {result.Tokens[0].Value}."));
        Command command = new("verify", "Check a journal from its first byte to its last, and the records of all cases.") { directory, dossier };
        command.Validators.Add(result => Require(result, (result.GetResult(directory)?.Tokens.Count ?? 0) + (result.GetResult(dossier)?.Tokens.Count ?? 0) == 1, "Say what is to be checked: the data directory, or a dossier with --dossier FILE."));
        command.SetAction(parsed => parsed.GetValue(dossier) is { } file ? verbs.VerifyDossier(Path.GetFullPath(file)) : verbs.Verify(Path.GetFullPath(parsed.GetValue(directory)!)));
        return command;
    }

    private Command BackTest()
    {
        Argument<string> directory = ExistingDirectory("DIR", "The data directory. A silo may be running on it.");
        Option<string> city = new("--city") { HelpName = "CITYDIR", Required = true, Description = "Directory of the rulebook to be tried." };
        city.Validators.Add(result => Require(result, result.Tokens.Count == 0 || Directory.Exists(result.Tokens[0].Value), () => $"There is no directory {result.Tokens[0].Value}."));
        Option<long?> from = Time("--from", "Begin with the inputs of this time, with states as of then where they are kept. Without it from the beginning of the journal.");
        Option<long?> to = Time("--to", "End before this time.");
        Option<bool> json = new("--json") { Description = "Print one JSON line." };
        Command command = new("backtest", "Run the recorded inputs under another rulebook, and say which warnings and cases there would have been. Nothing live is touched.") { directory, city, from, to, json };
        command.Validators.Add(result => Require(result, !TryValue(() => result.GetValue(from), out long? first) || !TryValue(() => result.GetValue(to), out long? last) || first is null || last is null || first < last, "--to must be after --from."));
        command.SetAction((parsed, cancellation) => Task.Run(() => verbs.BackTest(new BackTestOptions(
            Path.GetFullPath(parsed.GetRequiredValue(directory)), Path.GetFullPath(parsed.GetRequiredValue(city)), parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(json)), cancellation), cancellation));
        return command;
    }

    private Command Redecode()
    {
        Argument<string> directory = ExistingDirectory("DIR", "The data directory, or the journal in it. A silo may be running on it.");
        Option<string?> source = new("--source") { HelpName = "ID", Description = "Payloads of this device alone." };
        Option<long?> from = Time("--from", "Payloads that came in at this time or later.");
        Option<long?> to = Time("--to", "Payloads that came in before this time.");
        Option<bool> json = new("--json") { Description = "Print one JSON line." };
        Command command = new("redecode", "Decode the recorded payloads with this version's decoder, and say what it reads differently.") { directory, source, from, to, json };
        command.Validators.Add(result => Require(result, !TryValue(() => result.GetValue(from), out long? first) || !TryValue(() => result.GetValue(to), out long? last) || first is null || last is null || first < last, "--to must be after --from."));
        command.SetAction((parsed, cancellation) => Task.Run(() => verbs.Redecode(new RedecodeOptions(
            Path.GetFullPath(parsed.GetRequiredValue(directory)), parsed.GetValue(source), parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(json)), cancellation), cancellation));
        return command;
    }

    private Command Train()
    {
        Argument<string> directory = ExistingDirectory("DIR", "Directory of the training files, *.jsonl.");
        Option<string?> kind = new("--kind") { HelpName = "KIND", Description = $"Rows of this kind alone: {TrainVerb.Kinds}." };
        Option<string?> outDirectory = new("--out") { HelpName = "DIR", Description = "Write the model files there. Without it they are compared alone." };
        Option<string?> cases = new("--cases") { HelpName = "DATA", Description = $"First make {TrainVerb.HandledCasesFile} in DIR from the cases that were closed in this data directory; a silo may run on it." };
        Option<bool> json = new("--json") { Description = "Print one JSON line." };
        Option<string?> data = new("--data") { HelpName = "TEXT", Description = $"What the rows are, for the models' cards: at most {ModelLimits.LearnedTextCharacters} characters." };
        data.Validators.Add(result => Require(result, result.Tokens.Count == 0 || result.Tokens[0].Value.Length is > 0 and <= ModelLimits.LearnedTextCharacters, () => $"--data has {result.Tokens[0].Value.Length} characters; 1 to {ModelLimits.LearnedTextCharacters} expected."));
        kind.Validators.Add(result => Require(result, result.Tokens.Count == 0 || TrainVerb.IsKind(result.Tokens[0].Value), () => $"--kind is \"{result.Tokens[0].Value}\"; {TrainVerb.Kinds} expected."));
        Command command = new("train", "Train models on labelled rows, and compare them on the latest 30 % of the rows.") { directory, kind, outDirectory, cases, data, json };
        command.SetAction((parsed, cancellation) => Task.Run(() => verbs.Train(new TrainOptions(
            Path.GetFullPath(parsed.GetRequiredValue(directory)),
            parsed.GetValue(kind),
            parsed.GetValue(outDirectory) is { } given ? Path.GetFullPath(given) : null,
            parsed.GetValue(json),
            parsed.GetValue(data),
            parsed.GetValue(cases) is { } handled ? Path.GetFullPath(handled) : null), cancellation), cancellation));
        return command;
    }

    private Command Scoreboard()
    {
        Argument<string> directory = ExistingDirectory("DIR", "The data directory, or the journal in it. A silo may be running on it.");
        Option<string> group = new("--by") { HelpName = "WHAT", Description = $"A line for each: {string.Join(", ", ScoreboardVerb.Groups)}.", DefaultValueFactory = _ => ScoreboardVerb.Groups[0] };
        group.AcceptOnlyFromAmong(ScoreboardVerb.Groups);
        Option<bool> json = new("--json") { Description = "Print one JSON line." };
        Command command = new("scoreboard", "Compute the scoreboard from the journal alone, and compare it with that of the lists. 1 where they differ.") { directory, group, json };
        command.SetAction((parsed, cancellation) => Task.Run(() => verbs.Scoreboard(new ScoreboardOptions(Path.GetFullPath(parsed.GetRequiredValue(directory)), parsed.GetRequiredValue(group), parsed.GetValue(json)), cancellation), cancellation));
        return command;
    }

    private Command Bench()
    {
        Argument<string> name = new("NAME") { Description = "What to measure: " + string.Join(", ", BenchOptions.Names) + "." };
        name.AcceptOnlyFromAmong(BenchOptions.Names);
        Option<bool> json = new("--json") { Description = "Print one JSON line." };
        Option<HostKind> host = new("--host")
        {
            HelpName = "HOST",
            Description = $"{UpArguments.HostDescription} The environment is not asked: a measurement says itself what it measures.",
            CustomParser = result => UpArguments.Parse(result, result.Tokens[0].Value, "--host", Hosts.Parse),
            DefaultValueFactory = _ => HostKind.Standalone,
        };
        Option<int> batch = Count("--batch", 1, CliLimits.BenchBatchReadings, 1, "readings", "For ingest: each PUBLISH is an array of so many readings of one vehicle.");
        Option<int> ever = Count("--vehicles-ever", 0, CliLimits.BenchMostVehicles, 0, "vehicles", "For ingest: vehicles that the store knows when the load begins.");
        Option<int> vehicles = Count("--vehicles", 1_000, CliLimits.BenchMostVehicles, CliLimits.BenchVehicles, "vehicles", $"For recovery, memory and turn: how many; for turn {CliLimits.BenchTurnVehicles} unless it is given.");
        Option<int> readings = Count("--readings", 1_000, int.MaxValue, (int)CliLimits.BenchReadings, "readings", "For recovery: readings to replay.");
        Option<int> seconds = Count("--seconds", 1, CliLimits.BenchMostSeconds, CliLimits.BenchSeconds, "seconds", "For latency, query, fanin, registers and lists: how long is measured.");
        Option<int> connections = Count("--connections", 1, CliLimits.BenchMostConnections, CliLimits.BenchConnections, "connections", "For fanin: stations, each on a connection of its own.");
        Option<int> registered = Count("--registered", 400, CliLimits.BenchMostVehicles, CliLimits.BenchRegistered, "vehicles", "For registers: vehicles; there are enterprises and waybills in proportion.");
        Option<int> seed = Count("--seed", 0, int.MaxValue, CliLimits.BenchSeed, "a number", "For quality and reports: what the city that is played is drawn from; the same seed gives the same output.");
        Option<int> truths = Count("--truths", 1, CliLimits.BenchMostTruths, CliLimits.BenchTruths, "truths", "For quality: of each kind; for reports: events.");
        Option<bool> building = new("--building") { Description = "For reports: the texts that it was tuned on, instead of those that it is judged by." };
        Option<string?> rows = new("--rows") { HelpName = "FILE", Description = "For quality: write the overloads that were raised as labelled rows for train, by what is so." };
        Option<int> cases = Count("--cases", 1_000, CliLimits.BenchMostVehicles, CliLimits.BenchCases, "cases", "For lists: how many there are.");
        Option<int?> loadOn = new("--load-on") { Hidden = true, Description = "For fanin: be the load of the server on this port." };
        Option<int> workers = Count("--workers", 0, 64, 0, "threads", "For the standalone host: threads that run turns; 0 is what it takes of itself.");
        Option<int> rate = Count("--rate", 1_000, 10_000_000, CliLimits.BenchRate, "readings a second", "For latency and query: the load beside what is measured.");
        Command command = new("bench", "Measure, in a data directory of its own.") { name, json, host, batch, ever, vehicles, readings, seconds, rate, workers, connections, registered, seed, truths, building, rows, cases, loadOn };
        OnlyFor(batch, "ingest");
        OnlyFor(ever, "ingest");
        OnlyFor(vehicles, "recovery", "memory", "turn");
        OnlyFor(readings, "recovery");
        OnlyFor(seconds, "latency", "query", "fanin", "registers", "lists");
        OnlyFor(cases, "lists");
        OnlyFor(registered, "registers");
        OnlyFor(connections, "fanin");
        OnlyFor(rate, "latency", "query");
        OnlyFor(seed, "quality", "reports");
        OnlyFor(truths, "quality", "reports");
        OnlyFor(building, "reports");
        command.SetAction((parsed, cancellation) => verbs.Bench(
            new BenchOptions(parsed.GetRequiredValue(name), parsed.GetValue(json), parsed.GetValue(host), parsed.GetValue(batch))
            {
                VehiclesEver = parsed.GetValue(ever),
                Vehicles = parsed.GetRequiredValue(name) == "turn" && parsed.GetResult(vehicles) is not { Implicit: false } ? CliLimits.BenchTurnVehicles : parsed.GetValue(vehicles),
                Readings = parsed.GetValue(readings),
                Seconds = parsed.GetValue(seconds),
                Rate = parsed.GetValue(rate),
                Workers = parsed.GetValue(workers),
                Connections = parsed.GetValue(connections),
                Registered = parsed.GetValue(registered),
                Cases = parsed.GetValue(cases),
                Seed = parsed.GetValue(seed),
                Truths = parsed.GetValue(truths),
                Building = parsed.GetValue(building),
                RowsFile = parsed.GetValue(rows) is { } rowsFile ? Path.GetFullPath(rowsFile) : null,
                LoadPort = parsed.GetValue(loadOn),
            },
            cancellation));

        void OnlyFor(Option option, params string[] benches) => command.Validators.Add(result => Require(
            result,
            result.GetResult(option) is not { Implicit: false } || result.GetResult(name)?.Tokens is not [{ Value: { } bench }] || benches.Contains(bench, StringComparer.Ordinal),
            $"{option.Name} is for bench {string.Join(" and ", benches)} only."));

        return command;
    }

    private Command Doctor()
    {
        UpArguments options = new(environment);
        Command command = new("doctor", "Look whether this machine is fit to run it, and what state its data directory is in.");
        options.AddShared(command);
        command.SetAction(parsed =>
        {
            UpOptions up = options.Read(parsed);
            return verbs.Doctor(new DoctorOptions(up.DataDirectory, up.HttpPort, up.MqttPort, up.Bind, up.CityDirectory, up.RetentionBytes, up.AdminToken) { MqttTls = up.MqttTls, BrokersFile = up.BrokersFile, GatewaysFile = up.GatewaysFile, PicturesFile = up.PicturesFile });
        });
        return command;
    }

    private Command Config()
    {
        UpArguments options = new(environment);
        Command command = new("config", "Print the settings that up would run with, and where each comes from.");
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            IReadOnlyList<Setting> settings = options.Explain(parsed);
            int name = settings.Max(setting => setting.Name.Length);
            int value = settings.Max(setting => setting.Value.Length);
            foreach (Setting setting in settings)
            {
                parsed.InvocationConfiguration.Output.WriteLine($"{setting.Name.PadRight(name)}  {setting.Value.PadRight(value)}  {setting.Origin}");
            }

            return 0;
        });
        return command;
    }

    private static Argument<string> ExistingDirectory(string name, string description)
    {
        Argument<string> directory = new(name) { Description = description };
        directory.Validators.Add(result => Require(result, result.Tokens.Count == 0 || Directory.Exists(result.Tokens[0].Value), () => $"There is no directory {result.Tokens[0].Value}."));
        return directory;
    }

    private static Option<long?> Time(string name, string description) => new(name)
    {
        HelpName = "TIME",
        Description = $"{description} As 2026-11-20T08:00:00Z.",
        CustomParser = result =>
        {
            if (!Rfc3339.TryParse(System.Text.Encoding.UTF8.GetBytes(result.Tokens[0].Value), out long ms))
            {
                result.AddError($"{name} is \"{result.Tokens[0].Value}\"; a time with its offset expected, as 2026-11-20T08:00:00Z.");
            }

            return ms;
        },
    };

    private static Argument<string> ExistingFile(string description)
    {
        Argument<string> file = new("FILE") { Description = description };
        file.Validators.Add(result => Require(result, result.Tokens.Count == 0 || File.Exists(result.Tokens[0].Value), () => $"There is no file {result.Tokens[0].Value}."));
        return file;
    }

    private static Option<FileFormat> Format() => new("--format")
    {
        HelpName = "mon|native",
        Required = true,
        Description = "mon: weigh records in fixed columns. native: a JSON payload a line, with or without its topic before it.",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (text is not ("mon" or "native"))
            {
                result.AddError($"--format is \"{text}\"; mon or native expected.");
            }

            return text == "mon" ? FileFormat.Mon : FileFormat.Native;
        },
    };

    private static Option<double> UtcOffset()
    {
        Option<double> option = new("--utc-offset") { HelpName = "HOURS", Description = "For mon: hours that the file's clock was ahead of UTC.", DefaultValueFactory = _ => 8 };
        Require(option, value => value is >= -14 and <= 14, "--utc-offset must be -14 to 14 hours.");
        return option;
    }

    private static Option<int> Count(string name, int least, int most, int otherwise, string what, string description)
    {
        Option<int> option = new(name) { HelpName = "N", Description = description, DefaultValueFactory = _ => otherwise };
        Require(option, value => value >= least && value <= most, string.Create(CultureInfo.InvariantCulture, $"{name} must be {least} to {most} {what}."));
        return option;
    }

    private static Option<int> PortOption(string name, string description, int otherwise)
    {
        Option<int> option = new(name) { HelpName = "PORT", Description = string.Create(CultureInfo.InvariantCulture, $"{description} [{otherwise}]"), DefaultValueFactory = _ => otherwise };
        Require(option, value => value is >= 1 and <= 65_535, $"{name} must be 1 to 65535.");
        return option;
    }

    /// <summary>Asks for a value within a check; false where its text does not convert, which the parser says by itself once the checks are over.</summary>
    public static bool TryValue<T>(Func<T> read, [MaybeNullWhen(false)] out T value)
    {
        try
        {
            value = read();
            return true;
        }
        catch (InvalidOperationException)
        {
            value = default;
            return false;
        }
    }

    private static void Require<T>(Option<T> option, Func<T?, bool> holds, string problem) =>
        option.Validators.Add(result => Require(result, !TryValue(result.GetValueOrDefault<T>, out T? value) || holds(value), problem));

    private static void Require(SymbolResult result, bool holds, string problem) => Require(result, holds, () => problem);

    private static void Require(SymbolResult result, bool holds, Func<string> problem)
    {
        if (!holds)
        {
            result.AddError(problem());
        }
    }
}
