using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;

namespace Streaming.Silo.Journal.Archives;

/// <summary>Names and sizes of archives, as <c>FORMAT.md</c> describes them. Frozen by a golden test.</summary>
internal static class ArchiveLayout
{
    public const uint Version = 1;

    public const int HeaderBytes = 512;

    public const int FrameEntryBytes = 52;

    /// <summary>A subject in the index: its hash, and where its list begins.</summary>
    public const int SubjectEntryBytes = 12;

    /// <summary>What an archive is called until it is whole.</summary>
    public const string TemporaryName = "archive.tmp";

    /// <summary>The low bits of a place in the index name the stream; the rest is the position, counted from the archive's first.</summary>
    public const int StreamBits = 3;

    private const string Suffix = ".arc";

    public static string Name(long firstPosition) => JournalLayout.FileName(firstPosition, Suffix);

    /// <summary>False for files that are no archives.</summary>
    public static bool TryParseName(string name, out long firstPosition) => JournalLayout.TryParseFileName(name, Suffix, out firstPosition);
}

/// <summary>What a section holds, or held before it was dropped.</summary>
/// <param name="Records">How many records, or raw payloads.</param>
/// <param name="Bytes">Their bytes before compression.</param>
/// <param name="Dropped">True where retention took it out.</param>
internal readonly record struct SectionSummary(uint Records, long Bytes, bool Dropped);

/// <summary>
/// The first 512 bytes of an archive:
/// <code>
/// 0 u64 magic "STRMJARC" | 8 u32 version | 12 u32 CRC of the previous segment's last block | 16 i64 first position | 24 i64 last position
/// 32 i64 when the segment was begun, ms | 40 i64 time of the record before the first, ms | 48 i64 time of the first record, ms | 56 i64 time of the last record, ms
/// 64 u32 CRC of the segment's last block | 68 u32 CRC-32C of all records | 72 i64 bytes of all records | 80 i64 offset of the directory | 88 u32 frames | 92 u32 CRC of the directory
/// 96 u32 subjects | 100 u32 0 | 104 i64 bytes of the lists | 112 i64 length of the file | 120 u64 0
/// 128 16 sections by number: u32 records | u32 1 where dropped | i64 bytes before compression
/// 384 zeros | 508 u32 CRC-32C of bytes 0 to 507
/// </code>
/// </summary>
internal sealed record ArchiveHeader
{
    private const ulong Magic = 0x4352414A4D525453;
    private const int SectionsAt = 128;
    private const int SectionSlots = 16;
    private const int CrcAt = ArchiveLayout.HeaderBytes - 4;

    public required long FirstPosition { get; init; }

    public required long LastPosition { get; init; }

    /// <summary>Of the last block before the archive; 0 in the first segment of a journal.</summary>
    public required uint PreviousCrc { get; init; }

    /// <summary>Of the last block of the segment that the archive was made from: the next segment's chain begins with it.</summary>
    public required uint LastCrc { get; init; }

    public required long CreatedMs { get; init; }

    public required long PreviousTimeMs { get; init; }

    public required long FirstTimeMs { get; init; }

    public required long LastTimeMs { get; init; }

    /// <summary>Of all records as they stood in the segment; proves, while nothing is dropped, that they come back as they were.</summary>
    public required uint ContentCrc { get; init; }

    public required long ContentBytes { get; init; }

    public required long DirectoryOffset { get; init; }

    public required int Frames { get; init; }

    public required uint DirectoryCrc { get; init; }

    public required int Subjects { get; init; }

    public required long ListBytes { get; init; }

    public required long FileBytes { get; init; }

    /// <summary>By number of the section.</summary>
    public required ImmutableArray<SectionSummary> Sections { get; init; }

    public string Name => ArchiveLayout.Name(FirstPosition);

    public long Records => LastPosition - FirstPosition + 1;

    public long SubjectsOffset => DirectoryOffset + ((long)Frames * ArchiveLayout.FrameEntryBytes);

    public long ListsOffset => SubjectsOffset + Pages.FileBytes((long)Subjects * ArchiveLayout.SubjectEntryBytes);

