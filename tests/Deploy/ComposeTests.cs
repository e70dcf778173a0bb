using System.Diagnostics;
using System.Text.Json;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Deploy;

/// <summary>The shipped <c>compose.yaml</c>, read by whatever here can read YAML, and the files that it names.</summary>
public sealed class ComposeTests
{
    private static string Deploy => Path.Combine(AppContext.BaseDirectory, "deploy");

    [YamlFact]
    public void It_starts_the_silo_with_a_broker_and_names_files_that_are_shipped()
    {
        (int code, string json) = Yaml.Read(Path.Combine(Deploy, "compose.yaml"));
        Assert.True(code == 0, json);
        JsonElement compose = JsonDocument.Parse(json).RootElement;
        JsonElement silo = compose.GetProperty("services").GetProperty("silo");
        JsonElement mosquitto = compose.GetProperty("services").GetProperty("mosquitto");
        Assert.Equal(["--brokers", "/config/brokers.json"], silo.GetProperty("command").EnumerateArray().Select(word => word.GetString()));
        Assert.Equal("deploy/Dockerfile", silo.GetProperty("build").GetProperty("dockerfile").GetString());
        Assert.True(File.Exists(Path.Combine(Deploy, "Dockerfile")));
        string[] volumes = [.. silo.GetProperty("volumes").EnumerateArray().Concat(mosquitto.GetProperty("volumes").EnumerateArray()).Select(volume => volume.GetString()!)];
        foreach (string volume in volumes)
        {
            string from = volume.Split(':')[0];
            Assert.True(from.StartsWith("./", StringComparison.Ordinal) ? File.Exists(Path.Combine(Deploy, from)) : compose.GetProperty("volumes").TryGetProperty(from, out _), $"{volume} is of nothing");
        }

        // What the silo's configuration says is where the compose file puts it.
        string brokers = File.ReadAllText(Path.Combine(Deploy, "brokers.json"));
        Assert.Contains("\"host\": \"mosquitto\"", brokers, StringComparison.Ordinal);
        foreach (JsonElement secret in silo.GetProperty("secrets").EnumerateArray())
        {
            Assert.Contains($"/run/secrets/{secret.GetString()}", brokers, StringComparison.Ordinal);
            Assert.True(compose.GetProperty("secrets").TryGetProperty(secret.GetString()!, out _));
        }
    }

    /// <summary>Skipped where nothing reads YAML.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class YamlFactAttribute : FactAttribute
    {
        public YamlFactAttribute()
        {
            if (!Yaml.IsReadable)
            {
                Skip = "no python3 with yaml is installed";
            }
        }
    }

    /// <summary>YAML as JSON, by python3.</summary>
    private static class Yaml
    {
        public static bool IsReadable { get; } = MosquittoFactAttribute.Find("python3") is not null && Run("import yaml").Code == 0;

        public static (int Code, string Output) Read(string path) => Run("import json,sys,yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding='utf-8'))))", path);

        private static (int Code, string Output) Run(string program, params string[] arguments)
        {
            using Process run = Process.Start(new ProcessStartInfo(MosquittoFactAttribute.Find("python3")!, ["-c", program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string output = run.StandardOutput.ReadToEnd();
            string errors = run.StandardError.ReadToEnd();
            run.WaitForExit();
            return (run.ExitCode, run.ExitCode == 0 ? output : errors);
        }
    }
}
