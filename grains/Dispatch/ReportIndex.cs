using System.Globalization;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Reports;

namespace Streaming.Grains.Dispatch;

/// <summary>How far a dispatcher's index has got; part of its state.</summary>
internal sealed class ReportIndexState
{
    /// <summary>Number of the first row of each queue: what expires with the window, and what expires with the time for opening again.</summary>
    public long[] First { get; set; } = [0, 0];

    /// <summary>Number behind the last row of each.</summary>
    public long[] Next { get; set; } = [0, 0];
}

/// <summary>A report, or a camera's warning, that later ones are compared with.</summary>
internal readonly record struct IndexEntry(string Id, long Case, string Kind, GeoPosition Position, long AtMs, long KeepUntilMs, string? Text, string? Address)
{
    public ComparedReport Compared => new(Kind, Position, AtMs, Text is null ? null : ReportText.Of(Text, Address));
}

/// <summary>What the index knows of a case.</summary>
internal sealed record IndexedCase
{
    public bool Open { get; init; }

    /// <summary>True where reports alone are in it, so that a warning about the same may still become its subject.</summary>
    public bool ByReport { get; init; }

    /// <summary>The case that it was merged into; 0 for none.</summary>
    public long Into { get; init; }

    public int Reports { get; init; }

    public long ClosedMs { get; init; }

    public string Kind { get; init; } = "";

    public GeoPosition Position { get; init; } = GeoPosition.Unknown;

    /// <summary>Rows of subject and kind that point to it beside its own.</summary>
    public string[] Aliases { get; init; } = [];
}

/// <summary>A case that was closed.</summary>
internal readonly record struct ClosedCase(long Case, GeoPosition Position, long ClosedMs);

/// <summary>
/// What a dispatcher compares reports with, in its keyed rows: by cell of about 500 m, by road, by plate. Each row has a bounded number of entries, and each entry ends. A queue in the order in which they end takes off what nobody asks for any more:
/// each turn that adds takes off more than it adds, so there is no more than came in within the window.
/// </summary>
internal static class ReportIndex
{
    /// <summary>Before the index's rows; no kind of actor begins with it.</summary>
    public const string Mark = "~";

    private const byte RowVersion = 1;
    private const int Short = 0;
    private const int Long = 1;

    /// <summary>Side of a cell, millionths of a degree: 556 m from south to north, and no less than twice <see cref="Models.ModelLimits.MergingRadiusM"/> from west to east up to 25 degrees, no less than it up to 63.</summary>
    private const int CellE6 = 5_000;

    /// <summary>The rows that something is found in: the cells around it, its roads, its plates.</summary>
    public static List<string> Around(GeoPosition position, ReportText? text) => Keys(position, text, reach: 1);

    /// <summary>The rows that something is put into.</summary>
    public static List<string> Of(GeoPosition position, ReportText? text) => Keys(position, text, reach: 0);

    /// <summary>The rows of closed cases of a kind around a position.</summary>
    public static IEnumerable<string> PastAround(string kind, GeoPosition position) => Cells(position, 1).Select(cell => $"{Mark}past/{kind}/{cell}");

    /// <summary>The row of closed cases of a kind where a position is.</summary>
    public static string PastAt(string kind, GeoPosition position) => $"{Mark}past/{kind}/{Cells(position, 0).First()}";

    /// <summary>The row of closed cases of a subject and kind.</summary>
    public static string PastOf(string subjectRow) => $"{Mark}past/{subjectRow}";

    public static List<IndexEntry> Read(IActorRows rows, string key)
    {
        List<IndexEntry> entries = [];
        if (rows.Find(key) is { } row)
        {
            ByteReader reader = Begin(row);
            int count = (int)reader.ReadVar();
            for (int i = 0; i < count; i++)
            {
                entries.Add(new IndexEntry(
                    reader.ReadText(), (long)reader.ReadVar(), reader.ReadText(), GeoPosition.Read(ref reader), reader.ReadInt64(), reader.ReadInt64(), Optional(ref reader), Optional(ref reader)));
            }
        }

        return entries;
    }

    /// <summary>Puts an entry into its rows, in the place of one of the same id.</summary>
    public static void Put(scoped in Turn turn, ReportIndexState state, IndexEntry entry, IEnumerable<string> keys)
    {
        foreach (string key in keys)
        {
            List<IndexEntry> entries = Read(turn.Rows, key);
            entries.RemoveAll(other => other.Id == entry.Id);
            entries.Add(entry);
            if (entries.Count > GrainLimits.MergeCandidates)
            {
                entries.RemoveAt(Oldest(entries));
            }

            Write(turn.Rows, key, entries);
            Queue(turn.Rows, state, Short, entry.KeepUntilMs, key);
        }
    }

