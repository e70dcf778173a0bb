using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Enterprises;
using Streaming.Models.Readings;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Hazardous waste that an enterprise keeps, by the lines of its ledger that are marked as waste: what was produced, bought or received comes in, what was used, shipped or disposed of goes out, the oldest first. What is left follows from
/// all that came in by when it did and the sum of what went out, so lines in any order come to the same as long as the lots are not more than are kept. A stock-taking of waste says nothing of its age and changes nothing.
/// </summary>
internal sealed class KeptWaste
{
    public const string Kind = "waste-kept-too-long";
    public const string Reminder = "waste";
    private const string Model = "waste-age/1";
    private const long Day = 24L * 3_600_000;

    /// <summary>By substance, ordinal.</summary>
    private readonly List<Account> accounts = [];
    private long dueMs;

    private sealed class Account(string substance)
    {
        public string Substance { get; } = substance;

        /// <summary>What came in, by time; lots of one UTC day are one, of its first time.</summary>
        public List<(long AtMs, long Grams)> Lots { get; } = [];

        /// <summary>All that went out, less what whole lots that are no more accounted for.</summary>
        public long OutGrams { get; set; }

        /// <summary>A closed case settled what came in up to here.</summary>
        public long SettledMs { get; set; } = long.MinValue;

        /// <summary>When the oldest of what is left came in, and how much of all is left; null where nothing is.</summary>
        public (long AtMs, long Grams)? Oldest()
        {
            long gone = OutGrams;
            (long AtMs, long Grams)? oldest = null;
            foreach ((long atMs, long grams) in Lots)
            {
                long left = Math.Max(0, grams - gone);
                gone = Math.Max(0, gone - grams);
                if (left > 0 && atMs > SettledMs)
                {
                    oldest = oldest is { } older ? (older.AtMs, older.Grams + left) : (atMs, left);
                }
            }

            return oldest;
        }

        public void Add(long atMs, long grams)
        {
            int place = Lots.FindIndex(lot => lot.AtMs / Day >= atMs / Day);
            if (place >= 0 && Lots[place].AtMs / Day == atMs / Day)
            {
                Lots[place] = (Math.Min(Lots[place].AtMs, atMs), Lots[place].Grams + grams);
                return;
            }

            Lots.Insert(place < 0 ? Lots.Count : place, (atMs, grams));
            if (Lots.Count <= GrainLimits.WasteLots)
            {
                return;
            }

            if (OutGrams >= Lots[0].Grams)
            {
                OutGrams -= Lots[0].Grams;
            }
            else
            {
                // In favour of who keeps it: the two oldest are one of the later's age.
                Lots[1] = (Lots[1].AtMs, Lots[0].Grams + Lots[1].Grams);
            }

            Lots.RemoveAt(0);
        }
    }

    /// <summary>A line of waste was taken in.</summary>
    public static void Enter(ref KeptWaste? waste, scoped in Turn turn, scoped in Message message, scoped in LedgerReading line, ref OpenWarnings? warnings)
    {
        waste ??= new KeptWaste();
        if (waste.Find(Encoding.UTF8.GetString(line.Substance)) is not { } account)
        {
            return;
        }

        switch (line.Action)
        {
            case LedgerAction.Produce or LedgerAction.Purchase or LedgerAction.Receive:
                account.Add(message.Header.AtMs, line.MassGrams);
                break;
            case LedgerAction.Use or LedgerAction.Ship or LedgerAction.Dispose:
                account.OutGrams += line.MassGrams;
                break;
        }

        CitedReading cited = new(Encoding.UTF8.GetString(message.Origin.Source), Encoding.UTF8.GetString(message.Header.Id), DateTimeOffset.FromUnixTimeMilliseconds(message.Header.AtMs));
        waste.Judge(turn, cited, Encoding.UTF8.GetString(message.Origin.District), ref warnings);
    }

    /// <summary>The oldest of some waste has come of age.</summary>
    public void Due(scoped in Turn turn, string district, ref OpenWarnings? warnings)
    {
        dueMs = 0;
        Judge(turn, null, district, ref warnings);
    }

    /// <summary>A case is closed: what was too old by then is settled; what comes of age later is another matter.</summary>
    public void Close(scoped in Turn turn, string kind)
    {
        if (kind != Kind)
        {
            return;
        }

        foreach (Account account in accounts)
        {
            account.SettledMs = Math.Max(account.SettledMs, turn.NowMs - (turn.Rules.Enterprises.Waste.Days * Day));
        }

        Remind(turn);
    }

