using Streaming.Ingest.Brokers;
using Xunit;

namespace Streaming.Tests.Brokers;

public sealed class BrokersFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("brokers-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_least_that_a_broker_needs_gets_the_rest_by_default()
    {
        BrokerOptions broker = Assert.Single(Load("""{"brokers":[{"name":"plant","host":"mosquitto","clientId":"silo-1","subscriptions":[{"from":"v1/wim/{station}/{lane}"}]}]}"""));
        Assert.Equal((1883, "5.0", true), (broker.PortInForce, broker.Version, broker.IsVersion5));
        Assert.Equal((BrokerLimits.SessionExpirySeconds, BrokerLimits.ReceiveMaximum), (broker.SessionExpirySeconds, broker.ReceiveMaximum));
        Assert.Equal("native", broker.Subscriptions[0].Format);
        Assert.Equal(["v1/wim/+/+"], BrokerTopics.FiltersOf(broker));
    }

    [Fact]
    public void Everything_can_be_said_and_files_lie_beside_it()
    {
        foreach (string file in (string[])["password", "ca.pem", "silo.pem", "silo.key"])
        {
            File.WriteAllText(Path.Combine(folder, file), "x");
        }

        BrokerOptions broker = Assert.Single(Load("""
            {"brokers":[{"name":"plant","host":"emqx.example","clientId":"silo-1","version":"3.1.1","user":"silo","passwordFile":"password","shareGroup":"silos","receiveMaximum":10,"sessionExpirySeconds":60,
              "tls":{"caFile":"ca.pem","certificateFile":"silo.pem","keyFile":"silo.key","serverName":"emqx"}, // a comment
              "subscriptions":[{"from":"plant/+/wim/{station}/{lane}","to":"v1/wim/{station}/{lane}","source":"{station}","format":"native"},{"from":"v1/status/{id}"},{"from":"v1/status/{other}"}]}]}
            """));
        Assert.Equal(8883, broker.PortInForce);
        Assert.Equal((10, 60u), (broker.ReceiveMaximum, broker.SessionExpirySeconds));
        Assert.Equal(Path.Combine(folder, "password"), broker.PasswordFile);
        Assert.Equal(Path.Combine(folder, "silo.key"), broker.Tls!.KeyFile);
        Assert.Equal(["$share/silos/plant/+/wim/+/+", "$share/silos/v1/status/+"], BrokerTopics.FiltersOf(broker));
    }

    [Fact]
    public void Every_problem_is_said_at_once_with_its_place()
    {
        IReadOnlyList<string> problems = Problems("""
            {"brokers":[
              {"name":"a b","host":"mqtt://x","clientId":"","port":0,"version":"5","receiveMaximum":0,"sessionExpirySeconds":0,"shareGroup":"a/b","password":"p","passwordFile":"gone","tls":{"caFile":"gone.pem","keyFile":"gone.key"},
               "subscriptions":[{"from":"a/{b","to":"v1/wim/x/1"},{"from":"plant/{station}","source":"{unit}"},{"from":"plant/{station}","to":"v1/wim/{station}"},{"from":"plant/{station}","to":"v1/wim/{gate}/1","format":"xml"}]},
              {"name":"c","host":"h","clientId":"same","subscriptions":[]},
              {"name":"c","host":"h","clientId":"same","subscriptions":[{"from":"v1/#"}]}]}
            """);
        foreach (string expected in (string[])[
            "brokers.json: a b: name is \"a b\"", "host is \"mqtt://x\"", "clientId is \"\"", "port is 0", "version is \"5\"; 5.0 or 3.1.1 expected", "receiveMaximum is 0", "sessionExpirySeconds is 0", "shareGroup is \"a/b\"",
            "password and passwordFile are both there", "there is a password and no user", "passwordFile is ", "tls.caFile is ", "tls.keyFile is ", "of tls.certificateFile and tls.keyFile only one", "subscriptions[0]: from is \"a/{b\"",
            "subscriptions[1]: source is \"{unit}\"", "subscriptions[1]: from is \"plant/{station}\" and there is no \"to\"", "subscriptions[2]: to is \"v1/wim/{station}\": v1/wim/{station}/{lane} expected",
            "subscriptions[3]: to is \"v1/wim/{gate}/1\": {gate} is not a level", "subscriptions[3]: format is \"xml\"", "c: 0 subscriptions", "2 brokers are named \"c\"", "2 brokers are client same at h:1883"])
        {
            Assert.Contains(problems, problem => problem.Contains(expected, StringComparison.Ordinal));
        }

        Assert.Equal(23, problems.Count);
    }

    [Theory]
    [InlineData("null", "holds null")]
    [InlineData("{\"brokers\":[{\"name\":\"x\"}]}", "line 1")]
    [InlineData("{\"brokers\":[],\"more\":1}", "more")]
    [InlineData("{\"brokers\":[]}", "0 brokers")]
    [InlineData("{", "line 1")]
    public void What_is_no_such_file_is_said(string json, string problem) =>
        Assert.Contains(Problems(json), said => said.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void A_file_that_is_not_there_is_said()
    {
        Assert.Null(BrokersFile.Load(Path.Combine(folder, "none.json"), out IReadOnlyList<string> problems));
        Assert.Contains("does not exist", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void No_password_stands_in_a_problem_or_in_what_a_broker_prints_of_itself()
    {
        const string secret = "correct-horse";
        IReadOnlyList<string> problems = Problems("{\"brokers\":[{\"name\":\"\",\"host\":\"\",\"clientId\":\"\",\"password\":\"" + secret + "\",\"subscriptions\":[]}]}");
        IReadOnlyList<string> damaged = Problems("{\"brokers\":[{\"name\":\"x\",\"host\":\"h\",\"clientId\":\"i\",\"subscriptions\":[],\"password\":[\"" + secret + "\"]}]}");
        Assert.NotEmpty(problems);
        Assert.NotEmpty(damaged);
        Assert.DoesNotContain(problems.Concat(damaged), problem => problem.Contains(secret, StringComparison.Ordinal));
        BrokerOptions broker = Assert.Single(Load("{\"brokers\":[{\"name\":\"x\",\"host\":\"h\",\"clientId\":\"i\",\"user\":\"u\",\"password\":\"" + secret + "\",\"subscriptions\":[{\"from\":\"v1/#\"}]}]}"));
        Assert.Equal("x (h:1883)", $"{broker}");
    }

    [Fact]
    public void The_shipped_file_is_valid_but_for_the_password_that_is_not_shipped()
    {
        string shipped = Path.Combine(AppContext.BaseDirectory, "deploy", "brokers.json");
        string copy = Path.Combine(folder, "brokers.json");
        File.WriteAllText(copy, File.ReadAllText(shipped).Replace("/run/secrets/mosquitto_silo", Path.Combine(folder, "password"), StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(folder, "password"), "p");
        Assert.NotNull(BrokersFile.Load(copy, out IReadOnlyList<string> problems));
        Assert.Empty(problems);
        Assert.Contains("passwordFile", Assert.Single(Problems(File.ReadAllText(shipped))), StringComparison.Ordinal);
    }

    private IReadOnlyList<BrokerOptions> Load(string json)
    {
        IReadOnlyList<BrokerOptions>? brokers = BrokersFile.Load(Write(json), out IReadOnlyList<string> problems);
        Assert.Empty(problems);
        return brokers!;
    }

    private IReadOnlyList<string> Problems(string json)
    {
        Assert.Null(BrokersFile.Load(Write(json), out IReadOnlyList<string> problems));
        return problems;
    }

    private string Write(string json)
    {
        string path = Path.Combine(folder, "brokers.json");
        File.WriteAllText(path, json);
        return path;
    }
}
