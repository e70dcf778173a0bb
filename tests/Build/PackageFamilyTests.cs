using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Streaming.Tests.Build;

/// <summary>The automatic choice of Orleans, MQTTnet and ML.NET, asked of the build itself.</summary>
public sealed partial class PackageFamilyTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string[] Families = ["Orleans", "MqttNet", "MlNet"];

    private static readonly string[] Folders = ["models", "grains", "ingest", "silo", "tests"];

    private readonly string markers = Directory.CreateTempSubdirectory("markers").FullName + Path.DirectorySeparatorChar;

    public void Dispose() => Directory.Delete(markers, recursive: true);

    [Fact]
    public async Task Without_a_marker_every_family_is_taken_to_be_there()
    {
        JsonElement properties = await EvaluateAsync();
        Assert.Equal(("true", "true", "true"), (Value(properties, "Orleans"), Value(properties, "MqttNet"), Value(properties, "MlNet")));
        Assert.Contains("ORLEANS", Value(properties, "DefineConstants").Split(';'));
    }

    [Fact]
    public async Task A_marker_leaves_out_its_family_and_no_other()
    {
        Mark("MqttNet", await VersionAsync("MqttNet"), "absent");
        JsonElement properties = await EvaluateAsync();
        Assert.Equal(("true", "false", "true"), (Value(properties, "Orleans"), Value(properties, "MqttNet"), Value(properties, "MlNet")));
        Assert.DoesNotContain("MQTTNET", Value(properties, "DefineConstants").Split(';'));
    }

    [Fact]
    public async Task A_marker_of_another_version_says_nothing()
    {
        Mark("Orleans", "1.0.0", "absent");
        Assert.Equal("true", Value(await EvaluateAsync(), "Orleans"));
    }

    [Fact]
    public async Task A_family_given_by_hand_goes_before_its_marker()
    {
        Mark("Orleans", await VersionAsync("Orleans"), "absent");
        Assert.Equal("true", Value(await EvaluateAsync("-p:Orleans=true"), "Orleans"));
        Assert.Equal("false", Value(await EvaluateAsync("-p:MlNet=false"), "MlNet"));
    }

    [Fact]
    public async Task A_source_that_lacks_the_packages_marks_every_family_absent()
    {
        string source = Directory.CreateDirectory(Path.Combine(markers, "empty-source")).FullName;
        string output = await ProbeAsync(source);
        Assert.Equal(["MlNet", "MqttNet", "Orleans"], Marked("absent"));
        Assert.Empty(Marked("found"));
        Assert.Contains("Looking once whether the package source holds", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Looking once", await ProbeAsync(source), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_cannot_be_reached_fails_the_build_and_marks_nothing()
    {
        (int exitCode, string output) = await DotnetAsync(ProbeArguments(Path.Combine(markers, "no-such-source")));
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Could not find out whether the package source holds", output, StringComparison.Ordinal);
        Assert.Contains("-p:Orleans=false", output, StringComparison.Ordinal);
        Assert.Empty(Marked("absent"));
        Assert.Empty(Marked("found"));
    }

    [Theory]
    [InlineData("Orleans")]
    [InlineData("MqttNet")]
    [InlineData("MlNet")]
    public void A_probe_looks_for_every_package_that_a_project_takes_from_its_family(string family)
    {
        HashSet<string> probed = [.. Probed(family)];
        HashSet<string> referenced = [.. Projects().SelectMany(project => XDocument.Load(project).Descendants("ItemGroup")
            .Where(group => group.Attribute("Condition")?.Value == $"'$({family})' == 'true'").SelectMany(Packages))];
        Assert.NotEmpty(referenced);
        Assert.Subset(probed, referenced);
        Assert.Subset(CentralVersions(), probed);
    }

    [Fact]
    public void No_project_takes_a_package_of_a_family_without_asking_whether_it_is_there()
    {
        HashSet<string> families = [.. Families.SelectMany(Probed)];
        foreach (string project in Projects())
        {
            IEnumerable<string> always = XDocument.Load(project).Descendants("ItemGroup").Where(group => group.Attribute("Condition") is null).SelectMany(Packages);
            Assert.DoesNotContain(always, families.Contains);
        }
    }

    private static string Root
    {
        get
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Streaming.sln")))
            {
                folder = folder.Parent;
            }

            return folder?.FullName ?? throw new DirectoryNotFoundException("Streaming.sln was not found above the tests.");
        }
    }

    private static IEnumerable<string> Packages(XContainer container) => container.Descendants("PackageReference").Select(reference => reference.Attribute("Include")!.Value);

    private static IEnumerable<string> Probed(string family) => Packages(XDocument.Load(Path.Combine(Root, ".build", "probes", $"{family}.csproj")));

    private static IEnumerable<string> Projects() => Folders.SelectMany(folder => Directory.GetFiles(Path.Combine(Root, folder), "*.csproj"));

    private static HashSet<string> CentralVersions() =>
        [.. XDocument.Load(Path.Combine(Root, "Directory.Packages.props")).Descendants("PackageVersion").Select(version => version.Attribute("Include")!.Value)];

    private static string Value(JsonElement properties, string name) => properties.GetProperty(name).GetString()!;

    private void Mark(string family, string version, string verdict) => File.WriteAllText($"{markers}{family}-{version}.{verdict}", "");

    private IEnumerable<string> Marked(string verdict) =>
        Directory.GetFiles(markers, $"*.{verdict}").Select(path => Path.GetFileName(path)).Select(name => name[..name.IndexOf('-', StringComparison.Ordinal)]).Order();

    private async Task<string> VersionAsync(string family) => Value(await EvaluateAsync(), $"{family}Version");

    private async Task<JsonElement> EvaluateAsync(params string[] more)
    {
        (int exitCode, string output) = await DotnetAsync(
            ["msbuild", Path.Combine(Root, "models", "Streaming.Models.csproj"), "-nodeReuse:false", $"-p:FamilyMarkers={markers}", "-getProperty:Orleans,MqttNet,MlNet,DefineConstants,OrleansVersion,MqttNetVersion,MlNetVersion", .. more]);
        Assert.True(exitCode == 0, output);
        return JsonDocument.Parse(output).RootElement.GetProperty("Properties");
    }

    /// <summary>Runs the probes alone, as a build of the solution would, against one package source.</summary>
    private async Task<string> ProbeAsync(string source)
    {
        (int exitCode, string output) = await DotnetAsync(ProbeArguments(source));
        Assert.True(exitCode == 0, output);
        return output;
    }

    /// <summary>The one source and nothing else: no settings of the machine, which may say where packages of a name come from.</summary>
    private string[] ProbeArguments(string source)
    {
        string settings = Path.Combine(markers, "nuget.config");
        File.WriteAllText(settings, $"""<configuration><packageSources><clear /><add key="tested" value="{source}" /></packageSources></configuration>""");
        return ["msbuild", Path.Combine(Root, "Streaming.sln"), "-t:ProbeFamilies", "-nodeReuse:false", "-tl:off", "-nologo", $"-p:FamilyMarkers={markers}", $"-p:RestoreConfigFile={settings}"];
    }

    private async Task<(int ExitCode, string Output)> DotnetAsync(string[] arguments)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root };

        // The test runner is itself started by a build tool, whose settings must not leak into this one.
        foreach (string name in start.Environment.Keys.Where(name => BuildVariable().IsMatch(name)).ToArray())
        {
            start.Environment.Remove(name);
        }

        // Packages that an earlier build left on the machine would be found without any source.
        start.Environment["NUGET_PACKAGES"] = Path.Combine(markers, "packages");
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        using Process process = Process.Start(start)!;
        using CancellationTokenSource patience = new(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"dotnet {string.Join(' ', arguments)} did not end within {Patience}.");
        }

        return (process.ExitCode, await output + await error);
    }

    [GeneratedRegex("^(MSBUILD|Orleans$|MqttNet$|MlNet$)", RegexOptions.IgnoreCase)]
    private static partial Regex BuildVariable();
}
