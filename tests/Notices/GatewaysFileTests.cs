using Streaming.Silo.Notices;
using Streaming.Tests.Journal;
using Xunit;

namespace Streaming.Tests.Notices;

public sealed class GatewaysFileTests : IDisposable
{
    private const string Secret = "0123456789abcdef-secret";
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_file_names_gateways_and_their_secrets_come_from_elsewhere()
    {
        File.WriteAllText(Path.Combine(directory.Path, "sms.secret"), Secret + "\nsecond line\n");
        Gateways gateways = GatewaysFile.Read(
            Write("""{"publicUrl":"https://n.example","gateways":[{"name":"sms","url":"https://sms.example/in","secretFile":"sms.secret"},{"name":"inner","url":"http://10.2.0.8/","secretVariable":"V","allowNetworks":["10.2.0.0/16"],"timeoutSeconds":20}]}"""),
            name => name == "V" ? "fedcba9876543210" : null);
        Assert.Equal(Secret, System.Text.Encoding.UTF8.GetString(gateways.Find("sms")!.Secret));
        Assert.Equal((TimeSpan.FromSeconds(20), 1), (gateways.Find("inner")!.Timeout, gateways.Find("inner")!.Networks.Count));
        Assert.Equal("webhook:sms", gateways.All[0].Channel);
        Assert.Null(gateways.Find("other"));
        Assert.Equal("sms", gateways.All[0].ToString());
    }

    [Theory]
    [InlineData("""{"publicUrl":"n.example","gateways":[{"name":"a","url":"https://a.example","secretVariable":"V"}]}""", "publicUrl is \"n.example\"")]
    [InlineData("""{"publicUrl":"https://n.example","gateways":[]}""", "0 gateways")]
    [InlineData("""{"publicUrl":"https://n.example","gateways":[{"name":"a b","url":"https://a.example","secretVariable":"V"}]}""", "name is \"a b\"")]
    [InlineData("""{"publicUrl":"https://n.example","gateways":[{"name":"a","url":"ftp://a.example","secretVariable":"V"}]}""", "url is not an http")]
    [InlineData("""{"publicUrl":"https://n.example","gateways":[{"name":"a","url":"https://u:p@a.example","secretVariable":"V"}]}""", "without a user")]
    [InlineData("""{"publicUrl":"https://n.example","gateways":[{"name":"a","url":"http://a.example","secretVariable":"V"}]}""", "url is http, which others")]
    [InlineData("""{"publicUrl":"https://n.example","gateways":[{"name":"a","url":"https://a.example"}]}""", "of secretFile and secretVariable one is expected")]
    [InlineData("""{"publicUrl":"https://n.example","gateways":[{"name":"a","url":"https://a.example","secretVariable":"SHORT"}]}""", "a secret that can be guessed")]
    [InlineData("""{"publicUrl":"https://n.example","gateways":[{"name":"a","url":"https://a.example","secretVariable":"ABSENT"}]}""", "holds nothing")]
    [InlineData("""{"publicUrl":"https://n.example","gateways":[{"name":"a","url":"https://a.example","secretFile":"absent"}]}""", "secretFile cannot be read")]
    [InlineData("""{"publicUrl":"https://n.example","gateways":[{"name":"a","url":"https://a.example","secretVariable":"V","allowNetworks":["10/8"]}]}""", "allowNetworks has \"10/8\"")]
    [InlineData("""{"publicUrl":"https://n.example","gateways":[{"name":"a","url":"https://a.example","secretVariable":"V","allowNetworks":["0.0.0.0/0"]}]}""", "allowNetworks has \"0.0.0.0/0\"")]
    [InlineData("""{"publicUrl":"https://n.example","gateways":[{"name":"a","url":"https://a.example","secretVariable":"V","timeoutSeconds":0}]}""", "timeoutSeconds is 0")]
    [InlineData("""{"publicUrl":"https://n.example","gateways":[{"name":"a","url":"https://a.example","secret":"x"}]}""", "secret")]
    public void What_is_wrong_is_said_with_its_place_and_without_a_secret(string text, string says)
    {
        Assert.Null(GatewaysFile.Load(Write(text), name => name switch { "V" => Secret, "SHORT" => "guess-me", _ => null }, out IReadOnlyList<string> problems));
        Assert.Contains(problems, problem => problem.Contains(says, StringComparison.Ordinal));
        Assert.DoesNotContain(problems, problem => problem.Contains(Secret, StringComparison.Ordinal) || problem.Contains("guess-me", StringComparison.Ordinal));
    }

    [Fact]
    public void The_shipped_file_is_one_to_begin_with()
    {
        string shipped = Path.Combine(Rules.CityRules.Directory, "..", "gateways.json");
        Assert.Null(GatewaysFile.Load(shipped, _ => Secret, out IReadOnlyList<string> problems));
        Assert.Contains("/run/secrets/notices_sms", Assert.Single(problems), StringComparison.Ordinal);
    }

    private string Write(string text)
    {
        string path = Path.Combine(directory.Path, "gateways.json");
        File.WriteAllText(path, text);
        return path;
    }
}