    public static IndexedCase? Case(IActorRows rows, long number)
    {
        if (rows.Find(CaseKey(number)) is not { } row)
        {
            return null;
        }

        ByteReader reader = Begin(row);
        bool open = reader.ReadBool();
        bool byReport = reader.ReadBool();
        long into = (long)reader.ReadVar();
        int reports = (int)reader.ReadVar();
        long closedMs = reader.ReadInt64();
        string kind = reader.ReadText();
        GeoPosition position = GeoPosition.Read(ref reader);
        string[] aliases = new string[(int)reader.ReadVar()];
        for (int i = 0; i < aliases.Length; i++)
        {
            aliases[i] = reader.ReadText();
        }

        return new IndexedCase { Open = open, ByReport = byReport, Into = into, Reports = reports, ClosedMs = closedMs, Kind = kind, Position = position, Aliases = aliases };
    }

    public static void Put(IActorRows rows, long number, IndexedCase of)
    {
        ByteWriter writer = new(64);
        writer.WriteByte(RowVersion);
        writer.WriteBool(of.Open);
        writer.WriteBool(of.ByReport);
        writer.WriteVar((ulong)of.Into);
        writer.WriteVar((ulong)of.Reports);
        writer.WriteInt64(of.ClosedMs);
        writer.WriteText(of.Kind);
        of.Position.Write(writer);
        writer.WriteVar((ulong)of.Aliases.Length);
        foreach (string alias in of.Aliases)
        {
            writer.WriteText(alias);
        }

        rows.Put(CaseKey(number), writer.Written.ToArray());
    }

    /// <summary>A closed case is known as long as something that it had may be compared with.</summary>
    public static void Forget(scoped in Turn turn, ReportIndexState state, long number, long atMs) => Queue(turn.Rows, state, Short, atMs, CaseKey(number));

    public static List<ClosedCase> ReadPast(IActorRows rows, string key)
    {
        List<ClosedCase> cases = [];
        if (rows.Find(key) is { } row)
        {
            ByteReader reader = Begin(row);
            int count = (int)reader.ReadVar();
            for (int i = 0; i < count; i++)
            {
                cases.Add(new ClosedCase((long)reader.ReadVar(), GeoPosition.Read(ref reader), reader.ReadInt64()));
            }
        }

        return cases;
    }

    /// <summary>A case has closed, and is named by those that begin there within the time for opening it again.</summary>
    public static void PutPast(scoped in Turn turn, ReportIndexState state, string key, ClosedCase closed)
    {
        List<ClosedCase> cases = ReadPast(turn.Rows, key);
        cases.RemoveAll(other => other.Case == closed.Case);
        cases.Add(closed);
        if (cases.Count > GrainLimits.EarlierCasesKept)
        {
            cases.RemoveAt(0);
        }

        WritePast(turn.Rows, key, cases);
        Queue(turn.Rows, state, Long, closed.ClosedMs + ReopenMs, key);
    }

    /// <summary>How long after its end a case is named as an earlier one, ms.</summary>
    public static long ReopenMs => GrainLimits.ReopenDays * 24L * 60 * 60 * 1000;

    /// <summary>Takes off what has expired, a bounded number of rows at a time.</summary>
    public static void Sweep(scoped in Turn turn, ReportIndexState state)
    {
        int left = GrainLimits.IndexRowsSwept;
        foreach (int queue in (int[])[Short, Long])
        {
            while (left > 0 && state.First[queue] < state.Next[queue])
            {
                string key = QueueKey(queue, state.First[queue]);
                ByteReader reader = Begin(turn.Rows.Find(key) ?? throw new InvalidDataException($"Row {key} of the index is gone."));
                long dueMs = reader.ReadInt64();
                if (dueMs > turn.NowMs)
                {
                    break;
                }

                Expire(turn, state, reader.ReadText());
                turn.Rows.Remove(key);
                state.First[queue]++;
                left--;
            }
        }
    }