    /// <summary>True where every record is here, if perhaps without its raw payload.</summary>
    public bool HasEveryRecord
    {
        get
        {
            for (int section = 0; section < Sections.Length; section += 2)
            {
                if (Sections[section].Dropped)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>False where a stream's records were here and retention took them out.</summary>
    public bool Has(JournalStream stream) => !Sections[new ArchiveSection(stream, raw: false).Number].Dropped;

    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..ArchiveLayout.HeaderBytes];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], ArchiveLayout.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], PreviousCrc);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], FirstPosition);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], LastPosition);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], CreatedMs);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], PreviousTimeMs);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], FirstTimeMs);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[56..], LastTimeMs);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[64..], LastCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[68..], ContentCrc);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[72..], ContentBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[80..], DirectoryOffset);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[88..], Frames);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[92..], DirectoryCrc);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[96..], Subjects);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[104..], ListBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[112..], FileBytes);
        for (int section = 0; section < Sections.Length; section++)
        {
            Span<byte> slot = bytes[(SectionsAt + (section * SectionSlots))..];
            BinaryPrimitives.WriteUInt32LittleEndian(slot, Sections[section].Records);
            BinaryPrimitives.WriteUInt32LittleEndian(slot[4..], Sections[section].Dropped ? 1u : 0u);
            BinaryPrimitives.WriteInt64LittleEndian(slot[8..], Sections[section].Bytes);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes[CrcAt..], Crc32C.Append(0, bytes[..CrcAt]));
    }

    /// <summary>Reads a header; returns what is wrong with it, or null.</summary>
    public static string? Read(ReadOnlySpan<byte> bytes, out ArchiveHeader? header)
    {
        header = null;
        if (bytes.Length < ArchiveLayout.HeaderBytes)
        {
            return $"the file has {bytes.Length} bytes, fewer than the {ArchiveLayout.HeaderBytes} of an archive's header.";
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic)
        {
            return "the file does not begin as an archive does.";
        }

        if (Crc32C.Append(0, bytes[..CrcAt]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcAt..]))
        {
            return "the archive's header was changed (its checksum does not match).";
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (version != ArchiveLayout.Version)
        {
            return $"the archive is of format version {version}; this program reads version {ArchiveLayout.Version}.";
        }

        ImmutableArray<SectionSummary>.Builder sections = ImmutableArray.CreateBuilder<SectionSummary>(Streams.Sections);
        for (int section = 0; section < Streams.Sections; section++)
        {
            ReadOnlySpan<byte> slot = bytes[(SectionsAt + (section * SectionSlots))..];
            sections.Add(new SectionSummary(BinaryPrimitives.ReadUInt32LittleEndian(slot), BinaryPrimitives.ReadInt64LittleEndian(slot[8..]), BinaryPrimitives.ReadUInt32LittleEndian(slot[4..]) != 0));
        }

        ArchiveHeader read = new()
        {
            PreviousCrc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
            FirstPosition = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            LastPosition = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            CreatedMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            PreviousTimeMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            FirstTimeMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            LastTimeMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[56..]),
            LastCrc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[64..]),
            ContentCrc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[68..]),
            ContentBytes = BinaryPrimitives.ReadInt64LittleEndian(bytes[72..]),
            DirectoryOffset = BinaryPrimitives.ReadInt64LittleEndian(bytes[80..]),
            Frames = BinaryPrimitives.ReadInt32LittleEndian(bytes[88..]),
            DirectoryCrc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[92..]),
            Subjects = BinaryPrimitives.ReadInt32LittleEndian(bytes[96..]),
            ListBytes = BinaryPrimitives.ReadInt64LittleEndian(bytes[104..]),
            FileBytes = BinaryPrimitives.ReadInt64LittleEndian(bytes[112..]),
            Sections = sections.MoveToImmutable(),
        };
        if (read.FirstPosition <= 0 || read.LastPosition < read.FirstPosition || read.Frames < 0 || read.Subjects < 0 || read.ListBytes < 0
            || read.DirectoryOffset < ArchiveLayout.HeaderBytes || read.ListsOffset + Pages.FileBytes(read.ListBytes) != read.FileBytes)
        {
            return "the archive's header contradicts itself.";
        }

        header = read;
        return null;
    }
}

/// <summary>
/// One frame as the directory lists it:
/// <code>
/// u8 section | u8 coding (0 as it is, 1 Brotli) | u16 0 | u32 records | i64 first position | i64 last position | i64 time of the first record, ms
/// i64 offset | u32 bytes in the file | u32 bytes before compression | u32 CRC-32C of the bytes in the file
/// </code>
/// </summary>
internal readonly record struct ArchiveFrame
{
    public required ArchiveSection Section { get; init; }

    public required bool Compressed { get; init; }

    public required int Records { get; init; }

    public required long FirstPosition { get; init; }

    public required long LastPosition { get; init; }

    public required long FirstTimeMs { get; init; }

    public required long Offset { get; init; }

    public required int StoredBytes { get; init; }

    public required int Bytes { get; init; }

    public required uint Crc { get; init; }

    public void Write(Span<byte> bytes)
    {
        bytes[0] = Section.Number;
        bytes[1] = Compressed ? (byte)1 : (byte)0;
        bytes[2] = 0;
        bytes[3] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Records);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], FirstPosition);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], LastPosition);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], FirstTimeMs);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[40..], StoredBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[44..], Bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[48..], Crc);
    }

    public static ArchiveFrame Read(ReadOnlySpan<byte> bytes) => new()
    {
        Section = new ArchiveSection(bytes[0]),
        Compressed = bytes[1] != 0,
        Records = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
        FirstPosition = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
        LastPosition = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
        FirstTimeMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
        Offset = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
        StoredBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[40..]),
        Bytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[44..]),
        Crc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]),
    };

    /// <summary>The order of the directory: by section, then by position.</summary>
    public static int Compare(ArchiveFrame left, ArchiveFrame right) =>
        left.Section != right.Section ? left.Section.Number.CompareTo(right.Section.Number) : left.FirstPosition.CompareTo(right.FirstPosition);
}
