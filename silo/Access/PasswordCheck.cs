using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Streaming.Silo.Access;

/// <summary>How a check ended.</summary>
internal enum Checked
{
    Right = 1,
    Wrong = 2,

    /// <summary>Too many checks are waiting; nothing was looked at.</summary>
    Busy = 3,
}

/// <summary>
/// Checks secrets, few slow ones at a time, and remembers recent answers, so that a storm of reconnecting devices costs each of them one slow hash and not one a connection.
/// </summary>
/// <remarks>
/// What is remembered is an HMAC, under a key of this process, over user, stored hash and presented password: nothing to guess from if memory leaks, and an answer dies by itself when the stored hash changes.
/// Every wrong answer that is new, an unknown user's and one against a generated secret included, costs one slow hash, so that time does not tell which users exist.
/// </remarks>
internal sealed class PasswordCheck : IDisposable
{
    private readonly SemaphoreSlim lane;
    private readonly byte[] key = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);
    private readonly ConcurrentDictionary<string, bool> remembered = new(StringComparer.Ordinal);
    private readonly string nobody;
    private readonly int rounds;
    private int waiting;
    private long slowChecks;

    /// <param name="rounds">Rounds for new hashes and for the hash that stands in for unknown users.</param>
    /// <param name="concurrency">Slow hashes at the same time; the rest of the processors is for readings.</param>
    public PasswordCheck(int rounds, int concurrency)
    {
        this.rounds = rounds;
        lane = new SemaphoreSlim(concurrency, concurrency);
        nobody = Secrets.HashChosen(RandomNumberGenerator.GetBytes(AccessLimits.SecretBytes), rounds);
    }

    /// <summary>Slow hashes computed so far.</summary>
    public long SlowChecks => Interlocked.Read(ref slowChecks);

    /// <summary>Whether this is the generated secret that is kept: known in a microsecond, and out of reach of guessing.</summary>
    public static bool IsGeneratedAndRight(string? stored, ReadOnlySpan<byte> password) =>
        stored is not null && !Secrets.IsSlow(stored) && password.Length <= AccessLimits.PasswordBytes && Secrets.Verify(password, stored);

    /// <param name="user">Who connects.</param>
    /// <param name="stored">The hash kept for that user; null where there is no such user.</param>
    /// <param name="password">What was presented.</param>
    public async ValueTask<Checked> CheckAsync(string user, string? stored, ReadOnlyMemory<byte> password, CancellationToken cancellation)
    {
        if (password.Length > AccessLimits.PasswordBytes)
        {
            return Checked.Wrong;
        }

        if (IsGeneratedAndRight(stored, password.Span))
        {
            return Checked.Right;
        }

        string name = Name(user, stored ?? "", password.Span);
        if (remembered.TryGetValue(name, out bool right))
        {
            return right ? Checked.Right : Checked.Wrong;
        }

        if (Interlocked.Increment(ref waiting) > AccessLimits.WaitingChecks)
        {
            Interlocked.Decrement(ref waiting);
            return Checked.Busy;
        }

        try
        {
            await lane.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                Interlocked.Increment(ref slowChecks);
                bool slow = stored is not null && Secrets.IsSlow(stored);
                right = await Task.Run(() => VerifySlowly(password, slow ? stored! : nobody), CancellationToken.None).ConfigureAwait(false) && slow;
            }
            finally
            {
                lane.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }

        Remember(name, right);
        return right ? Checked.Right : Checked.Wrong;
    }

    /// <summary>Hashes a chosen password for keeping, in the same lane as checks; null where too many wait.</summary>
    public async ValueTask<string?> HashAsync(string user, string password, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref waiting) > AccessLimits.WaitingChecks)
        {
            Interlocked.Decrement(ref waiting);
            return null;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(password);
        try
        {
            await lane.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                string stored = await Task.Run(() => Secrets.HashChosen(bytes, rounds), CancellationToken.None).ConfigureAwait(false);
                Remember(Name(user, stored, bytes), true);
                return stored;
            }
            finally
            {
                lane.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    public void Dispose() => lane.Dispose();

    /// <summary>A hash from an earlier version has fewer rounds; the rest is spent as well, so that the time does not tell it from an unknown user's.</summary>
    private bool VerifySlowly(ReadOnlyMemory<byte> password, string stored)
    {
        bool right = Secrets.Verify(password.Span, stored);
        Secrets.Spend(password.Span, rounds - Secrets.RoundsOf(stored));
        return right;
    }

    private void Remember(string name, bool right)
    {
        if (remembered.Count >= AccessLimits.RememberedChecks)
        {
            // Rare enough that starting over is simpler than an order of age; everyone's next connection costs one slow hash again.
            remembered.Clear();
        }

        remembered[name] = right;
    }

    private string Name(string user, string stored, ReadOnlySpan<byte> password)
    {
        using IncrementalHash mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        Append(mac, Encoding.UTF8.GetBytes(user));
        Append(mac, Encoding.UTF8.GetBytes(stored));
        Append(mac, password);
        return Convert.ToBase64String(mac.GetHashAndReset());
    }

    /// <summary>Each part behind its length, so that no two different triples read the same.</summary>
    private static void Append(IncrementalHash mac, ReadOnlySpan<byte> part)
    {
        mac.AppendData(BitConverter.GetBytes(part.Length));
        mac.AppendData(part);
    }
}
