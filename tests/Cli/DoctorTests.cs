using System.Net;
using System.Net.Sockets;
using Streaming.Ingest.City;
using Streaming.Silo.Cli;
using Streaming.Silo.Host;
using Streaming.Tests.Mqtt;
using Xunit;

namespace Streaming.Tests.Cli;

public sealed class DoctorTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("doctor").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void A_fit_machine_is_called_fit_and_nothing_is_left_behind()
    {
        StringWriter output = new();
        Assert.Equal(0, new Doctor(Options(), TimeProvider.System).Run(output));
        Assert.Contains("Fit to run.", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("51 stations", output.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory));
    }

    [Fact]
    public void A_port_in_use_is_bad_and_the_option_to_change_it_is_named()
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;
        Finding finding = Find(Options() with { MqttPort = port }, "MQTT port");
        Assert.Equal(Health.Bad, finding.Health);
        Assert.Contains("--mqtt", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_is_looked_at_where_there_is_an_encrypted_port()
    {
        Assert.DoesNotContain(new Doctor(Options(), TimeProvider.System).Examine(), finding => finding.What == "certificate");
        using TestCertificates certificates = new();
        Assert.Equal(Health.Ok, Find(Options() with { MqttTls = certificates.Options }, "certificate").Health);
        File.Delete(certificates.ServerKey);
        Finding finding = Find(Options() with { MqttTls = certificates.Options }, "certificate");
        Assert.Equal(Health.Bad, finding.Health);
        Assert.Contains(certificates.ServerKey, finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_cannot_be_written_is_bad()
    {
        string file = Path.Combine(directory, "file");
        File.WriteAllText(file, "");
        Finding finding = Find(Options() with { DataDirectory = Path.Combine(file, "data") }, "data directory");
        Assert.Equal(Health.Bad, finding.Health);
    }

    [Fact]
    public void A_city_that_does_not_hold_is_noted_with_its_first_problem()
    {
        Finding finding = Find(Options() with { CityDirectory = directory }, "simulated city");
        Assert.Equal(Health.Note, finding.Health);
        Assert.Contains("stations.json", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_that_can_be_guessed_is_noted_and_none_is_shown()
    {
        Finding finding = Find(Options() with { AdminToken = "secret" }, "admin token");
        Assert.Equal(Health.Note, finding.Health);
        Assert.DoesNotContain("secret", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hosts_of_this_build_are_named_with_the_default_and_what_was_left_out()
    {
        bool orleans = Hosts.BuiltIn.Contains(HostKind.Orleans);
        Finding host = Find(Options(), "host");
        Assert.Equal(orleans ? "orleans is the default; this build has orleans and standalone" : "standalone is the default; this build has standalone", host.Text);
        Finding family = Find(Options(), "Orleans");
        Assert.Equal(orleans ? Health.Ok : Health.Note, family.Health);
        Assert.StartsWith(orleans ? "built in" : "not built in: running the actors as grains", family.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_before_the_programs_own_build_is_bad()
    {
        Support.ManualTime past = new(new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(Health.Bad, new Doctor(Options(), past).Examine().Single(finding => finding.What == "clock").Health);
    }

    private static Finding Find(DoctorOptions options, string what) => new Doctor(options, TimeProvider.System).Examine().Single(finding => finding.What == what);

    private DoctorOptions Options() => new(directory, 0, 0, IPAddress.Loopback, CityFiles.ShippedDirectory, CliLimits.LeastRetentionBytes, null);
}
