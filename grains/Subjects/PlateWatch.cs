using System.Runtime.CompilerServices;
using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Vehicles;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Whether a plate is on one vehicle only: its two newest passages, and how often one vehicle cannot have made two of them. A passage counts in one contradiction only, since one misread plate contradicts what is before it and
/// what is after it. The buffer of two is what orders passages: one that is older than both changes nothing.
/// </summary>
/// <remarks>A warning ends with its case: that the plate is read plausibly again does not say that the other one is gone.</remarks>
internal sealed class PlateWatch
{
    public const string Kind = "cloned-plate";
    private const string Model = "cloned-plate/1";
    private const int SourceBytes = 16;

    private Passage older;
    private Passage newer;
    private int contradictions;
    private long firstMs;
    private long lastMs;
    private long askedMs = long.MinValue;

    /// <summary>The contradiction found last, for whoever is told of it; null where it was told, or there was none.</summary>
    private Contradiction? last;

    [InlineArray(SourceBytes)]
    private struct SourceId
    {
        private byte first;
    }

    /// <summary>A vehicle at a place. Of the source's id what there is room for: it names it to people, and tells two apart.</summary>
    private struct Passage
    {
        public long AtMs;
        public GeoPosition Position;
        public short Permille;
        public bool Used;
        public byte SourceLength;
        public SourceId Source;

        public readonly bool IsKept => SourceLength > 0;

        public readonly string SourceText => Encoding.UTF8.GetString(((ReadOnlySpan<byte>)Source)[..SourceLength]);

        public readonly bool IsOf(scoped in Passage other) => ((ReadOnlySpan<byte>)Source)[..SourceLength].SequenceEqual(((ReadOnlySpan<byte>)other.Source)[..other.SourceLength]);
    }

    /// <summary>True where it was somewhere that one vehicle cannot have been.</summary>
    public bool Contradicted => contradictions > 0;

    private sealed record Contradiction(string From, string To, long FromMs, long ToMs, long DistanceM, bool ByRoad, int Permille);

    /// <summary>Takes in where the plate was read. Nothing is allocated as long as it can be one vehicle's.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="message">The reading.</param>
    /// <param name="position">Where the plate was read.</param>
    /// <param name="permille">How sure the device was of the plate.</param>
    /// <param name="image">The picture of it.</param>
    /// <param name="watch">The watch; made where there is none.</param>
    /// <param name="warnings">The vehicle's warnings.</param>
    public static void Pass(scoped in Turn turn, scoped in Message message, GeoPosition position, int permille, ImageReference image, ref PlateWatch? watch, ref OpenWarnings? warnings)
    {
        if (!position.IsKnown || permille < turn.Rules.ClonedPlates.CertainPermille)
        {
            return;
        }

        watch ??= new PlateWatch();
        watch.Take(turn, message, position, permille, image, ref warnings);
    }

    private void Take(scoped in Turn turn, scoped in Message message, GeoPosition position, int permille, ImageReference image, ref OpenWarnings? warnings)
    {
        ReadOnlySpan<byte> id = message.Origin.Source;
        Passage passage = new() { AtMs = message.Header.AtMs, Position = position, Permille = (short)permille, SourceLength = (byte)Math.Min(id.Length, SourceBytes) };
        id[..passage.SourceLength].CopyTo(passage.Source);
        int before = contradictions;
        if (!newer.IsKept || passage.AtMs >= newer.AtMs)
        {
            Compare(turn, ref newer, ref passage);
            (older, newer) = (newer, passage);
        }
        else if (!older.IsKept || passage.AtMs >= older.AtMs)
        {
            Compare(turn, ref older, ref passage);
            Compare(turn, ref passage, ref newer);
            older = passage;
        }

        // A contradiction by road is known only after its passages: the next one tells of it.
        ClonedPlates rules = turn.Rules.ClonedPlates;
        bool found = contradictions > before || warnings?.Find(Kind) is null;
        if (found && contradictions >= rules.Repeats && turn.NowMs - lastMs <= rules.WithinHours * 3_600_000L && last is not null)
        {
            warnings ??= new OpenWarnings();
            warnings.Raise(turn, ActorKind.Vehicle, message, image, Find(turn.Key, rules, last));
            last = null;
        }
    }

    /// <summary>Two passages, one after the other in time.</summary>
    private void Compare(scoped in Turn turn, ref Passage from, ref Passage to)
    {
        if (!from.IsKept || from.Used || to.Used || from.IsOf(to))
        {
            return;
        }

        ClonedPlates rules = turn.Rules.ClonedPlates;
        switch (rules.Judge(from.Position, to.Position, to.AtMs - from.AtMs, out double straightM))
        {
            case Travel.Impossible:
                Contradict(turn, ref from, ref to, (long)straightM, byRoad: false);
                break;
            case Travel.Doubtful when askedMs == long.MinValue || turn.NowMs - askedMs >= rules.AskEveryS * 1000L:
                askedMs = turn.NowMs;
                turn.Effects.Tell(
                    ActorKind.Entry, $"distances/{from.SourceText}/{to.SourceText}", MessageKind.AskDistance, new DistanceAsked(turn.Key, from.SourceText, to.SourceText, from.AtMs, to.AtMs));
                break;
        }
    }

    /// <summary>A case that was closed has dealt with what was found: it takes new contradictions to open another.</summary>
    public void Close(CaseClosed closed)
    {
        if (closed.Kind == Kind)
        {
            contradictions = 0;
            last = null;
        }
    }

