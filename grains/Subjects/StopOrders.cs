using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Enterprises;
using Streaming.Models.Readings;
using Streaming.Models.Registers;
using Streaming.Models.Video;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Orders to stop production, and what was done nonetheless. An order is a case's (an outcome that the rulebook names, from the moment a stage ends with it) or a register's. One of a case stands until the case closes with another outcome, the
/// register says after it that the enterprise is not stopped, its time by the rulebook is over, or a warning of activity is found to be none. What was done goes by the times of readings and lines, so late ones count alike.
/// </summary>
internal sealed class StopOrders
{
    public const string Kind = "activity-while-stopped";
    private const string Model = "stop-orders/1";
    private const long Hour = 3_600_000;

    /// <summary>Orders of cases, in the order in which they came; the newest stay.</summary>
    private readonly List<Order> orders = [];

    /// <summary>What the register says, in rising order; spans in which it says nothing are not here.</summary>
    private RegisteredStop[] registered = [];

    /// <summary>How tanks stood as the time for shutting down was over, by name, ordinal.</summary>
    private readonly List<Baseline> baselines = [];

    /// <summary>What was done since the warning opened, or the case on it was closed.</summary>
    private Activity done;

    private sealed class Order(string caseId, long fromMs)
    {
        public string Case { get; } = caseId;

        public long FromMs { get; } = fromMs;

        public long LiftedMs { get; set; } = long.MaxValue;
    }

    private readonly record struct RegisteredStop(long FromMs, long ToMs, bool IsStopped);

    private sealed record Baseline(string Unit, long OrderMs, double LevelPct, double MassKg);

    private struct Activity
    {
        public long FirstMs;
        public long NewestMs;
        public int Lines;
        public long ProducedGrams;
        public long UsedGrams;
        public int Tanks;
        public int Sightings;

        /// <summary>The newest tank that moved, and by how much; null where none did.</summary>
        public string? Tank;
        public double ByPct;
        public double ByKg;

        public readonly bool Any => Lines + Tanks + Sightings > 0;
    }

    /// <summary>A stage of a case ended with an order.</summary>
    public void Begin(scoped in Turn turn, string caseId)
    {
        if (orders.Exists(order => order.Case == caseId && order.LiftedMs == long.MaxValue))
        {
            return;
        }

        orders.Add(new Order(caseId, turn.NowMs));
        if (orders.Count > GrainLimits.StopOrders)
        {
            orders.RemoveAt(0);
        }
    }

    /// <summary>A case is closed: its order stands where that is the outcome, and is lifted where it is not.</summary>
    /// <param name="orders">The enterprise's orders; null where it never had one.</param>
    /// <param name="turn">The turn.</param>
    /// <param name="closed">The case.</param>
    /// <param name="wasOpen">True where its warning was open: then it is the case that the warning of activity belongs to, where it is of that kind.</param>
    public static void Close(ref StopOrders? orders, scoped in Turn turn, CaseClosed closed, bool wasOpen)
    {
        if (turn.Rules.Enterprises.StopOrders.Outcomes.Contains(closed.Outcome))
        {
            (orders ??= new StopOrders()).Begin(turn, closed.Id);
        }
        else
        {
            orders?.Lift(turn.NowMs, closed.Id);
        }

        if (orders is not null && wasOpen && closed.Kind == Kind)
        {
            orders.done = default;
            orders.baselines.Clear();
            if (turn.Rules.Outcomes.FirstOrDefault(outcome => outcome.Code == closed.Outcome) is { Found: false })
            {
                // Somebody looked and found that it may work.
                orders.Lift(turn.NowMs, caseId: null);
            }
        }
    }

    /// <summary>The register of enterprises says whether it is stopped; what turns out to have been allowed clears.</summary>
    public static void Learn(ref StopOrders? orders, scoped in Turn turn, EntryChanged changed, OpenWarnings? warnings)
    {
        RegisteredStop[] spans = [.. changed.Spans.Select(Stop).OfType<RegisteredStop>()];
        if (orders is null && spans.Length == 0)
        {
            return;
        }

        orders ??= new StopOrders();
        orders.registered = spans.Length > GrainLimits.SitesPerEnterprise ? spans[^GrainLimits.SitesPerEnterprise..] : spans;
        StopOrderRule rule = turn.Rules.Enterprises.StopOrders;
        if (orders.done.Any && orders.Standing(rule, orders.done.FirstMs) is null && orders.Standing(rule, orders.done.NewestMs) is null)
        {
            orders.done = default;
            warnings?.Clear(turn, ActorKind.Enterprise, Kind, turn.NowMs, new Explanation(
                $"Cleared: by the entry enterprises/{changed.Key}, which {changed.By} changed, it was not stopped then.",
                $"已解除：据{changed.By}变更的登记enterprises/{changed.Key}，当时并未责令停产。"));
        }
    }

