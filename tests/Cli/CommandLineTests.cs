using System.Net;
using Streaming.Ingest.Formats;
using Streaming.Ingest.Mqtt.Doors;
using Streaming.Silo.Cli;
using Streaming.Silo.Host;
using Xunit;

namespace Streaming.Tests.Cli;

public sealed class CommandLineTests
{
    private const string Cluster = "Host=db;Database=streaming;Username=u;Password=very-secret";

    private readonly Dictionary<string, string> environment = [];
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();
    private object? called;

    [Fact]
    public async Task Up_has_the_documented_defaults()
    {
        Assert.Equal(0, await RunAsync("up"));
        UpOptions up = Assert.IsType<UpOptions>(called);
        Assert.Equal((8080, 1883, false), (up.HttpPort, up.MqttPort, up.Demo));
        Assert.Equal(Path.GetFullPath("data"), up.DataDirectory);
        Assert.Equal(IPAddress.Any, up.Bind);
        Assert.Null(up.AdminToken);
        Assert.Equal((Hosts.Default, null), (up.Host, up.Cluster));
        Assert.True(Path.IsPathFullyQualified(up.CityDirectory));
    }

    [Fact]
    public async Task Up_takes_its_options_from_the_command_line()
    {
        environment["STREAMING_ADMIN_TOKEN"] = "T";
        Assert.Equal(0, await RunAsync("up", "--demo", "--data", "/tmp/d", "--http", "18080", "--mqtt", "11883", "--bind", "127.0.0.1", "--retention", "1.5GiB", "--rate", "50"));
        UpOptions up = Assert.IsType<UpOptions>(called);
        Assert.Equal((18080, 11883, true, "/tmp/d"), (up.HttpPort, up.MqttPort, up.Demo, up.DataDirectory));
        Assert.Equal((IPAddress.Loopback, 3L << 29, 50.0, "T"), (up.Bind, up.RetentionBytes, up.DemoReadingsPerSecond, up.AdminToken));
    }

    [Fact]
    public async Task The_environment_stands_in_for_options_and_the_command_line_goes_before_it()
    {
        environment["STREAMING_HTTP"] = "9000";
        environment["STREAMING_MQTT"] = "9001";
        Assert.Equal(0, await RunAsync("up", "--mqtt", "9002"));
        UpOptions up = Assert.IsType<UpOptions>(called);
        Assert.Equal((9000, 9002), (up.HttpPort, up.MqttPort));
    }

