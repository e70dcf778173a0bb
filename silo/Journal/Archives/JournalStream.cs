using Streaming.Models.Readings;

namespace Streaming.Silo.Journal.Archives;

/// <summary>What records are kept together and as long as one another. Persisted: numbers are never reused.</summary>
internal enum JournalStream : byte
{
    /// <summary>Commands, reminders, rulebooks and effects: everything that is no PUBLISH.</summary>
    Core = 0,
    Weigh = 1,
    Video = 2,
    Truck = 3,

    /// <summary>Tanks and process units of an enterprise.</summary>
    Tank = 4,
    Ledger = 5,

    /// <summary>Status messages, and payloads of which nothing could be read.</summary>
    Other = 6,
}

/// <summary>The part of an archive that holds one stream's records, or what was split off them: the raw payloads. Its number is persisted.</summary>
internal readonly record struct ArchiveSection(byte Number)
{
    public ArchiveSection(JournalStream stream, bool raw)
        : this((byte)(((int)stream << 1) | (raw ? 1 : 0)))
    {
    }

    public JournalStream Stream => (JournalStream)(Number >> 1);

    public bool IsRaw => (Number & 1) != 0;

    /// <summary>As <c>--keep</c> and <c>verify</c> name it: <c>weigh</c>, <c>weigh.raw</c>.</summary>
    public string Name => Streams.Name(Stream) + (IsRaw ? ".raw" : "");
}

/// <summary>Names and numbers of streams.</summary>
internal static class Streams
{
    public const int Count = 7;

    /// <summary>Sections of an archive: two of each stream.</summary>
    public const int Sections = Count * 2;

    public static string Name(JournalStream stream) => stream switch
    {
        JournalStream.Core => "core",
        JournalStream.Weigh => "weigh",
        JournalStream.Video => "video",
        JournalStream.Truck => "truck",
        JournalStream.Tank => "tank",
        JournalStream.Ledger => "ledger",
        _ => "other",
    };

    public static JournalStream Of(ReadingKind kind) => kind switch
    {
        ReadingKind.Weigh => JournalStream.Weigh,
        ReadingKind.Video => JournalStream.Video,
        ReadingKind.Truck => JournalStream.Truck,
        ReadingKind.Plant => JournalStream.Tank,
        ReadingKind.Ledger => JournalStream.Ledger,
        _ => JournalStream.Other,
    };
}
