using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Streaming.Silo.Journal.Archives;

/// <summary>
/// How long archives keep each stream: its decoded records, and their raw payloads apart. A payload is not kept longer than the record that it belongs to. Written as
/// <c>weigh=400d,weigh.raw=30d,raw=7d</c>; <c>raw</c> stands for the raw payloads of every stream.
/// </summary>
internal sealed class RetentionAges
{
    private const long DayMs = 24L * 60 * 60 * 1000;

    private readonly ImmutableArray<int> days;

    private RetentionAges(ImmutableArray<int> days) => this.days = days;

    /// <summary>Weighings, ledgers and what actors did for as long as a case may take; telemetry and video for a quarter; what came in as it came in for a month.</summary>
    public static RetentionAges Default { get; } = new(
    [
        .. Enumerable.Range(0, Streams.Sections).Select(number => new ArchiveSection((byte)number)).Select(section => section switch
        {
            { IsRaw: true } => SiloLimits.KeepRawDays,
            { Stream: JournalStream.Core or JournalStream.Weigh or JournalStream.Ledger } => SiloLimits.KeepRecordsDays,
            _ => SiloLimits.KeepTelemetryDays,
        }),
    ]);

    public int Days(ArchiveSection section) => section.IsRaw ? Math.Min(days[section.Number], days[section.Number - 1]) : days[section.Number];

    /// <summary>True where everything that the archive held of the section came in longer ago than that.</summary>
    public bool IsOver(ArchiveSection section, ArchiveHeader archive, long nowMs) => nowMs - archive.LastTimeMs > Days(section) * DayMs;

    /// <summary>True where that goes for every section that holds, or held, something.</summary>
    public bool AllOver(ArchiveHeader archive, long nowMs)
    {
        for (int number = 0; number < archive.Sections.Length; number++)
        {
            if (archive.Sections[number] is { Records: > 0, Dropped: false } && !IsOver(new ArchiveSection((byte)number), archive, nowMs))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads ages as people write them, beside the defaults for what they leave out; says what is wrong with them otherwise.</summary>
    public static (RetentionAges Ages, string? Problem) Parse(string text)
    {
        int[] given = [.. Default.days];
        bool[] named = new bool[given.Length];
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] sides = part.Split('=', StringSplitOptions.TrimEntries);
            List<ArchiveSection> meant = [.. Sections.Where(section => sides[0] == section.Name || (sides[0] == "raw" && section.IsRaw && !named[section.Number]))];
            if (sides.Length != 2 || meant.Count == 0)
            {
                return (Default, $"\"{part}\" is none of {string.Join(", ", Sections.Select(section => section.Name))} or raw, with an age behind it as weigh=400d.");
            }

            if (!sides[1].EndsWith('d') || !int.TryParse(sides[1].AsSpan(0, sides[1].Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int age) || age is < 1 or > SiloLimits.KeepMostDays)
            {
                return (Default, $"\"{part}\": an age from 1d to {SiloLimits.KeepMostDays}d expected.");
            }

            foreach (ArchiveSection section in meant)
            {
                if (sides[0] != "raw" && named[section.Number])
                {
                    return (Default, $"{section.Name} stands there twice.");
                }

                given[section.Number] = age;
                named[section.Number] |= sides[0] != "raw";
            }
        }

        foreach (ArchiveSection raw in Sections.Where(section => section.IsRaw && named[section.Number] && given[section.Number] > given[section.Number - 1]))
        {
            return (Default, $"{raw.Name} is {given[raw.Number]}d, longer than {Streams.Name(raw.Stream)} with {given[raw.Number - 1]}d: a raw payload goes with its record at the latest.");
        }

        return (new RetentionAges([.. given]), null);
    }

    /// <summary>Every age, in the form that <see cref="Parse"/> reads.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        foreach (ArchiveSection section in Sections)
        {
            text.Append(text.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{section.Name}={Days(section)}d");
        }

        return text.ToString();
    }

    /// <summary>Every section that can hold something: the core has no payloads.</summary>
    public static IEnumerable<ArchiveSection> Sections =>
        Enumerable.Range(0, Streams.Sections).Select(number => new ArchiveSection((byte)number)).Where(section => section is not { Stream: JournalStream.Core, IsRaw: true });
}