    /// <summary>A line of the ledger was taken in.</summary>
    public void Enter(scoped in Turn turn, scoped in Message message, scoped in LedgerReading line, ref OpenWarnings? warnings)
    {
        if (line.Action is LedgerAction.Produce or LedgerAction.Use && Disobeyed(turn, message.Header.AtMs) is { } sinceMs)
        {
            done.Lines++;
            done.ProducedGrams += line.Action == LedgerAction.Produce ? line.MassGrams : 0;
            done.UsedGrams += line.Action == LedgerAction.Use ? line.MassGrams : 0;
            Raise(turn, message, default, sinceMs, turn.Rules.Enterprises.StopOrders.LedgerConfidence, ref warnings);
        }
    }

    /// <summary>A tank reported, newer than what it reported before.</summary>
    public void Hear(scoped in Turn turn, scoped in Message message, string unit, in TankFigures tank, ref OpenWarnings? warnings)
    {
        if (Disobeyed(turn, message.Header.AtMs) is not { } sinceMs)
        {
            return;
        }

        StopOrderRule rule = turn.Rules.Enterprises.StopOrders;
        int place = baselines.FindIndex(other => string.CompareOrdinal(other.Unit, unit) >= 0);
        Baseline? before = place >= 0 && baselines[place].Unit == unit ? baselines[place] : null;
        if (before is null || before.OrderMs != sinceMs)
        {
            if (before is not null)
            {
                baselines[place] = new Baseline(unit, sinceMs, tank.LevelPct, tank.MassKg);
            }
            else if (baselines.Count < GrainLimits.UnitsInState)
            {
                baselines.Insert(place < 0 ? baselines.Count : place, new Baseline(unit, sinceMs, tank.LevelPct, tank.MassKg));
            }

            return;
        }

        double byPct = tank.LevelPct - before.LevelPct;
        double byKg = tank.MassKg - before.MassKg;
        if (Math.Abs(byPct) >= rule.LevelPct || Math.Abs(byKg) >= rule.MassKg)
        {
            // From here on it is what moves further that counts.
            baselines[place] = new Baseline(unit, sinceMs, tank.LevelPct, tank.MassKg);
            done.Tanks++;
            (done.Tank, done.ByPct, done.ByKg) = (unit, byPct, byKg);
            Raise(turn, message, default, sinceMs, rule.TankConfidence, ref warnings);
        }
    }

    /// <summary>A camera saw something, for the first time.</summary>
    public void See(scoped in Turn turn, scoped in Message message, ref OpenWarnings? warnings)
    {
        ByteReader reader = new(message.Body);
        VideoReading video = VideoReading.Read(ref reader);
        StopOrderRule rule = turn.Rules.Enterprises.StopOrders;
        if (turn.Rules.VideoRules.Of(video.Event) is { } sure && video.ConfidencePermille >= sure.CertainPermille && rule.Events.Contains(video.Event.Kind()) && Disobeyed(turn, message.Header.AtMs) is { } sinceMs)
        {
            done.Sightings++;
            Raise(turn, message, video.Image, sinceMs, rule.CameraConfidence, ref warnings);
        }
    }

    /// <summary>Since when an order stands that something at a time is against, ms; null where none does, or the time for shutting down is not over.</summary>
    private long? Disobeyed(scoped in Turn turn, long atMs)
    {
        StopOrderRule rule = turn.Rules.Enterprises.StopOrders;
        return Standing(rule, atMs) is { } sinceMs && (sinceMs == RegisterStatement.Always || atMs - sinceMs >= (long)(rule.GraceHours * Hour)) ? sinceMs : null;
    }

