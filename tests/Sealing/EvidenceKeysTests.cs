using System.Security.Cryptography;
using System.Text;
using Streaming.Silo.Sealing;
using Xunit;

namespace Streaming.Tests.Sealing;

public sealed class EvidenceKeysTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("streaming-keys-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void The_key_outlives_the_process_and_is_its_owners_alone()
    {
        string id;
        EvidenceSignature signature;
        byte[] statement = EvidenceKeys.HeadStatement("harbour-1", 3, new string('a', 64));
        Assert.Equal($"streaming-case-head/1\nharbour-1\n3\n{new string('a', 64)}\n", Encoding.UTF8.GetString(statement));
        using (EvidenceKeys keys = EvidenceKeys.Open(directory, TimeProvider.System))
        {
            signature = keys.Sign(statement);
            id = Assert.Single(keys.All()).Id;
        }

        using EvidenceKeys again = EvidenceKeys.Open(directory, TimeProvider.System);
        EvidenceKey key = Assert.Single(again.All());
        Assert.Equal((id, id), (key.Id, signature.Key));
        Assert.True(EvidenceKeys.Verify(key.PublicKey, statement, signature.Value));
        Assert.False(EvidenceKeys.Verify(key.PublicKey, EvidenceKeys.HeadStatement("harbour-1", 4, new string('a', 64)), signature.Value));
        Assert.Equal(id, Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(key.PublicKey)))[..16]);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(directory, "evidence-key")));
        }
    }

    [Fact]
    public void A_new_key_signs_from_then_on_and_the_old_public_one_stays()
    {
        byte[] statement = "x"u8.ToArray();
        EvidenceSignature old;
        using (EvidenceKeys keys = EvidenceKeys.Open(directory, TimeProvider.System))
        {
            old = keys.Sign(statement);
            EvidenceKey made = keys.Rotate();
            Assert.NotEqual(old.Key, made.Id);
            Assert.Equal(made.Id, keys.Sign(statement).Key);
        }

        using EvidenceKeys again = EvidenceKeys.Open(directory, TimeProvider.System);
        Assert.Equal(2, again.All().Count);
        Assert.True(EvidenceKeys.Verify(again.All().Single(key => key.Id == old.Key).PublicKey, statement, old.Value));
        Assert.False(again.All().Single(key => key.Id == old.Key).Current);
    }

    [Fact]
    public void A_key_that_is_damaged_stops_the_start_and_says_what_to_do()
    {
        EvidenceKeys.Open(directory, TimeProvider.System).Dispose();
        File.WriteAllText(Path.Combine(directory, "evidence-key"), "nothing");
        Assert.Contains("Restore", Assert.Throws<InvalidDataException>(() => EvidenceKeys.Open(directory, TimeProvider.System)).Message, StringComparison.Ordinal);
    }
}
