using Streaming.Silo.Cli;
using Streaming.Silo.Host;
using Xunit;

namespace Streaming.Tests.Cli.Orleans;

/// <summary>The options that only a build with Orleans has.</summary>
public sealed class OrleansOptionTests
{
    private const string Cluster = "Host=db;Database=streaming;Username=u;Password=very-secret";

    private readonly Dictionary<string, string> environment = [];
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();
    private object? called;

    [Fact]
    public void Orleans_is_the_default_host()
    {
        Assert.Equal(HostKind.Orleans, Hosts.Default);
        Assert.Equal([HostKind.Orleans, HostKind.Standalone], Hosts.BuiltIn);
    }

    [Fact]
    public async Task A_cluster_is_taken_with_the_Orleans_host()
    {
        Assert.Equal(0, await RunAsync("up", "--host", "orleans", "--cluster", Cluster));
        UpOptions up = Assert.IsType<UpOptions>(called);
        Assert.Equal((HostKind.Orleans, Cluster), (up.Host, up.Cluster));
    }

    [Fact]
    public async Task A_cluster_may_stand_in_the_environment()
    {
        environment["STREAMING_CLUSTER"] = Cluster;
        Assert.Equal(0, await RunAsync("up"));
        UpOptions up = Assert.IsType<UpOptions>(called);
        Assert.Equal((HostKind.Orleans, Cluster), (up.Host, up.Cluster));
    }

    [Fact]
    public async Task Config_shows_the_cluster_without_its_password()
    {
        environment["STREAMING_CLUSTER"] = Cluster;
        Assert.Equal(0, await RunAsync("config"));
        string line = output.ToString().Split('\n').Single(line => line.StartsWith("cluster ", StringComparison.Ordinal));
        Assert.Contains(" host=db;database=streaming;username=u (1 more, not shown) ", line, StringComparison.Ordinal);
        Assert.EndsWith("environment, STREAMING_CLUSTER", line, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ingest")]
    [InlineData("soak")]
    public async Task A_bench_measures_the_Orleans_host_where_it_is_asked_to(string bench)
    {
        Assert.Equal(0, await RunAsync("bench", bench, "--host", "orleans"));
        Assert.Equal(new BenchOptions(bench, false, HostKind.Orleans, 1), called);
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
            Train = (_, _) => 0,
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
