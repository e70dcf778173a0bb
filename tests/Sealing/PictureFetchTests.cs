using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Streaming.Silo.Sealing;
using Xunit;

namespace Streaming.Tests.Sealing;

/// <summary>Pictures come from listed hosts alone, and only as the reading says that they are.</summary>
public sealed class PictureFetchTests : IAsyncLifetime
{
    private static readonly byte[] Picture = [0xFF, 0xD8, 0xFF, 1, 2, 3];
    private readonly string directory = Directory.CreateTempSubdirectory("streaming-pictures-").FullName;
    private PictureServer server = null!;

    public async Task InitializeAsync()
    {
        server = await PictureServer.StartAsync();
        server.Answer = async (path, response) =>
        {
            switch (path)
            {
                case "/moved":
                    response.Redirect("/1.jpg");
                    break;
                case "/busy":
                    response.StatusCode = 503;
                    break;
                case "/text":
                    await response.WriteAsync("<html>");
                    break;
                case "/large":
                    byte[] part = new byte[1024 * 1024];
                    for (int i = 0; i <= EvidenceLimits.PictureBytes / part.Length; i++)
                    {
                        await response.Body.WriteAsync(part);
                    }

                    break;
                case "/slow":
                    await Task.Delay(TimeSpan.FromSeconds(30), response.HttpContext.RequestAborted);
                    break;
                default:
                    await response.Body.WriteAsync(Picture);
                    break;
            }
        };
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_picture_of_a_listed_host_comes_with_the_hash_that_the_reading_names()
    {
        using PictureFetch fetch = Fetch();
        Fetched fetched = await fetch.GetAsync($"{server.Url}/1.jpg", Hash, default);
        Assert.Equal(Picture, fetched.Picture);
        Assert.Equal(Picture, (await fetch.GetAsync($"{server.Url}/1.jpg", Hash.ToUpperInvariant(), default)).Picture);
    }

    [Fact]
    public async Task A_picture_with_another_hash_is_refused_for_good()
    {
        using PictureFetch fetch = Fetch();
        Fetched fetched = await fetch.GetAsync($"{server.Url}/1.jpg", new string('a', 64), default);
        Assert.Equal((null, false), (fetched.Picture, fetched.Again));
        Assert.Contains(Hash, fetched.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_not_listed_is_never_asked()
    {
        using PictureFetch fetch = Fetch();
        string other = server.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        foreach (string address in new[] { $"{other}/1.jpg", "file:///etc/passwd", $"{server.Url.Replace("//", "//user@", StringComparison.Ordinal)}/1.jpg", "no address" })
        {
            Fetched fetched = await fetch.GetAsync(address, Hash, default);
            Assert.Equal((null, false), (fetched.Picture, fetched.Again));
        }

        Assert.Equal(0, server.Asked);
    }

    [Fact]
    public async Task A_listed_host_in_a_network_that_is_not_allowed_is_not_connected_to()
    {
        using PictureFetch fetch = new(Hosts("""{"hosts":[{"host":"127.0.0.1","allowNetworks":["10.2.0.0/16"]}]}"""), TimeProvider.System);
        Fetched fetched = await fetch.GetAsync($"{server.Url}/1.jpg", Hash, default);
        Assert.Equal((null, false, 0), (fetched.Picture, fetched.Again, server.Asked));
        Assert.Contains("not public", fetched.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/moved", false)]
    [InlineData("/text", false)]
    [InlineData("/large", false)]
    [InlineData("/busy", true)]
    [InlineData("/slow", true)]
    public async Task What_is_no_picture_is_refused_and_what_is_busy_is_asked_again(string path, bool again)
    {
        using PictureFetch fetch = Fetch();
        Fetched fetched = await fetch.GetAsync(server.Url + path, null, default);
        Assert.Null(fetched.Picture);
        Assert.NotNull(fetched.Reason);
        Assert.Equal(again, fetched.Again);
    }

    [Theory]
    [InlineData("""{"hosts":[]}""", "0 hosts")]
    [InlineData("""{"hosts":[{"host":"http://x/"}]}""", "host is")]
    [InlineData("""{"hosts":[{"host":"a"},{"host":"A"}]}""", "twice")]
    [InlineData("""{"hosts":[{"host":"a","timeoutSeconds":0}]}""", "timeoutSeconds")]
    [InlineData("""{"hosts":[{"host":"a","allowNetworks":["10.2.0.1/16"]}]}""", "allowNetworks")]
    [InlineData("""{"hosts":[{"hots":"a"}]}""", "hots")]
    public void A_file_of_hosts_that_is_wrong_says_where(string text, string said) =>
        Assert.Contains(said, Assert.Throws<InvalidDataException>(() => Hosts(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_shipped_file_of_hosts_is_right() =>
        Assert.NotEmpty(PictureHosts.Read(Path.Combine(AppContext.BaseDirectory, "deploy", "pictures.json")).All);

    private static string Hash => Convert.ToHexStringLower(SHA256.HashData(Picture));

    private PictureFetch Fetch() => new(Hosts("""{"hosts":[{"host":"127.0.0.1","allowNetworks":["127.0.0.0/8"],"timeoutSeconds":2}]}"""), TimeProvider.System);

    private PictureHosts Hosts(string text)
    {
        string file = Path.Combine(directory, "pictures.json");
        File.WriteAllText(file, text);
        return PictureHosts.Read(file);
    }
}