    [Theory]
    [InlineData("--http", "70000")]
    [InlineData("--http", "-1")]
    [InlineData("--mqtt", "x")]
    [InlineData("--retention", "1MiB")]
    [InlineData("--retention", "lots")]
    [InlineData("--keep", "boats=3d")]
    [InlineData("--keep", "weigh=3")]
    [InlineData("--rate", "0")]
    [InlineData("--rate", "1e9")]
    [InlineData("--bind", "nowhere")]
    [InlineData("--host", "kubernetes")]
    [InlineData("--data", "")]
    [InlineData("--audit-keep", "29")]
    [InlineData("--audit-keep", "3661")]
    [InlineData("--audit-reasons", "vehicles,boats")]
    public async Task A_value_that_makes_no_sense_is_named_with_what_was_expected(string option, string value)
    {
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync("up", option, value));
        Assert.Null(called);
        Assert.Contains($"{option} is \"{value}\"", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_audit_is_kept_for_as_long_as_is_said_and_asks_for_reasons_where_it_is_said()
    {
        Assert.Equal(0, await RunAsync("up"));
        UpOptions up = Assert.IsType<UpOptions>(called);
        Assert.Equal(400, up.AuditKeepDays);
        Assert.Empty(up.AuditReasons);
        environment["STREAMING_AUDIT_REASONS"] = "vehicles, lists";
        Assert.Equal(0, await RunAsync("up", "--audit-keep", "1100"));
        up = Assert.IsType<UpOptions>(called);
        Assert.Equal(1100, up.AuditKeepDays);
        Assert.Equal(["vehicles", "lists"], up.AuditReasons);
    }

    [Fact]
    public async Task Ages_of_streams_are_taken_from_command_line_or_environment_and_shown_in_full()
    {
        environment["STREAMING_KEEP"] = "video=7d";
        Assert.Equal(0, await RunAsync("up"));
        Assert.Contains("video=7d,video.raw=7d,truck=90d", Assert.IsType<UpOptions>(called).Keep.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync("config", "--keep", "raw=3d"));
        Assert.Contains("weigh=400d,weigh.raw=3d", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_encrypted_port_is_taken_with_its_files_and_the_password_of_the_key_is_never_shown()
    {
        environment["STREAMING_TLS_CERT"] = "/etc/streaming/cert.p12";
        environment["STREAMING_TLS_PASSWORD"] = "very-secret";
        Assert.Equal(0, await RunAsync("up", "--mqtts", "8883", "--tls-client-ca", "ca.pem"));
        TlsOptions tls = Assert.IsType<UpOptions>(called).MqttTls!;
        Assert.Equal((8883, "/etc/streaming/cert.p12", null, "very-secret", Path.GetFullPath("ca.pem")), (tls.Port, tls.CertificateFile, tls.KeyFile, tls.Password, tls.ClientAuthorityFile));
        Assert.Equal(0, await RunAsync("config", "--mqtts", "8883"));
        Assert.Contains(output.ToString().Split('\n'), line => line.StartsWith("tls-cert ", StringComparison.Ordinal) && line.EndsWith("environment, STREAMING_TLS_CERT", StringComparison.Ordinal));
        Assert.DoesNotContain("very-secret", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--mqtts", "8883", "needs a certificate")]
    [InlineData("--tls-cert", "cert.pem", "--mqtts PORT")]
    [InlineData("--tls-client-ca", "ca.pem", "--mqtts PORT")]
    public async Task A_half_of_the_encrypted_ports_settings_is_refused_with_the_other_half(string option, string value, string expected)
    {
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync("up", option, value));
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
        Assert.Null(called);
    }

    [Fact]
    public async Task An_encrypted_port_that_is_none_is_named_with_what_was_expected()
    {
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync("up", "--tls-cert", "cert.pem", "--mqtts", "70000"));
        Assert.Contains("--mqtts is \"70000\"; a port from 0 to 65535 expected.", error.ToString(), StringComparison.Ordinal);
        Assert.Null(called);
    }

    [Fact]
    public async Task The_test_profile_listens_on_loopback_and_is_refused_anywhere_else()
    {
        Assert.Equal(0, await RunAsync("up"));
        Assert.False(Assert.IsType<UpOptions>(called).MqttTestProfile);
        Assert.Equal(0, await RunAsync("up", "--mqtt-test-profile"));
        Assert.True(called is UpOptions { MqttTestProfile: true } profile && profile.Bind.Equals(IPAddress.Loopback));
        Assert.Equal(0, await RunAsync("up", "--mqtt-test-profile", "--bind", "::1"));
        Assert.Equal(IPAddress.IPv6Loopback, Assert.IsType<UpOptions>(called).Bind);

        called = null;
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync("up", "--mqtt-test-profile", "--bind", "0.0.0.0"));
        environment["STREAMING_BIND"] = "10.0.0.1";
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync("up", "--mqtt-test-profile"));
        Assert.Null(called);
        Assert.Contains("--mqtt-test-profile lets anybody in, so it listens on a loopback address only", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_encrypted_port_there_is_none()
    {
        Assert.Equal(0, await RunAsync("up"));
        Assert.Null(Assert.IsType<UpOptions>(called).MqttTls);
    }

    [Fact]
    public async Task The_standalone_host_can_be_chosen_in_every_build()
    {
        Assert.Equal(0, await RunAsync("up", "--host", "standalone"));
        Assert.Equal(HostKind.Standalone, Assert.IsType<UpOptions>(called).Host);
        environment["STREAMING_HOST"] = "standalone";
        Assert.Equal(0, await RunAsync("up"));
        Assert.Equal(HostKind.Standalone, Assert.IsType<UpOptions>(called).Host);
    }

    [Fact]
    public async Task A_host_that_is_not_built_in_is_refused_with_the_reason_and_what_to_do()
    {
        foreach (string[] arguments in (string[][])[["up", "--host", "orleans"], ["bench", "ingest", "--host", "orleans"]])
        {
            bool builtIn = Hosts.BuiltIn.Contains(HostKind.Orleans);
            Assert.Equal(builtIn ? 0 : CommandLine.NotUnderstood, await RunAsync(arguments));
            Assert.Equal(builtIn, called is not null);
            string[] expected = builtIn ? [] : ["--host is \"orleans\"", "leaves Orleans out", "standalone", "README.md"];
            Assert.All(expected, words => Assert.Contains(words, error.ToString(), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_cluster_is_refused_where_the_host_is_not_Orleans()
    {
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync("up", "--host", "standalone", "--cluster", Cluster));
        Assert.StartsWith("--cluster is for the Orleans host, and the host is standalone.", error.ToString(), StringComparison.Ordinal);
        environment["STREAMING_CLUSTER"] = Cluster;
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync("up", "--host", "standalone"));
        Assert.Contains("STREAMING_CLUSTER is for the Orleans host", error.ToString(), StringComparison.Ordinal);
        Assert.Null(called);
    }

    [Theory]
    [InlineData("postgresql://streaming:very-secret@db/streaming")]
    [InlineData("very-secret")]
    [InlineData("Database=streaming;Password=very-secret")]
    public async Task What_is_no_connection_string_is_refused_without_being_cited(string text)
    {
        foreach (string verb in new[] { "up", "config", "doctor" })
        {
            Assert.Equal(CommandLine.NotUnderstood, await RunAsync(verb, "--cluster", text));
        }

        environment["STREAMING_CLUSTER"] = text;
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync("config"));
        Assert.Null(called);
        string refusal = Hosts.BuiltIn.Contains(HostKind.Orleans) ? "is not a connection string of PostgreSQL; expected as \"Host=" : "is for the Orleans host";
        Assert.Contains($"--cluster {refusal}", error.ToString(), StringComparison.Ordinal);
        Assert.Contains($"STREAMING_CLUSTER {refusal}", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", error.ToString() + output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db;Port=5433;Database=streaming;Username=u;Password=very-secret", "host=db;port=5433;database=streaming;username=u (1 more, not shown)")]
    [InlineData("Server=db;User Id=u;pwd=very-secret;SSL Password=very-secret;Options='-c x=very-secret'", "server=db;user id=u (3 more, not shown)")]
    [InlineData("Host=db", "host=db")]
    public void A_cluster_is_shown_without_anything_that_may_be_a_secret(string text, string shown)
    {
        Assert.Null(ClusterText.Problem(text));
        Assert.Equal(shown, ClusterText.Show(text), ignoreCase: true);
    }

    [Fact]
    public async Task A_bad_value_of_the_environment_names_the_variable()
    {
        environment["STREAMING_HTTP"] = "many";
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync("up"));
        Assert.Null(called);
        Assert.Contains("STREAMING_HTTP is \"many\"", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fly")]
    [InlineData("up", "--dmeo")]
    [InlineData("up", "extra")]
    [InlineData("up", "--http")]
    [InlineData("bench", "everything")]
    [InlineData("bench")]
    [InlineData("bench", "ingest", "--host", "kubernetes")]
    [InlineData("bench", "ingest", "--batch", "0")]
    [InlineData("bench", "ingest", "--batch", "101")]
    [InlineData("bench", "ingest", "--batch", "many")]
    [InlineData("bench", "soak", "--batch", "20")]
    [InlineData("up", "--cluster", "x", "--host", "y")]
    [InlineData("verify")]
    [InlineData("verify", "/no/such/directory")]
    [InlineData("backtest", "/no/such/directory", "--city", "/tmp")]
    [InlineData("backtest", "/tmp")]
    [InlineData("backtest", "/tmp", "--city", "/no/such/directory")]
    [InlineData("backtest", "/tmp", "--city", "/tmp", "--from", "yesterday")]
    [InlineData("backtest", "/tmp", "--city", "/tmp", "--from", "2026-11-20T08:00:00Z", "--to", "2026-11-20T08:00:00Z")]
    [InlineData("redecode", "/no/such/directory")]
    [InlineData("redecode", "/tmp", "--to", "2026-11-20")]
    [InlineData("decode", "/no/such/file", "--format", "mon")]
    [InlineData("train")]
    [InlineData("train", "/no/such/directory")]
    [InlineData("train", "/tmp", "--kind", "over-the-moon")]
    [InlineData("migrate")]
    public async Task What_is_not_understood_does_nothing_and_says_so(params string[] arguments)
    {
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync(arguments));
        Assert.Null(called);
        Assert.NotEqual("", error.ToString());
        Assert.Contains("--help", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", output.ToString());
    }

    [Fact]
    public async Task A_word_that_is_no_verb_is_named_beside_those_there_are()
    {
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync("fly"));
        Assert.StartsWith("There is no verb \"fly\". There are up, replay,", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_at_all_is_not_understood()
    {
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync());
        Assert.Contains("--help", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_lists_every_verb_that_there_is()
    {
        Assert.Equal(0, await RunAsync("--help"));
        foreach (string verb in new[] { "up", "bench", "replay", "decode", "verify", "backtest", "redecode", "train", "doctor", "config" })
        {
            Assert.Contains($"\n  {verb}", output.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Help_of_a_verb_lists_its_options_with_their_variables()
    {
        Assert.Equal(0, await RunAsync("up", "--help"));
        Assert.Contains("--http <PORT>", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("STREAMING_HTTP", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_needs_a_password_or_the_right_to_register()
    {
        string file = Path.GetTempFileName();
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync("replay", file, "--format", "mon", "--source", "S07"));
        Assert.Contains("STREAMING_ADMIN_TOKEN", error.ToString(), StringComparison.Ordinal);
        environment["STREAMING_ADMIN_TOKEN"] = "T";
        Assert.Equal(0, await RunAsync("replay", file, "--format", "mon", "--source", "S07", "--speed", "10", "--mqtt", "11883", "--http", "18080"));
        ReplayOptions replay = Assert.IsType<ReplayOptions>(called);
        Assert.Equal((file, FileFormat.Mon, "S07", 10.0, 11883, 18080), (replay.File, replay.Format, replay.Source, replay.Speed!.Value, replay.MqttPort, replay.HttpPort));
        Assert.Equal(TimeSpan.FromHours(8), replay.UtcOffset);
        File.Delete(file);
    }

    [Theory]
    [InlineData("--format", "csv")]
    [InlineData("--speed", "0")]
    [InlineData("--speed", "-3")]
    [InlineData("--speed", "fast")]
    [InlineData("--mqtt", "0")]
    [InlineData("--mqtt", "x")]
    [InlineData("--utc-offset", "30")]
    public async Task Replay_refuses_what_makes_no_sense(string option, string value)
    {
        string file = Path.GetTempFileName();
        List<string> arguments = ["replay", file, "--source", "S07", "--password", "p", option, value];
        if (option != "--format")
        {
            arguments.AddRange(["--format", "native"]);
        }

        Assert.Equal(CommandLine.NotUnderstood, await RunAsync([.. arguments]));
        Assert.Null(called);
        Assert.Contains(option, error.ToString(), StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task Bench_passes_its_options_on_and_measures_the_standalone_host_unless_told_otherwise()
    {
        environment["STREAMING_HOST"] = "orleans";
        Assert.Equal(0, await RunAsync("bench", "ingest", "--json"));
        Assert.Equal(new BenchOptions("ingest", true, HostKind.Standalone, 1), called);
        Assert.Equal(0, await RunAsync("bench", "ingest", "--batch", "20", "--host", "standalone"));
        Assert.Equal(new BenchOptions("ingest", false, HostKind.Standalone, 20), called);
        Assert.Equal(0, await RunAsync("bench", "soak"));
        Assert.Equal(new BenchOptions("soak", false, HostKind.Standalone, 1), called);
        Assert.Equal(0, await RunAsync("bench", "recovery", "--vehicles", "2000", "--readings", "30000"));
        Assert.Equal(new BenchOptions("recovery", false, HostKind.Standalone, 1) { Vehicles = 2_000, Readings = 30_000 }, called);
        Assert.Equal(0, await RunAsync("bench", "latency", "--seconds", "3", "--rate", "5000"));
        Assert.Equal(new BenchOptions("latency", false, HostKind.Standalone, 1) { Seconds = 3, Rate = 5_000 }, called);
        Assert.Equal(0, await RunAsync("bench", "lists", "--cases", "3000"));
        Assert.Equal(new BenchOptions("lists", false, HostKind.Standalone, 1) { Cases = 3_000 }, called);
        Assert.Equal(0, await RunAsync("bench", "turn"));
        Assert.Equal(new BenchOptions("turn", false, HostKind.Standalone, 1) { Vehicles = 100_000 }, called);
        Assert.Equal(0, await RunAsync("bench", "turn", "--vehicles", "5000"));
        Assert.Equal(new BenchOptions("turn", false, HostKind.Standalone, 1) { Vehicles = 5_000 }, called);
        Assert.Equal(0, await RunAsync("bench", "ingest", "--vehicles-ever", "1000000"));
        Assert.Equal(new BenchOptions("ingest", false, HostKind.Standalone, 1) { VehiclesEver = 1_000_000 }, called);
    }

    [Theory]
    [InlineData("memory", "--readings", "5000")]
    [InlineData("recovery", "--vehicles", "10")]
    [InlineData("query", "--rate", "0")]
    [InlineData("soak", "--batch", "20")]
    public async Task A_bench_takes_no_option_that_it_does_not_have(string bench, string option, string value)
    {
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync("bench", bench, option, value));
        Assert.Null(called);
        Assert.Contains(option, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_says_where_each_setting_comes_from_and_hides_the_token()
    {
        environment["STREAMING_MQTT"] = "9001";
        environment["STREAMING_ADMIN_TOKEN"] = "very-secret";
        Assert.Equal(0, await RunAsync("config", "--http", "9000"));
        string[] lines = output.ToString().Split('\n');
        Assert.Contains(lines, line => line.StartsWith("http ", StringComparison.Ordinal) && line.Contains(" 9000 ", StringComparison.Ordinal) && line.EndsWith("command line", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("mqtt ", StringComparison.Ordinal) && line.Contains(" 9001 ", StringComparison.Ordinal) && line.EndsWith("environment, STREAMING_MQTT", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("retention ", StringComparison.Ordinal) && line.Contains(" 16GiB ", StringComparison.Ordinal) && line.EndsWith("default", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("host ", StringComparison.Ordinal) && line.Contains($" {Hosts.Name(Hosts.Default)} ", StringComparison.Ordinal) && line.EndsWith("default", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("cluster ", StringComparison.Ordinal) && line.Contains(" (none: the states are in the data directory) ", StringComparison.Ordinal) && line.EndsWith("default", StringComparison.Ordinal));
        Assert.DoesNotContain("very-secret", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("STREAMING_ADMIN_TOKEN", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("16GiB", 16L << 30)]
    [InlineData("16 gib", 16L << 30)]
    [InlineData("0.5TiB", 1L << 39)]
    [InlineData("300MB", 300_000_000)]
    [InlineData("12345", 12345)]
    public void Sizes_are_read_as_people_write_them(string text, long bytes) => Assert.Equal(bytes, UpArguments.ParseSize(text));

    [Theory]
    [InlineData("")]
    [InlineData("GiB")]
    [InlineData("-1GiB")]
    [InlineData("1e30GiB")]
    [InlineData("99999999999TiB")]
    [InlineData("16 quarts")]
    public void Other_texts_are_no_sizes(string text) => Assert.Null(UpArguments.ParseSize(text));

    [Fact]
    public async Task What_reads_a_recorded_journal_takes_a_range()
    {
        Assert.Equal(0, await RunAsync("backtest", "/tmp", "--city", "/", "--from", "2026-11-20T08:00:00Z", "--to", "2026-11-20T16:00:01+08:00", "--json"));
        Assert.Equal(new BackTestOptions("/tmp", "/", 1_795_161_600_000, 1_795_161_601_000, true), called);
        Assert.Equal(0, await RunAsync("redecode", "/tmp", "--source", "S07"));
        Assert.Equal(new RedecodeOptions("/tmp", "S07", null, null, false), called);
    }

    [Fact]
    public async Task Scoreboard_takes_a_directory_and_what_its_lines_are_by()
    {
        Assert.Equal(0, await RunAsync("scoreboard", "/tmp"));
        Assert.Equal(new ScoreboardOptions("/tmp", "department", false), called);
        Assert.Equal(0, await RunAsync("scoreboard", "/tmp", "--by", "person", "--json"));
        Assert.Equal(new ScoreboardOptions("/tmp", "person", true), called);
        Assert.Equal(CommandLine.NotUnderstood, await RunAsync("scoreboard", "/tmp", "--by", "colour"));
    }

    [Fact]
    public async Task Train_takes_a_directory_a_kind_and_where_to_write()
    {
        Assert.Equal(0, await RunAsync("train", "/tmp"));
        Assert.Equal(new TrainOptions("/tmp", null, null, false), called);
        Assert.Equal(0, await RunAsync("train", "/tmp", "--kind", "over-road-limit", "--out", "/tmp/models", "--json"));
        Assert.Equal(new TrainOptions("/tmp", "over-road-limit", "/tmp/models", true), called);
    }

    private Task<int> RunAsync(params string[] arguments)
    {
        Verbs verbs = new()
        {
            Up = (options, _) => Task.FromResult(Call(options)),
            Bench = (options, _) => Task.FromResult(Call(options)),
            Replay = (options, _) => Task.FromResult(Call(options)),
            Decode = Call,
            Verify = Call,
            VerifyDossier = Call,
            BackTest = (options, _) => Call(options),
            Redecode = (options, _) => Call(options),
            Train = (options, _) => Call(options),
            Scoreboard = (options, _) => Call(options),
            Doctor = Call,
        };
        return new CommandLine(verbs, environment.GetValueOrDefault).RunAsync(arguments, output, error, CancellationToken.None);
    }

    private int Call(object options)
    {
        called = options;
        return 0;
    }
}
