using System.Diagnostics;
using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Mqtt;

/// <summary>The command-line clients of Mosquitto, which others will try first.</summary>
public sealed class MosquittoTests
{
    private static readonly string[] Shown = ["\"一\"", "\"二\"", "\"三\""];

    private const string Filter = "v1/departments/transport/+/alerts";

    [MosquittoFact]
    public async Task Mosquitto_publishes_in_both_versions()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        foreach (string version in new[] { "mqttv311", "mqttv5" })
        {
            (int exit, string output) = await RunAsync(
                "mosquitto_pub", test.Port, version, "S07", "p", ["-q", "1", "-t", "v1/wim/S07/2", "-m", Encoding.UTF8.GetString(EndpointUnderTest.Weighing(1))]);
            Assert.True(exit == 0, $"{version}: {exit} {output}");
        }

        Assert.Equal([1, 1], test.Intake.Arrived.Select(each => each.Readings));
    }

    [MosquittoFact]
    public async Task Mosquitto_publishes_many_lines_over_one_connection()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        string lines = string.Join('\n', Enumerable.Range(0, 2000).Select(i => Encoding.UTF8.GetString(EndpointUnderTest.Weighing(i))));
        (int exit, string output) = await RunAsync("mosquitto_pub", test.Port, "mqttv5", "S07", "p", ["-q", "1", "-t", "v1/wim/S07/2", "-l"], lines + "\n");

        Assert.True(exit == 0, output);
        Assert.Equal(2000, test.Intake.Arrived.Sum(each => each.Readings));
    }

    [MosquittoFact]
    public async Task Mosquitto_is_told_why_a_publish_or_a_connection_is_refused()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        (_, string foreign) = await RunAsync("mosquitto_pub", test.Port, "mqttv5", "S07", "p", ["-q", "1", "-t", "v1/wim/S08/2", "-m", "{}"]);
        (int exit5, string wrong5) = await RunAsync("mosquitto_pub", test.Port, "mqttv5", "S07", "wrong", ["-q", "1", "-t", "v1/wim/S07/2", "-m", "{}"]);
        (int exit311, string wrong311) = await RunAsync("mosquitto_pub", test.Port, "mqttv311", "S07", "wrong", ["-q", "1", "-t", "v1/wim/S07/2", "-m", "{}"]);

        Assert.Contains("Not authorized", foreign, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("does not allow this topic", foreign, StringComparison.Ordinal);
        Assert.NotEqual(0, exit5);
        Assert.NotEqual(0, exit311);
        Assert.NotEmpty(wrong5 + wrong311);
        Assert.Equal(RejectReason.TopicNotAllowed, Assert.Single(test.Intake.Arrived).Rejection);
    }

    [MosquittoFact]
    public async Task Mosquitto_receives_a_feed_in_both_versions_and_resumes_it()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        foreach (string version in new[] { "mqttv311", "mqttv5" })
        {
            string id = $"sub-{version}";
            int shown = (int)test.Feeds.Last("transport/*");
            string[] session = version == "mqttv5" ? ["-c", "-x", "3600"] : ["-c"];
            Task<(int Exit, string Output)> first = RunAsync("mosquitto_sub", test.Port, version, "t1", "t", ["-i", id, "-q", "1", "-t", Filter, "-C", "2", "-W", "50", .. session]);
            await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Any(each => each.ClientId == id && each.Subscriptions == 1));
            test.Feeds.Add("transport/*", "harbour", "\"一\"");
            test.Feeds.Add("transport/*", "harbour", "\"二\"");
            (int exit, string output) = await first;
            Assert.True(exit == 0, $"{version}: {exit} {output}");
            Assert.Equal(["\"一\"", "\"二\""], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));

            await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 0);
            long stored = test.Sessions[$"t1/{id}"]!.Subscriptions[0].Acknowledged;
            Assert.InRange(stored, shown, shown + 2);
            test.Feeds.Add("transport/*", "harbour", "\"三\"");
            int due = (int)(shown + 3 - stored);
            (exit, output) = await RunAsync("mosquitto_sub", test.Port, version, "t1", "t", ["-i", id, "-q", "1", "-t", Filter, "-C", $"{due}", "-W", "50", .. session]);
            Assert.True(exit == 0, $"{version}: {exit} {output}");
            Assert.Equal(Shown[^due..], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [MosquittoFact]
    public async Task Mosquitto_publishes_at_QoS_2_in_both_versions_with_and_without_a_session()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        string lines = string.Join('\n', Enumerable.Range(0, 500).Select(i => Encoding.UTF8.GetString(EndpointUnderTest.Weighing(i))));
        foreach (string[] options in PublisherOptions)
        {
            (int exit, string output) = await RunAsync("mosquitto_pub", test.Port, options[0], "S07", "p", ["-q", "2", "-i", "station", "-t", "v1/wim/S07/2", "-l", .. options[1..]], lines + "\n");
            Assert.True(exit == 0, $"{string.Join(' ', options)}: {exit} {output}");
        }

        Assert.Equal(500 * PublisherOptions.Length, test.Intake.Arrived.Count);
        Assert.Null(test.Sessions["S07/station"]?.Taken);
    }

    [MosquittoFact]
    public async Task Mosquitto_gets_each_item_once_at_QoS_2_though_it_leaves_in_between_and_the_server_is_killed()
    {
        foreach (string version in new[] { "mqttv311", "mqttv5" })
        {
            await using EndpointUnderTest killed = await EndpointUnderTest.StartAsync();
            string[] arguments = ["-i", "sub", "-q", "2", "-t", Filter, "-W", "50", "-c", .. version == "mqttv5" ? ["-x", "3600"] : Array.Empty<string>()];
            Task<(int Exit, string Output)> first = RunAsync("mosquitto_sub", killed.Port, version, "t1", "t", [.. arguments, "-C", "10"]);
            await EndpointUnderTest.UntilAsync(() => killed.Endpoint.Connections.Any(each => each.Subscriptions == 1));
            for (int i = 1; i <= 30; i++)
            {
                killed.Feeds.Add("transport/*", "harbour", $"{i}");
            }

            List<string> got = [.. (await first).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
            await EndpointUnderTest.UntilAsync(() => killed.Endpoint.Connections.Count == 0);
            for (int i = 31; i <= 40; i++)
            {
                killed.Feeds.Add("transport/*", "harbour", $"{i}");
            }

            // The command-line client keeps nothing between its runs, so what it had taken and not been released from is lost to it; the rest is due.
            await using EndpointUnderTest test = await killed.AfterKillAsync();
            SessionRow session = test.Sessions["t1/sub"]!;
            SessionDelivery[] inFlight = session.InFlight ?? [];
            long due = 40 - session.Subscriptions[0].Passed + inFlight.Count(delivery => !delivery.Received);
            (int exit, string output) = await RunAsync("mosquitto_sub", test.Port, version, "t1", "t", [.. arguments, "-C", $"{due}"]);
            got.AddRange(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.True(exit == 0, $"{version}: {exit} {output}");
            List<int> numbers = got.ConvertAll(line => int.Parse(line, System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(numbers.Distinct().Order(), numbers);
            Assert.Equal(Enumerable.Range(1, 40), numbers.Union(inFlight.Where(delivery => delivery.Received).Select(delivery => (int)delivery.Number)).Order());
        }
    }

    private static readonly string[][] PublisherOptions = [["mqttv311"], ["mqttv311", "-c"], ["mqttv5"], ["mqttv5", "-c", "-x", "3600"]];

    private static async Task<(int Exit, string Output)> RunAsync(string tool, int port, string version, string user, string password, string[] arguments, string? input = null)
    {
        ProcessStartInfo start = new(MosquittoFactAttribute.Find(tool)!) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in new[] { "-h", "127.0.0.1", "-p", $"{port}", "-V", version, "-u", user, "-P", password }.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        using CancellationTokenSource patience = new(Waits.Longest);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(patience.Token);
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), patience.Token);
            }

            process.StandardInput.Close();
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
