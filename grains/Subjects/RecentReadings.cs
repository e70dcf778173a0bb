using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Grains.Subjects;

/// <summary>Whether a reading was seen before.</summary>
internal enum Recognition : byte
{
    /// <summary>Certainly never seen.</summary>
    New,

    /// <summary>Certainly seen: it must change nothing at all.</summary>
    Repeated,

    /// <summary>Too old to tell from memory: history has to be asked.</summary>
    Unknown,
}

/// <summary>
/// The newest readings of a stream by time and identity, and the newest time of any that was let go. Every reading ever accepted is either kept here or not newer than
/// that time; so one that is newer and not kept is new, exactly, and only what is not newer has to be looked up. Ties need no care: what was let go at the same time as the reading in hand makes it a question for history.
/// It begins with what may have been before it: an actor that was forgotten and comes back knows nothing of what it counted then. It was forgotten at least <see cref="GrainLimits.LeastKeepDays"/> after its last input, and no input is from
/// further ahead than <see cref="GrainLimits.ClockAheadMs"/>, so whatever is newer than that was never counted; the rest is a question for history from the first reading on. (Times of inputs never run back in a journal.)
/// A struct of fixed size: recognising a reading allocates nothing.
/// </summary>
internal struct RecentReadings
{
    private const int Capacity = GrainLimits.RecentReadings;

    /// <summary>Identities and times, in a ring; from <see cref="first"/>, oldest first.</summary>
    private Slots<ulong> hashes;
    private Slots<long> times;
    private long letGoMs;
    private bool letGo;
    private byte first;
    private byte count;

    /// <summary>Readings kept.</summary>
    public readonly int Count => count;

    /// <summary>Recognises a reading.</summary>
    /// <param name="header">Its time and identity.</param>
    /// <param name="seenBefore">History's answer; null as long as it was not asked.</param>
    /// <param name="nowMs">Turn time.</param>
    public readonly Recognition Recognise(scoped in ReadingHeader header, bool? seenBefore, long nowMs)
    {
        if (seenBefore is { } seen)
        {
            return seen ? Recognition.Repeated : Recognition.New;
        }

        // Not yet full, the ring starts at slot 0.
        ReadOnlySpan<ulong> kept = MemoryMarshal.CreateReadOnlySpan(in hashes[0], count);
        if (kept.Contains(header.IdHash))
        {
            return Recognition.Repeated;
        }

        bool beforeMemory = letGo ? header.AtMs <= letGoMs : count == 0 && header.AtMs <= BeforeMemory(nowMs);
        return beforeMemory ? Recognition.Unknown : Recognition.New;
    }

    /// <summary>Remembers a reading that was recognised as new.</summary>
    public void Accept(scoped in ReadingHeader header, long nowMs)
    {
        if (count == 0 && !letGo)
        {
            LetGo(BeforeMemory(nowMs));
        }

        if (count == Capacity)
        {
            long oldestMs = times[first];
            if (header.AtMs <= oldestMs)
            {
                LetGo(header.AtMs);
                return;
            }

            LetGo(oldestMs);
            first = (byte)((first + 1) % Capacity);
            count--;
        }

        int place = count;
        while (place > 0 && times[Slot(place - 1)] > header.AtMs)
        {
            times[Slot(place)] = times[Slot(place - 1)];
            hashes[Slot(place)] = hashes[Slot(place - 1)];
            place--;
        }

        times[Slot(place)] = header.AtMs;
        hashes[Slot(place)] = header.IdHash;
        count++;
    }

    /// <summary>Times as differences from one to the next, so that a full ring takes about 200 bytes.</summary>
    public readonly void Write(ByteWriter writer)
    {
        writer.WriteByte(count);
        writer.WriteBool(letGo);
        if (letGo)
        {
            writer.WriteSigned(letGoMs);
        }

        long beforeMs = letGo ? letGoMs : 0;
        for (int i = 0; i < count; i++)
        {
            writer.WriteSigned(times[Slot(i)] - beforeMs);
            writer.WriteUInt64(hashes[Slot(i)]);
            beforeMs = times[Slot(i)];
        }
    }

    public static RecentReadings Read(scoped ref ByteReader reader)
    {
        RecentReadings recent = default;
        recent.count = reader.ReadByte();
        if (recent.count > Capacity)
        {
            throw new InvalidDataException($"A state has {recent.count} recent readings; at most {Capacity} are kept.");
        }

        recent.letGo = reader.ReadBool();
        if (recent.letGo)
        {
            recent.letGoMs = reader.ReadSigned();
        }

        long beforeMs = recent.letGoMs;
        for (int i = 0; i < recent.count; i++)
        {
            beforeMs += reader.ReadSigned();
            recent.times[i] = beforeMs;
            recent.hashes[i] = reader.ReadUInt64();
        }

        return recent;
    }

    private readonly int Slot(int place) => (first + place) % Capacity;

    private static long BeforeMemory(long nowMs) => nowMs - (GrainLimits.LeastKeepDays * 24L * 60 * 60 * 1000) + GrainLimits.ClockAheadMs;

    private void LetGo(long atMs)
    {
        letGoMs = letGo ? Math.Max(letGoMs, atMs) : atMs;
        letGo = true;
    }

    [InlineArray(Capacity)]
    private struct Slots<T>
    {
        private T slot;
    }
}