    private void Judge(scoped in Turn turn, CitedReading? cited, string district, ref OpenWarnings? warnings)
    {
        WasteRule rule = turn.Rules.Enterprises.Waste;
        List<(string Substance, long AtMs, long Grams)> old = [];
        foreach (Account account in accounts)
        {
            if (account.Oldest() is { } oldest && turn.NowMs - oldest.AtMs >= rule.Days * Day)
            {
                old.Add((account.Substance, oldest.AtMs, oldest.Grams));
            }
        }

        Warning? open = warnings?.Find(Kind);
        if (old.Count == 0)
        {
            warnings?.Clear(turn, ActorKind.Enterprise, Kind, turn.NowMs, new Explanation("Cleared: nothing that is too old is left by the ledger.", "已解除：据台账已无超期贮存的危险废物。"));
        }
        else if (open is null || open.Evidence.Figures.Count != old.Count * 2)
        {
            // Told again only where another substance joins: each line about waste that is known to be too old says nothing new.
            warnings ??= new OpenWarnings();
            warnings.Raise(turn, ActorKind.Enterprise, cited, district, turn.NowMs, Find(rule, old, turn.NowMs));
        }

        Remind(turn);
    }

    private void Remind(scoped in Turn turn)
    {
        long days = turn.Rules.Enterprises.Waste.Days * Day;
        long next = 0;
        foreach (Account account in accounts)
        {
            long ofAge = account.Oldest() is { } oldest ? oldest.AtMs + days : 0;
            next = ofAge > turn.NowMs && (next == 0 || ofAge < next) ? ofAge : next;
        }

        turn.Effects.RemindNext(Reminder, ref dueMs, next);
    }

    private Account? Find(string substance)
    {
        int place = accounts.FindIndex(account => string.CompareOrdinal(account.Substance, substance) >= 0);
        if (place >= 0 && accounts[place].Substance == substance)
        {
            return accounts[place];
        }

        if (accounts.Count == GrainLimits.WastesKept)
        {
            return null;
        }

        Account added = new(substance);
        accounts.Insert(place < 0 ? accounts.Count : place, added);
        return added;
    }

    private static Finding Find(WasteRule rule, List<(string Substance, long AtMs, long Grams)> old, long nowMs)
    {
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal);
        foreach ((string substance, long atMs, long grams) in old)
        {
            figures[$"{substance}.keptKg"] = grams / 1000.0;
            figures[$"{substance}.keptDays"] = (nowMs - atMs) / Day;
        }

        int more = old.Count - GrainLimits.ShipmentsExplained;
        string days = FigureText.Whole(rule.Days);
        return new Finding(
            Kind,
            rule.Severity,
            rule.Confidence,
            Model,
            new Explanation(
                string.Join(" ", old.Take(GrainLimits.ShipmentsExplained).Select(it =>
                    $"Of the waste {it.Substance} {MassText.Kg(it.Grams)} kg is kept, the oldest of it since {FigureText.Time(it.AtMs)}, {FigureText.Whole((nowMs - it.AtMs) / Day)} days; at most {days} are allowed. The oldest is taken to go first.")) + MassText.MoreEn(more),
                string.Concat(old.Take(GrainLimits.ShipmentsExplained).Select(it =>
                    $"危险废物{it.Substance}贮存{MassText.Kg(it.Grams)} kg，最早的自{FigureText.Time(it.AtMs)}起已贮存{FigureText.Whole((nowMs - it.AtMs) / Day)}天，超过{days}天的期限（按先进先出计）。")) + MassText.MoreZh(more)),
            figures,
            $"at most {days} days",
            rule.LegalSource);
    }

    public static void Write(KeptWaste? waste, ByteWriter writer)
    {
        writer.WriteBool(waste is not null);
        if (waste is null)
        {
            return;
        }

        writer.WriteSigned(waste.dueMs);
        writer.WriteVar((uint)waste.accounts.Count);
        foreach (Account account in waste.accounts)
        {
            writer.WriteText(account.Substance);
            writer.WriteSigned(account.OutGrams);
            writer.WriteInt64(account.SettledMs);
            writer.WriteVar((uint)account.Lots.Count);
            foreach ((long atMs, long grams) in account.Lots)
            {
                writer.WriteSigned(atMs);
                writer.WriteSigned(grams);
            }
        }
    }

    public static KeptWaste? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        KeptWaste read = new() { dueMs = reader.ReadSigned() };
        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            Account account = new(reader.ReadText()) { OutGrams = reader.ReadSigned(), SettledMs = reader.ReadInt64() };
            for (int lots = (int)reader.ReadVar(); lots > 0; lots--)
            {
                account.Lots.Add((reader.ReadSigned(), reader.ReadSigned()));
            }

            read.accounts.Add(account);
        }

        return read;
    }

    public void Describe(Utf8JsonWriter json)
    {
        json.WriteStartObject("waste");
        foreach (Account account in accounts)
        {
            if (account.Oldest() is { } oldest)
            {
                json.WriteStartObject(account.Substance);
                json.WriteNumber("keptG", oldest.Grams);
                ReadingJson.Time(json, "since", oldest.AtMs);
                json.WriteEndObject();
            }
        }

        json.WriteEndObject();
    }
}
