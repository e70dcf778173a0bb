using System.Buffers.Binary;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Journal.Archives;

/// <summary>
/// Collects which subject each record of one archive concerns, and puts that in the order of the index: subjects by hash, and the records of each by position. The arrays stay for the next archive.
/// A record comes in at 12 bytes a subject, and a segment bounds how many there are.
/// </summary>
internal sealed class SubjectIndexBuilder
{
    private readonly int[] counts = new int[8 * 256];
    private ulong[] hashes = new ulong[1024];
    private uint[] places = new uint[1024];
    private ulong[] otherHashes = [];
    private uint[] otherPlaces = [];
    private int count;

    public int Subjects { get; private set; }

    /// <summary>One entry a subject, in ascending order of the hash: u64 hash, u32 where its list begins.</summary>
    public ByteWriter Entries { get; } = new(4096);

    /// <summary>The lists, one behind the other: of each record the place, as the difference to the one before.</summary>
    public ByteWriter Lists { get; } = new(4096);

    public void Clear() => count = 0;

    /// <summary>A record concerns a subject. Records come in ascending order.</summary>
    public void Add(ulong hash, uint place)
    {
        if (count == hashes.Length)
        {
            Array.Resize(ref hashes, count * 2);
            Array.Resize(ref places, count * 2);
        }

        hashes[count] = hash;
        places[count] = place;
        count++;
    }

    /// <summary>Fills <see cref="Entries"/> and <see cref="Lists"/>.</summary>
    public void Build()
    {
        Sort();
        Entries.Clear();
        Lists.Clear();
        Subjects = 0;
        uint previous = 0;
        for (int i = 0; i < count; i++)
        {
            if (i == 0 || hashes[i] != hashes[i - 1])
            {
                Span<byte> entry = Entries.Take(ArchiveLayout.SubjectEntryBytes);
                BinaryPrimitives.WriteUInt64LittleEndian(entry, hashes[i]);
                BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], (uint)Lists.Length);
                Subjects++;
                previous = 0;
            }

            Lists.WriteVar(places[i] - previous);
            previous = places[i];
        }
    }

    /// <summary>By hash, a byte at a time from the lowest: it keeps the records of a subject in order, and takes the same time whatever the hashes are.</summary>
    private void Sort()
    {
        if (otherHashes.Length < count)
        {
            otherHashes = new ulong[hashes.Length];
            otherPlaces = new uint[places.Length];
        }

        Array.Clear(counts);
        foreach (ulong hash in hashes.AsSpan(0, count))
        {
            for (int digit = 0; digit < 8; digit++)
            {
                counts[(digit * 256) + (int)((hash >> (digit * 8)) & 0xFF)]++;
            }
        }

        for (int digit = 0; digit < 8; digit++)
        {
            Span<int> next = counts.AsSpan(digit * 256, 256);
            int before = 0;
            for (int value = 0; value < 256; value++)
            {
                (next[value], before) = (before, before + next[value]);
            }

            for (int i = 0; i < count; i++)
            {
                int to = next[(int)((hashes[i] >> (digit * 8)) & 0xFF)]++;
                otherHashes[to] = hashes[i];
                otherPlaces[to] = places[i];
            }

            (hashes, otherHashes) = (otherHashes, hashes);
            (places, otherPlaces) = (otherPlaces, places);
        }
    }
}
