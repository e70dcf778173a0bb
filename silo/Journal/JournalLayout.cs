using System.Buffers.Binary;
using System.Globalization;
using Streaming.Grains;
using Streaming.Grains.Inputs;

namespace Streaming.Silo.Journal;

/// <summary>The layout of the files, as <c>FORMAT.md</c> describes it. Frozen by a golden test.</summary>
internal static class JournalLayout
{
    public const uint Version = 1;

    /// <summary>Blocks begin at multiples of this within a segment, so that a search for blocks behind a damaged one is cheap.</summary>
    public const int Alignment = 64;

    public const int SegmentHeaderBytes = 64;

    public const int BlockHeaderBytes = 40;

    /// <summary>The file that becomes the next segment.</summary>
    public const string SpareName = "spare.seg";

    private static readonly bool[] KnownKinds = [.. Enumerable.Range(0, 256).Select(kind => Enum.IsDefined((InputKind)kind))];

    private const string NamePrefix = "journal-";
    private const string SegmentSuffix = ".seg";

    /// <summary>Length on disk of a block with so many bytes of records.</summary>
    public static int BlockBytes(int contentBytes) => checked(BlockHeaderBytes + contentBytes + Alignment - 1) & -Alignment;

    public static string SegmentName(long firstPosition) => FileName(firstPosition, SegmentSuffix);

    /// <summary>False for files that are no segments.</summary>
    public static bool TryParseSegmentName(string name, out long firstPosition) => TryParseFileName(name, SegmentSuffix, out firstPosition);

    /// <summary>The name of a file of records: with a segment's suffix or an archive's.</summary>
    public static string FileName(long firstPosition, string suffix) => string.Create(CultureInfo.InvariantCulture, $"{NamePrefix}{firstPosition:D20}{suffix}");

    /// <summary>The position in a name that <see cref="FileName"/> made with this suffix; false for any other.</summary>
    public static bool TryParseFileName(string name, string suffix, out long firstPosition)
    {
        firstPosition = 0;
        return name.Length == NamePrefix.Length + 20 + suffix.Length
            && name.StartsWith(NamePrefix, StringComparison.Ordinal)
            && name.EndsWith(suffix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(NamePrefix.Length, 20), NumberStyles.None, CultureInfo.InvariantCulture, out firstPosition)
            && firstPosition > 0;
    }

    /// <summary>Walks a run of records: how many there are, and the time of the last. Returns the first flaw, or null where it is a run of whole records with sound headers.</summary>
    public static string? CheckRecords(ReadOnlySpan<byte> records, out int count, out long lastTimeMs)
    {
        count = 0;
        lastTimeMs = 0;
        int checkedBytes = 0;
        while (checkedBytes < records.Length)
        {
            ReadOnlySpan<byte> rest = records[checkedBytes..];
            if (rest.Length < Record.HeaderBytes)
            {
                return $"{rest.Length} bytes are left, fewer than the {Record.HeaderBytes} of a record's header.";
            }

            long length = BinaryPrimitives.ReadUInt32LittleEndian(rest) + 4L;
            if (length < Record.HeaderBytes || length > rest.Length)
            {
                return $"a record says that it is {length} bytes long; {Record.HeaderBytes} to {rest.Length} are possible.";
            }

            if (!KnownKinds[rest[4]])
            {
                return $"a record is of the unknown kind {rest[4]}.";
            }

            if (rest[6] >= GrainLimits.Partitions)
            {
                return $"a record is for partition {rest[6]}; there are {GrainLimits.Partitions}.";
            }

            lastTimeMs = BinaryPrimitives.ReadInt64LittleEndian(rest[8..]);
            checkedBytes += (int)length;
            count++;
        }

        return null;
    }

}

