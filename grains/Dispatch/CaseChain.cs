using System.Security.Cryptography;
using System.Text;

namespace Streaming.Grains.Dispatch;

/// <summary>
/// The chain over a case's record. Each entry's hash is SHA-256 over the 32 bytes of the hash before it and the entry's canonical JSON; before the first stands the hash of the case's name, so that a chain is of one case only. The bytes are
/// documented in <c>silo/Sealing/FORMAT.md</c>.
/// </summary>
public static class CaseChain
{
    /// <summary>What stands before the first entry.</summary>
    public static byte[] Genesis(string caseId) => SHA256.HashData(Encoding.UTF8.GetBytes($"streaming-case-chain/1\n{caseId}"));

    /// <summary>Hash of an entry.</summary>
    /// <param name="before">Hash of the entry before it.</param>
    /// <param name="canonical">The entry's canonical JSON.</param>
    public static byte[] Next(ReadOnlySpan<byte> before, ReadOnlySpan<byte> canonical)
    {
        byte[] bytes = new byte[before.Length + canonical.Length];
        before.CopyTo(bytes);
        canonical.CopyTo(bytes.AsSpan(before.Length));
        return SHA256.HashData(bytes);
    }

    /// <summary>Key of the row that has what was written in an entry.</summary>
    public static string TextKey(string caseId, long number) => $"{caseId}/{number}";
}