    /// <summary>Since when an order stands at a time, ms, the earliest of several; null where none does.</summary>
    private long? Standing(StopOrderRule rule, long atMs)
    {
        long? sinceMs = null;
        foreach (Order order in orders)
        {
            long endMs = rule.StandsDays > 0 ? order.FromMs + (rule.StandsDays * 24L * Hour) : long.MaxValue;
            if (order.FromMs <= atMs && atMs < Math.Min(order.LiftedMs, endMs) && !IsReleased(order.FromMs, atMs))
            {
                sinceMs = Math.Min(sinceMs ?? long.MaxValue, order.FromMs);
            }
        }

        foreach (RegisteredStop span in registered)
        {
            if (span.IsStopped && span.FromMs <= atMs && atMs < span.ToMs)
            {
                sinceMs = Math.Min(sinceMs ?? long.MaxValue, span.FromMs);
            }
        }

        return sinceMs;
    }

    /// <summary>True where the register says, from after an order and by a time, that the enterprise is not stopped. What it said before the order says nothing of it.</summary>
    private bool IsReleased(long fromMs, long atMs)
    {
        foreach (RegisteredStop span in registered)
        {
            if (!span.IsStopped && span.FromMs >= fromMs && span.FromMs <= atMs)
            {
                return true;
            }
        }

        return false;
    }

    private void Lift(long nowMs, string? caseId)
    {
        foreach (Order order in orders)
        {
            if (order.LiftedMs == long.MaxValue && (caseId is null || order.Case == caseId))
            {
                order.LiftedMs = nowMs;
            }
        }
    }

    private void Raise(scoped in Turn turn, scoped in Message message, ImageReference image, long sinceMs, double confidence, ref OpenWarnings? warnings)
    {
        StopOrderRule rule = turn.Rules.Enterprises.StopOrders;
        long atMs = message.Header.AtMs;
        done.FirstMs = done.FirstMs == 0 ? atMs : Math.Min(done.FirstMs, atMs);
        done.NewestMs = Math.Max(done.NewestMs, atMs);
        warnings ??= new OpenWarnings();
        if (!warnings.IsToTell(Kind, confidence > warnings.Find(Kind)?.Confidence, turn.NowMs, rule.UpdateEveryS, atMs))
        {
            return;
        }

        warnings.Raise(turn, ActorKind.Enterprise, message, image, Find(rule, sinceMs, confidence));
    }

