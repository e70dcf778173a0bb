using System.Diagnostics;
using Xunit;

namespace Streaming.Tests.Support;

/// <summary>A test against Paho for Python; skipped where that is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonPahoFactAttribute : FactAttribute
{
    public PythonPahoFactAttribute() => Skip = ForeignClient.Paho is null ? "python3 with paho-mqtt is not installed" : null;
}

/// <summary>A test against MQTT.js; skipped where that is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MqttJsFactAttribute : FactAttribute
{
    public MqttJsFactAttribute() => Skip = ForeignClient.MqttJs is null ? "node with the package mqtt is not installed (NODE_PATH is looked at)" : null;
}

/// <summary>Interpreters that can load a client of somebody else's, and runs of them.</summary>
internal static class ForeignClient
{
    /// <summary>Debian's own Python comes first: its packages are there, not in another one that stands before it on the path.</summary>
    private static readonly Lazy<string?> FoundPaho = new(() => new[] { "/usr/bin/python3", MosquittoFactAttribute.Find("python3") }.FirstOrDefault(each => Loads(each, "-c", "import paho.mqtt.client")));

    private static readonly Lazy<string?> FoundMqttJs = new(() => new[] { MosquittoFactAttribute.Find("node") }.FirstOrDefault(each => Loads(each, "-e", "require('mqtt')")));

    public static string? Paho => FoundPaho.Value;

    public static string? MqttJs => FoundMqttJs.Value;

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int Exit, string Output)> RunAsync(string program, TimeSpan patience, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        using CancellationTokenSource limit = new(patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
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

    private static bool Loads(string? program, params string[] arguments)
    {
        if (program is null || !File.Exists(program))
        {
            return false;
        }

        using Process process = Start(program, arguments);
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static Process Start(string program, string[] arguments)
    {
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
