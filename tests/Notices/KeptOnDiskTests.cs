using System.Security.Cryptography;
using Streaming.Silo.Notices;
using Streaming.Tests.Journal;
using Xunit;

namespace Streaming.Tests.Notices;

/// <summary>What notices keep in the data directory besides the journal: the key of their links, and pictures.</summary>
public sealed class KeptOnDiskTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 4, 2, 7, 0, 0, TimeSpan.Zero);
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_notice_has_the_same_link_after_a_restart_and_another_directory_gives_another()
    {
        string secret = LinkKey.Open(directory.Path).Secret("harbour-1-n1", At);
        Assert.Equal(43, secret.Length);
        Assert.Equal(secret, LinkKey.Open(directory.Path).Secret("harbour-1-n1", At));
        Assert.NotEqual(secret, LinkKey.Open(directory.Path).Secret("harbour-1-n2", At));
        Assert.NotEqual(secret, LinkKey.Open(directory.Path).Secret("harbour-1-n1", At.AddMilliseconds(1)));
        using TemporaryDirectory other = new();
        Assert.NotEqual(secret, LinkKey.Open(other.Path).Secret("harbour-1-n1", At));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(secret))), LinkKey.HashOf(secret));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("../../../../../../../../../../etc/passwd%00xx")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'")]
    public void What_no_link_has_is_not_looked_for(string text) => Assert.Null(LinkKey.HashOf(text));

    [Fact]
    public void A_damaged_key_stops_the_start_and_is_nobody_elses_to_read()
    {
        LinkKey.Open(directory.Path);
        string path = Path.Combine(directory.Path, "notice-key");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        File.WriteAllText(path, "x");
        Assert.Contains("notice-key", Assert.Throws<InvalidDataException>(() => LinkKey.Open(directory.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_are_known_by_their_first_bytes_bounded_one_by_one_and_all_together_and_found_again()
    {
        byte[] jpeg = Picture(1000, 0xFF, 0xD8, 0xFF, 0xE0);
        byte[] png = Picture(900, 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A);
        string path = Path.Combine(directory.Path, "pictures");
        KeptPicture kept;
        using (PictureStore store = new(path, mostBytes: 2000))
        {
            (kept, PictureRefusal refusal) = store.Keep(jpeg);
            Assert.Equal(("image/jpeg", PictureRefusal.None), (kept.Type, refusal));
            Assert.Equal(kept, store.Keep(jpeg).Picture);
            Assert.Equal("image/png", store.Keep(png).Picture.Type);
            Assert.Equal(PictureRefusal.Full, store.Keep(Picture(200, 0xFF, 0xD8, 0xFF)).Refusal);
            Assert.Equal(PictureRefusal.OtherType, store.Keep("<svg onload=alert(1)>"u8).Refusal);
            Assert.Equal(PictureRefusal.OtherType, store.Keep("GIF89a"u8).Refusal);
            Assert.Equal(PictureRefusal.OtherType, store.Keep([]).Refusal);
            Assert.Equal(PictureRefusal.TooLarge, store.Keep(Picture(NoticeLimits.PictureBytes + 1, 0xFF, 0xD8, 0xFF)).Refusal);
            Assert.Null(store.Open(new string('0', 64)));
            Assert.Null(store.Open("../notice-key"));
        }

        File.WriteAllText(Path.Combine(path, "part"), "half of one");
        using PictureStore again = new(path, mostBytes: 2000);
        using Stream found = again.Open(kept.Sha256)!;
        using MemoryStream read = new();
        found.CopyTo(read);
        Assert.Equal(jpeg, read.ToArray());
        Assert.Equal(PictureRefusal.Full, again.Keep(Picture(200, 0xFF, 0xD8, 0xFF)).Refusal);
    }

    private static byte[] Picture(int bytes, params byte[] head)
    {
        byte[] picture = new byte[bytes];
        head.CopyTo(picture, 0);
        picture[^1] = (byte)bytes;
        return picture;
    }
}