    private Finding Find(StopOrderRule rule, long sinceMs, double confidence)
    {
        Order? order = orders.Find(each => each.FromMs == sinceMs);
        string since = sinceMs == RegisterStatement.Always ? "" : FigureText.Time(sinceMs);
        string byEn = (order is null ? " by the register of enterprises" : $" in case {order.Case}") + (since.Length > 0 ? $" at {since}" : "");
        string byZh = (since.Length > 0 ? $"于{since}" : "") + (order is null ? "经企业登记" : $"经案件{order.Case}");
        List<string> en = [], zh = [];
        if (done.Lines > 0)
        {
            en.Add($"{FigureText.Whole(done.Lines)} lines of its ledger ({MassText.Kg(done.ProducedGrams)} kg produced, {MassText.Kg(done.UsedGrams)} kg used)");
            zh.Add($"台账{FigureText.Whole(done.Lines)}条（生产{MassText.Kg(done.ProducedGrams)} kg，使用{MassText.Kg(done.UsedGrams)} kg）");
        }

        if (done.Tanks > 0)
        {
            string moved = double.IsNaN(done.ByPct) ? $"{FigureText.Measured(done.ByKg)} kg" : $"{FigureText.Measured(done.ByPct)} %";
            en.Add($"{FigureText.Whole(done.Tanks)} movements of tanks (the newest {done.Tank}, by {moved})");
            zh.Add($"储罐变动{FigureText.Whole(done.Tanks)}次（最近为{done.Tank}，{moved}）");
        }

        if (done.Sightings > 0)
        {
            en.Add($"{FigureText.Whole(done.Sightings)} sightings by cameras");
            zh.Add($"摄像头发现{FigureText.Whole(done.Sightings)}次");
        }

        return new Finding(
            Kind,
            rule.Severity,
            confidence,
            Model,
            new Explanation(
                $"Production was ordered to stop{byEn}; the time for shutting down was {FigureText.Measured(rule.GraceHours)} h. Since then: {string.Join("; ", en)}.",
                $"该企业{byZh}被责令停产，停车期限{FigureText.Measured(rule.GraceHours)}小时。此后仍有：{string.Join("；", zh)}。"),
            new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["lines"] = done.Lines,
                ["producedKg"] = done.ProducedGrams / 1000.0,
                ["usedKg"] = done.UsedGrams / 1000.0,
                ["tankMovements"] = done.Tanks,
                ["sightings"] = done.Sightings,
            },
            "no production while the order stands",
            rule.LegalSource);
    }

    /// <summary>What a span says of a stop; null where it says nothing.</summary>
    private static RegisteredStop? Stop(HeldSpan span)
    {
        foreach (RegisterValue value in new RegisterValues(RegisterSchema.Of(Register.Enterprises), span.Fields))
        {
            if (value.Field.Name == "stopped")
            {
                return new RegisteredStop(span.FromMs, span.ToMs, value.Bytes.SequenceEqual("yes"u8));
            }
        }

        return null;
    }

    public static void Write(StopOrders? orders, ByteWriter writer)
    {
        writer.WriteBool(orders is not null);
        if (orders is null)
        {
            return;
        }

        writer.WriteVar((uint)orders.orders.Count);
        foreach (Order order in orders.orders)
        {
            writer.WriteText(order.Case);
            writer.WriteSigned(order.FromMs);
            writer.WriteInt64(order.LiftedMs);
        }

        writer.WriteVar((uint)orders.registered.Length);
        foreach (RegisteredStop span in orders.registered)
        {
            writer.WriteInt64(span.FromMs);
            writer.WriteInt64(span.ToMs);
            writer.WriteBool(span.IsStopped);
        }

        writer.WriteVar((uint)orders.baselines.Count);
        foreach (Baseline baseline in orders.baselines)
        {
            writer.WriteText(baseline.Unit);
            writer.WriteInt64(baseline.OrderMs);
            writer.WriteDouble(baseline.LevelPct);
            writer.WriteDouble(baseline.MassKg);
        }

        Activity done = orders.done;
        writer.WriteSigned(done.FirstMs);
        writer.WriteSigned(done.NewestMs);
        writer.WriteVar((uint)done.Lines);
        writer.WriteSigned(done.ProducedGrams);
        writer.WriteSigned(done.UsedGrams);
        writer.WriteVar((uint)done.Tanks);
        writer.WriteVar((uint)done.Sightings);
        writer.WriteText(done.Tank ?? "");
        writer.WriteDouble(done.ByPct);
        writer.WriteDouble(done.ByKg);
    }

    public static StopOrders? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        StopOrders read = new();
        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            read.orders.Add(new Order(reader.ReadText(), reader.ReadSigned()) { LiftedMs = reader.ReadInt64() });
        }

        read.registered = new RegisteredStop[reader.ReadVar()];
        for (int i = 0; i < read.registered.Length; i++)
        {
            read.registered[i] = new RegisteredStop(reader.ReadInt64(), reader.ReadInt64(), reader.ReadBool());
        }

        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            read.baselines.Add(new Baseline(reader.ReadText(), reader.ReadInt64(), reader.ReadDouble(), reader.ReadDouble()));
        }

        read.done = new Activity
        {
            FirstMs = reader.ReadSigned(),
            NewestMs = reader.ReadSigned(),
            Lines = (int)reader.ReadVar(),
            ProducedGrams = reader.ReadSigned(),
            UsedGrams = reader.ReadSigned(),
            Tanks = (int)reader.ReadVar(),
            Sightings = (int)reader.ReadVar(),
            Tank = reader.ReadText() is { Length: > 0 } tank ? tank : null,
            ByPct = reader.ReadDouble(),
            ByKg = reader.ReadDouble(),
        };
        return read;
    }

    /// <summary>The orders of cases, newest last.</summary>
    public void Describe(Utf8JsonWriter json)
    {
        json.WriteStartArray("stopOrders");
        foreach (Order order in orders)
        {
            json.WriteStartObject();
            json.WriteString("case", order.Case);
            ReadingJson.Time(json, "from", order.FromMs);
            if (order.LiftedMs != long.MaxValue)
            {
                ReadingJson.Time(json, "lifted", order.LiftedMs);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
