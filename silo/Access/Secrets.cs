using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace Streaming.Silo.Access;

/// <summary>
/// Secrets as they are kept. Generated ones have 256 random bits, so a plain SHA-256 (<c>sha256:{hex}</c>) keeps them safe and is checked in a microsecond; chosen ones need a slow hash
/// (<c>pbkdf2:{rounds}:{salt hex}:{hash hex}</c>, PBKDF2 with HMAC-SHA256).
/// </summary>
internal static class Secrets
{
    private const string Fast = "sha256:";
    private const string Slow = "pbkdf2:";

    /// <summary>A new secret: 43 characters of the URL-safe base 64 alphabet.</summary>
    public static string Generate()
    {
        Span<byte> bytes = stackalloc byte[AccessLimits.SecretBytes];
        RandomNumberGenerator.Fill(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>How a generated secret is kept.</summary>
    public static string HashGenerated(ReadOnlySpan<byte> secret)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(secret, hash);
        return Fast + Convert.ToHexStringLower(hash);
    }

    /// <summary>How a chosen password is kept. Slow on purpose.</summary>
    public static string HashChosen(ReadOnlySpan<byte> password, int rounds)
    {
        Span<byte> salt = stackalloc byte[AccessLimits.SaltBytes];
        RandomNumberGenerator.Fill(salt);
        return HashChosen(password, rounds, salt);
    }

    public static bool IsSlow(string stored) => stored.StartsWith(Slow, StringComparison.Ordinal);

    /// <summary>Rounds of a slow hash; 0 for any other text.</summary>
    public static int RoundsOf(string stored) =>
        stored.Split(':') is [_, { } text, _, _] && IsSlow(stored) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int rounds) && rounds is >= 1 and <= AccessLimits.MaxPasswordRounds ? rounds : 0;

    /// <summary>Takes as long as that many rounds of a slow hash.</summary>
    public static void Spend(ReadOnlySpan<byte> password, int rounds)
    {
        if (rounds > 0)
        {
            HashChosen(password, rounds);
        }
    }

    /// <summary>Whether the secret is the one kept; takes the same time wherever they differ. A text that is neither form matches nothing.</summary>
    public static bool Verify(ReadOnlySpan<byte> secret, string stored)
    {
        if (stored.StartsWith(Fast, StringComparison.Ordinal))
        {
            return SameText(HashGenerated(secret), stored);
        }

        int rounds = RoundsOf(stored);
        if (rounds == 0)
        {
            return false;
        }

        Span<byte> salt = stackalloc byte[64];
        return Convert.FromHexString(stored.Split(':')[2], salt, out _, out int length) == System.Buffers.OperationStatus.Done
            && SameText(HashChosen(secret, rounds, salt[..length]), stored);
    }

    private static string HashChosen(ReadOnlySpan<byte> password, int rounds, ReadOnlySpan<byte> salt)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Rfc2898DeriveBytes.Pbkdf2(password, salt, hash, rounds, HashAlgorithmName.SHA256);
        return string.Create(CultureInfo.InvariantCulture, $"{Slow}{rounds}:{Convert.ToHexStringLower(salt)}:{Convert.ToHexStringLower(hash)}");
    }

    private static bool SameText(string computed, string stored) =>
        CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(computed), System.Text.Encoding.UTF8.GetBytes(stored));
}