/// <summary>
/// The first 64 bytes of a segment:
/// <code>
/// 0 u64 magic "STRMJRNL" | 8 u32 version | 12 u32 CRC of the previous segment's last block | 16 i64 first position | 24 i64 created, ms
/// 32 i64 time of the record before the first, ms | 40 u64 0 | 48 u64 0 | 56 u32 0 | 60 u32 CRC-32C of bytes 0 to 59
/// </code>
/// </summary>
internal readonly record struct SegmentHeader
{
    private const ulong Magic = 0x4C4E524A4D525453;

    public required long FirstPosition { get; init; }

    /// <summary>0 in the first segment of a journal.</summary>
    public required uint PreviousCrc { get; init; }

    public required long CreatedMs { get; init; }

    /// <summary>Time goes on from here even where the segments before this one are gone.</summary>
    public required long PreviousTimeMs { get; init; }

    /// <summary>The header's own CRC. The CRC of each block of the segment begins with it, so a block never passes for one of another segment.</summary>
    public uint Crc { get; init; }

    public uint Write(Span<byte> bytes)
    {
        bytes = bytes[..JournalLayout.SegmentHeaderBytes];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], JournalLayout.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], PreviousCrc);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], FirstPosition);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], CreatedMs);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], PreviousTimeMs);
        uint crc = Crc32C.Append(0, bytes[..60]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[60..], crc);
        return crc;
    }

    /// <summary>Returns what is wrong, or null. The header is given as soon as its checksum is right, even where its version is not.</summary>
    public static string? Read(ReadOnlySpan<byte> bytes, out SegmentHeader header)
    {
        header = default;
        if (bytes.Length < JournalLayout.SegmentHeaderBytes)
        {
            return $"the file is shorter than a segment's header of {JournalLayout.SegmentHeaderBytes} bytes.";
        }

        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[60..]);
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic || Crc32C.Append(0, bytes[..60]) != crc)
        {
            return "the segment's header is not valid.";
        }

        header = new SegmentHeader
        {
            PreviousCrc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
            FirstPosition = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            CreatedMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            PreviousTimeMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            Crc = crc,
        };
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        return version == JournalLayout.Version ? null : $"the segment has format version {version}; this program reads version {JournalLayout.Version}.";
    }
}

/// <summary>
/// The 40 bytes before a block's records; the block ends with zeros up to a multiple of 64:
/// <code>
/// 0 u32 magic "BLK1" | 4 u32 CRC | 8 u32 bytes of records | 12 u32 number of records | 16 i64 first position | 24 i64 durable through
/// 32 u32 CRC of the block before (of the previous segment, for a segment's first block) | 36 u32 0
/// </code>
/// The CRC is CRC-32C from byte 8 to the end of the padding, continued from the segment header's CRC.
/// </summary>
internal readonly record struct BlockHeader
{
    private const uint Magic = 0x314B4C42;
    private const int CheckedFrom = 8;

    public required int ContentBytes { get; init; }

    public required int Records { get; init; }

    public required long FirstPosition { get; init; }

    /// <summary>Every record up to this position was on disk for certain when the block was written.</summary>
    public required long DurableThrough { get; init; }

    public required uint PreviousCrc { get; init; }

    public uint Crc { get; init; }

    public long LastPosition => FirstPosition + Records - 1;

    public int BlockBytes => JournalLayout.BlockBytes(ContentBytes);

    /// <summary>Completes the block that <paramref name="block"/> spans, its records being in place: header, padding and CRC, which is returned.</summary>
    public uint Complete(Span<byte> block, uint segmentCrc)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(block, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(block[8..], ContentBytes);
        BinaryPrimitives.WriteInt32LittleEndian(block[12..], Records);
        BinaryPrimitives.WriteInt64LittleEndian(block[16..], FirstPosition);
        BinaryPrimitives.WriteInt64LittleEndian(block[24..], DurableThrough);
        BinaryPrimitives.WriteUInt32LittleEndian(block[32..], PreviousCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(block[36..], 0);
        block[(JournalLayout.BlockHeaderBytes + ContentBytes)..].Clear();
        uint crc = Crc32C.Append(segmentCrc, block[CheckedFrom..]);
        BinaryPrimitives.WriteUInt32LittleEndian(block[4..], crc);
        return crc;
    }

    /// <summary>Reads a header; false where there is none. Nothing of it may be relied on before <see cref="Matches"/> says so.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out BlockHeader header)
    {
        header = default;
        if (bytes.Length < JournalLayout.BlockHeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
        {
            return false;
        }

        header = new BlockHeader
        {
            Crc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
            ContentBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            Records = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            FirstPosition = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            DurableThrough = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            PreviousCrc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]),
        };
        return header.ContentBytes > 0 && header.Records > 0 && header.FirstPosition > 0
            && header.ContentBytes <= int.MaxValue - JournalLayout.BlockHeaderBytes - JournalLayout.Alignment;
    }

    /// <summary>True where the CRC of the whole block, padding included, is right.</summary>
    public bool Matches(ReadOnlySpan<byte> block, uint segmentCrc) => Crc32C.Append(segmentCrc, block[CheckedFrom..]) == Crc;
}
