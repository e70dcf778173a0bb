using System.Diagnostics;
using System.Text.RegularExpressions;
using Streaming.Tests.EndToEnd;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Mqtt;

/// <summary>
/// The Eclipse Paho interoperability suite against the real process under the test profile, one process of the suite a test: some of its tests hang where a server does not answer as they expect.
/// </summary>
public sealed partial class PahoSuiteTests(PahoSuiteTests.Server server) : IClassFixture<PahoSuiteTests.Server>
{
    /// <summary>
    /// Runs one test of a file of the suite: by itself only one of them takes both a port and a test. test_subscribe_options publishes within 0.1 ms of its second client's SUBSCRIBE, since it waits for the SUBACK of the first; which of
    /// two connections is served first is not promised by anybody, so SUBSCRIBE takes a moment here.
    /// </summary>
    private const string Runner = """
        import runpy, sys, time, unittest
        sys.path.insert(0, ".")
        import mqtt.clients.V5
        file, port, test = sys.argv[1:]
        subscribe = mqtt.clients.V5.Client.subscribe
        def subscribe_and_wait(*arguments, **named):
            packet_id = subscribe(*arguments, **named)
            time.sleep(0.1)
            return packet_id
        mqtt.clients.V5.Client.subscribe = subscribe_and_wait
        main = unittest.main
        unittest.main = lambda: main(argv=[file, "Test." + test])
        sys.argv = [file, "-p", port]
        runpy.run_path(file, run_name="__main__")
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static TheoryData<string, string> All
    {
        get
        {
            TheoryData<string, string> all = [];
            foreach (string file in new[] { "client_test5.py", "client_test.py" })
            {
                foreach (Match test in TestName().Matches(PahoSuiteTheoryAttribute.Folder is { } folder ? File.ReadAllText(Path.Combine(folder, file)) : ""))
                {
                    all.Add(file, test.Groups[1].Value);
                }
            }

            return all;
        }
    }

    [PahoSuiteTheory]
    [MemberData(nameof(All))]
    public async Task The_suite_passes_under_the_test_profile(string file, string test)
    {
        ProcessStartInfo start = new("python3", ["-c", Runner, file, server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), test])
        {
            WorkingDirectory = PahoSuiteTheoryAttribute.Folder!,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using CancellationTokenSource patience = new(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{file} {test} did not end within {Patience.TotalSeconds} s.\n{await error}\n{await output}");
        }

        Assert.True(process.ExitCode == 0, $"{file} {test}:\n{await error}\n{await output}");
    }

    [GeneratedRegex(@"^\s+def (test\w+)\(self\)", RegexOptions.Multiline)]
    private static partial Regex TestName();

    /// <summary>One process for all tests; started only where the suite is there.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private SiloProcess? silo;

        public int Port => silo!.MqttPort;

        public async Task InitializeAsync()
        {
            if (PahoSuiteTheoryAttribute.Folder is not null)
            {
                silo = new SiloProcess();
                await silo.StartAsync("--mqtt-test-profile", "--bind", "127.0.0.1");
            }
        }

        public async Task DisposeAsync()
        {
            if (silo is not null)
            {
                await silo.DisposeAsync();
            }
        }
    }
}