    /// <summary>The register's word on a distance that was asked for.</summary>
    public void Told(scoped in Turn turn, DistanceTold told)
    {
        if (older.IsKept && !older.Used && !newer.Used && older.AtMs == told.FromMs && newer.AtMs == told.ToMs && older.SourceText == told.From && newer.SourceText == told.To
            && turn.Rules.ClonedPlates.IsImpossible(told.DistanceM, told.ToMs - told.FromMs))
        {
            Contradict(turn, ref older, ref newer, told.DistanceM, byRoad: true);
        }
    }

    private void Contradict(scoped in Turn turn, ref Passage from, ref Passage to, long distanceM, bool byRoad)
    {
        if (contradictions > 0 && turn.NowMs - firstMs > turn.Rules.ClonedPlates.WithinHours * 3_600_000L)
        {
            contradictions = 0;
        }

        firstMs = contradictions == 0 ? turn.NowMs : firstMs;
        lastMs = turn.NowMs;
        contradictions++;
        from.Used = to.Used = true;
        last = new Contradiction(from.SourceText, to.SourceText, from.AtMs, to.AtMs, distanceM, byRoad, Math.Min(from.Permille, to.Permille));
    }

    private Finding Find(string plate, ClonedPlates rules, Contradiction last)
    {
        double leastS = rules.LeastS(last.DistanceM);
        double betweenS = (last.ToMs - last.FromMs) / 1000.0;
        double doubt = 1;
        for (int i = 0; i < Math.Min(contradictions, 8); i++)
        {
            doubt *= 1 - (last.Permille / 1000.0 * last.Permille / 1000.0);
        }

        string km = FigureText.Measured(last.DistanceM / 1000.0);
        string between = FigureText.Measured(betweenS);
        string least = FigureText.Measured(leastS);
        string times = FigureText.Whole(contradictions);
        string sure = FigureText.Probability(last.Permille / 1000.0);
        string hours = FigureText.Whole(rules.WithinHours);
        Explanation explanation = new(
            $"The plate {plate} was read by {last.From} and {between} s later by {last.To}, {km} km away {(last.ByRoad ? "by road" : "in a straight line")}: that takes {least} s at least "
            + $"({FigureText.Whole(rules.MaximumKmh)} km/h, {FigureText.Whole(rules.CorrectionPct)} % of the time counted). Such contradictions within {hours} h, no reading counted twice: {times}. "
            + $"Both plates were read with at least {sure} % confidence. It may be on two vehicles: compare the pictures before acting.",
            $"号牌{plate}在{last.From}被识别，{between}秒后又在{last.To}被识别，两地{(last.ByRoad ? "路网" : "直线")}距离{km} km，最短需{least}秒（按{FigureText.Whole(rules.MaximumKmh)} km/h的{FigureText.Whole(rules.CorrectionPct)} %计时）。"
            + $"{hours}小时内此类矛盾（同一记录不重复计）：{times}次。两次号牌识别置信度均不低于{sure} %。疑似套牌：处理前须比对图像。");
        return new Finding(
            Kind,
            rules.Severity,
            Math.Round(1 - doubt, 4),
            Model,
            explanation,
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["distanceM"] = last.DistanceM, ["betweenS"] = betweenS, ["leastS"] = Math.Round(leastS, 1), ["contradictions"] = contradictions },
            $"at least {least} s for {km} km",
            null);
    }

    public static void Write(PlateWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is null)
        {
            return;
        }

        Write(watch.older, writer);
        Write(watch.newer, writer);
        writer.WriteVar((uint)watch.contradictions);
        writer.WriteSigned(watch.firstMs);
        writer.WriteSigned(watch.lastMs);
        writer.WriteInt64(watch.askedMs);
        writer.WriteBool(watch.last is not null);
        if (watch.last is not null)
        {
            writer.WriteText(watch.last.From);
            writer.WriteText(watch.last.To);
            writer.WriteInt64(watch.last.FromMs);
            writer.WriteInt64(watch.last.ToMs);
            writer.WriteSigned(watch.last.DistanceM);
            writer.WriteBool(watch.last.ByRoad);
            writer.WriteVar((uint)watch.last.Permille);
        }
    }

    public static PlateWatch? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        PlateWatch watch = new()
        {
            older = ReadPassage(ref reader),
            newer = ReadPassage(ref reader),
            contradictions = (int)reader.ReadVar(),
            firstMs = reader.ReadSigned(),
            lastMs = reader.ReadSigned(),
            askedMs = reader.ReadInt64(),
        };
        if (reader.ReadBool())
        {
            watch.last = new Contradiction(reader.ReadText(), reader.ReadText(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadSigned(), reader.ReadBool(), (int)reader.ReadVar());
        }

        return watch;
    }

    private static void Write(in Passage passage, ByteWriter writer)
    {
        writer.WriteBytes(((ReadOnlySpan<byte>)passage.Source)[..passage.SourceLength]);
        if (passage.IsKept)
        {
            writer.WriteInt64(passage.AtMs);
            passage.Position.Write(writer);
            writer.WriteVar((uint)passage.Permille);
            writer.WriteBool(passage.Used);
        }
    }

    private static Passage ReadPassage(scoped ref ByteReader reader)
    {
        ReadOnlySpan<byte> source = reader.ReadBytes();
        Passage passage = new() { SourceLength = (byte)source.Length };
        source.CopyTo(passage.Source);
        if (passage.IsKept)
        {
            passage.AtMs = reader.ReadInt64();
            passage.Position = GeoPosition.Read(ref reader);
            passage.Permille = (short)reader.ReadVar();
            passage.Used = reader.ReadBool();
        }

        return passage;
    }
}