    private static void Expire(scoped in Turn turn, ReportIndexState state, string key)
    {
        long nowMs = turn.NowMs;
        if (key.StartsWith(Mark + "case/", StringComparison.Ordinal))
        {
            long number = long.Parse(key.AsSpan((Mark + "case/").Length), NumberStyles.None, CultureInfo.InvariantCulture);
            long windowMs = turn.Rules.Merging.LongestWindowMinutes * 60_000L;
            if (Case(turn.Rows, number) is { Open: false } over && over.ClosedMs + windowMs <= nowMs)
            {
                if (over.Into != 0 && Case(turn.Rows, over.Into) is { Open: true })
                {
                    // What is like its reports still comes to the case that it was merged into.
                    Queue(turn.Rows, state, Short, nowMs + windowMs, key);
                }
                else
                {
                    turn.Rows.Remove(key);
                }
            }
        }
        else if (key.StartsWith(Mark + "past/", StringComparison.Ordinal))
        {
            List<ClosedCase> cases = ReadPast(turn.Rows, key);
            if (cases.RemoveAll(closed => closed.ClosedMs + ReopenMs <= nowMs) > 0)
            {
                WritePast(turn.Rows, key, cases);
            }
        }
        else
        {
            List<IndexEntry> entries = Read(turn.Rows, key);
            if (entries.RemoveAll(entry => entry.KeepUntilMs <= nowMs) > 0)
            {
                Write(turn.Rows, key, entries);
            }
        }
    }

    private static void Queue(IActorRows rows, ReportIndexState state, int queue, long dueMs, string key)
    {
        ByteWriter writer = new(64);
        writer.WriteByte(RowVersion);
        writer.WriteInt64(dueMs);
        writer.WriteText(key);
        rows.Put(QueueKey(queue, state.Next[queue]++), writer.Written.ToArray());
    }

    private static void Write(IActorRows rows, string key, List<IndexEntry> entries)
    {
        if (entries.Count == 0)
        {
            rows.Remove(key);
            return;
        }

        ByteWriter writer = new(1024);
        writer.WriteByte(RowVersion);
        writer.WriteVar((ulong)entries.Count);
        foreach (IndexEntry entry in entries)
        {
            writer.WriteText(entry.Id);
            writer.WriteVar((ulong)entry.Case);
            writer.WriteText(entry.Kind);
            entry.Position.Write(writer);
            writer.WriteInt64(entry.AtMs);
            writer.WriteInt64(entry.KeepUntilMs);
            Optional(writer, entry.Text);
            Optional(writer, entry.Address);
        }

        rows.Put(key, writer.Written.ToArray());
    }

    private static void WritePast(IActorRows rows, string key, List<ClosedCase> cases)
    {
        if (cases.Count == 0)
        {
            rows.Remove(key);
            return;
        }

        ByteWriter writer = new(128);
        writer.WriteByte(RowVersion);
        writer.WriteVar((ulong)cases.Count);
        foreach (ClosedCase closed in cases)
        {
            writer.WriteVar((ulong)closed.Case);
            closed.Position.Write(writer);
            writer.WriteInt64(closed.ClosedMs);
        }

        rows.Put(key, writer.Written.ToArray());
    }

    private static int Oldest(List<IndexEntry> entries)
    {
        int oldest = 0;
        for (int i = 1; i < entries.Count; i++)
        {
            oldest = entries[i].KeepUntilMs < entries[oldest].KeepUntilMs ? i : oldest;
        }

        return oldest;
    }

    private static List<string> Keys(GeoPosition position, ReportText? text, int reach) =>
    [
        .. Cells(position, reach).Select(cell => $"{Mark}cell/{cell}"),
        .. (text?.Roads ?? []).Take(GrainLimits.MergeNames).Select(road => $"{Mark}road/{road}"),
        .. (text?.Plates ?? []).Take(GrainLimits.MergeNames).Select(plate => $"{Mark}plate/{plate}"),
    ];

    private static IEnumerable<string> Cells(GeoPosition position, int reach)
    {
        if (!position.IsKnown)
        {
            yield break;
        }

        int north = (int)Math.Floor(position.LatitudeE6 / (double)CellE6);
        int east = (int)Math.Floor(position.LongitudeE6 / (double)CellE6);
        for (int y = north - reach; y <= north + reach; y++)
        {
            for (int x = east - reach; x <= east + reach; x++)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{y}/{x}");
            }
        }
    }

    private static ByteReader Begin(byte[] row)
    {
        ByteReader reader = new(row);
        byte version = reader.ReadByte();
        return version == RowVersion ? reader : throw new InvalidDataException($"Row of version {version}; this build reads version {RowVersion}.");
    }

    private static string? Optional(ref ByteReader reader) => reader.ReadBool() ? reader.ReadText() : null;

    private static void Optional(ByteWriter writer, string? text)
    {
        writer.WriteBool(text is not null);
        if (text is not null)
        {
            writer.WriteText(text);
        }
    }

    private static string CaseKey(long number) => string.Create(CultureInfo.InvariantCulture, $"{Mark}case/{number}");

    private static string QueueKey(int queue, long number) => string.Create(CultureInfo.InvariantCulture, $"{Mark}q{queue}/{number}");
}
