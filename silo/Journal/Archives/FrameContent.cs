using System.Buffers.Binary;
using System.IO.Compression;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Journal.Archives;

/// <summary>One frame of an archive, decompressed and taken apart. Used again for the next frame, so that reading on allocates nothing.</summary>
internal sealed class FrameContent
{
    private byte[] bytes = [];
    private long[] positions = [];
    private int[] starts = [];
    private bool[] splits = [];

    /// <summary>Which frame this is, by its place in the directory; -1 where it is none.</summary>
    public int Number { get; private set; } = -1;

    public int Records { get; private set; }

    public ReadOnlySpan<long> Positions => positions.AsSpan(0, Records);

    /// <summary>True where the record's raw payload is in the raw section.</summary>
    public bool Splits(int record) => splits[record];

    /// <summary>Holds no frame any more; the memory stays.</summary>
    public void Forget() => Number = -1;

    /// <summary>The record, or the raw payload.</summary>
    public ReadOnlySpan<byte> Body(int record) => bytes.AsSpan(starts[record], starts[record + 1] - starts[record]);

    /// <summary>Takes a frame apart; returns what is wrong with it, or null. Where something is, this holds no frame.</summary>
    public string? Load(int number, in ArchiveFrame frame, ReadOnlySpan<byte> stored)
    {
        Number = -1;
        if (bytes.Length < frame.Bytes)
        {
            bytes = GC.AllocateUninitializedArray<byte>(Math.Max(frame.Bytes, SiloLimits.ArchiveFrameBytes * 5 / 4));
        }

        if (!frame.Compressed)
        {
            if (stored.Length != frame.Bytes)
            {
                return $"the frame has {stored.Length} bytes where the directory says {frame.Bytes}.";
            }

            stored.CopyTo(bytes);
        }
        else if (!BrotliDecoder.TryDecompress(stored, bytes.AsSpan(0, frame.Bytes), out int written) || written != frame.Bytes)
        {
            return "the frame does not decompress to the length that the directory says.";
        }

        if (starts.Length < frame.Records + 1)
        {
            positions = new long[frame.Records];
            starts = new int[frame.Records + 1];
            splits = new bool[frame.Records];
        }

        try
        {
            if (!TakeApart(frame))
            {
                return "the frame's records are not those that the directory says.";
            }
        }
        catch (InvalidDataException failure)
        {
            return failure.Message;
        }

        Number = number;
        Records = frame.Records;
        return null;
    }

    private bool TakeApart(in ArchiveFrame frame)
    {
        ByteReader columns = new(bytes.AsSpan(0, frame.Bytes));
        long position = frame.FirstPosition;
        for (int i = 0; i < frame.Records; i++)
        {
            ulong value = columns.ReadVar();
            if (frame.Section.IsRaw)
            {
                position += (long)value;
                starts[i + 1] = (int)Math.Min(columns.ReadVar(), int.MaxValue);
            }
            else
            {
                position += (long)(value >> 1);
                splits[i] = (value & 1) != 0;
            }

            if (i == 0 ? position != frame.FirstPosition : position <= positions[i - 1])
            {
                return false;
            }

            positions[i] = position;
        }

        if (position != frame.LastPosition)
        {
            return false;
        }

        long at = columns.Offset;
        for (int i = 0; i < frame.Records; i++)
        {
            starts[i] = (int)at;
            if (!frame.Section.IsRaw && at + 4 > frame.Bytes)
            {
                return false;
            }

            at += frame.Section.IsRaw ? starts[i + 1] : 4L + BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((int)at));
            if (at > frame.Bytes)
            {
                return false;
            }
        }

        starts[frame.Records] = (int)at;
        return at == frame.Bytes;
    }
}
