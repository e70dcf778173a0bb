using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Streaming.Models.Registers;
using Streaming.Models.Vehicles;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Whether something else is seen under a plate than what it is registered for: contradictions of body and axles, counted over the devices that made them. In any order, since each stands by itself. It raises the same kind of warning as
/// <see cref="PlateWatch"/>, with figures and words of its own, which is cleared where the register is corrected and ends with its case otherwise.
/// </summary>
internal sealed class LooksWatch
{
    private const string Model = "cloned-plate-looks/1";

    private int count;
    private long firstMs;
    private ulong source;
    private bool several;
    private bool warned;

    /// <summary>The contradiction found last.</summary>
    private SeenLook seen;
    private long seenMs;

    /// <summary>Takes in what was seen under a plate that was read with confidence.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="message">The reading.</param>
    /// <param name="look">What was seen.</param>
    /// <param name="platePermille">How sure the device was of the plate.</param>
    /// <param name="image">The picture.</param>
    /// <param name="registration">What the registers say.</param>
    /// <param name="watch">The watch; made with the first contradiction.</param>
    /// <param name="warnings">The vehicle's warnings.</param>
    public static void See(scoped in Turn turn, scoped in Message message, SeenLook look, int platePermille, ImageReference image, VehicleRegistration? registration, ref LooksWatch? watch, ref OpenWarnings? warnings)
    {
        if (registration is null || turn.Rules.ClonedPlates.Looks is not { } rules || platePermille < turn.Rules.ClonedPlates.CertainPermille
            || Judge(turn, rules, registration, look, message.Header.AtMs) == LookFault.None)
        {
            return;
        }

        (watch ??= new LooksWatch()).Contradict(turn, message, look, image, registration, rules, ref warnings);
    }

    private static LookFault Judge(scoped in Turn turn, PlateLooks rules, VehicleRegistration registration, SeenLook look, long atMs) =>
        rules.Judge(turn.Rules.RoadLimits, registration.BuildAt(atMs), registration.AxlesAt(atMs), look);

    private void Contradict(scoped in Turn turn, scoped in Message message, SeenLook look, ImageReference image, VehicleRegistration registration, PlateLooks rules, ref OpenWarnings? warnings)
    {
        ulong from = StableHash.Of(message.Origin.Source);
        if (count == 0 || turn.NowMs - firstMs > rules.WithinHours * 3_600_000L)
        {
            (count, firstMs, source, several) = (0, turn.NowMs, from, false);
        }

        count++;
        several |= from != source;
        (seen, seenMs) = (look, message.Header.AtMs);
        if (count < rules.Repeats || (rules.Sources > 1 && !several))
        {
            return;
        }

        warned = true;
        warnings ??= new OpenWarnings();
        warnings.Raise(turn, ActorKind.Vehicle, message, image, Find(turn, registration, rules));
    }

    /// <summary>A case that was closed has dealt with what was found.</summary>
    public void Close(CaseClosed closed)
    {
        if (closed.Kind == PlateWatch.Kind)
        {
            (count, warned) = (0, false);
        }
    }

    /// <summary>A register has changed: where what was seen last is what is registered now, the register was wrong and not the plate.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="changed">What has changed.</param>
    /// <param name="registration">What the registers say now.</param>
    /// <param name="others">True where the warning rests on contradictions of place too.</param>
    /// <param name="warnings">The vehicle's warnings.</param>
    public void Reconsider(scoped in Turn turn, EntryChanged changed, VehicleRegistration? registration, bool others, OpenWarnings? warnings)
    {
        if (count == 0 || registration is null || turn.Rules.ClonedPlates.Looks is not { } rules || Judge(turn, rules, registration, seen, seenMs) != LookFault.None)
        {
            return;
        }

        count = 0;
        if (warned && !others)
        {
            string entry = $"{RegisterSchema.Of(changed.Register).Name}/{changed.Key}";
            warnings?.Clear(turn, ActorKind.Vehicle, PlateWatch.Kind, turn.NowMs, new Explanation($"Cleared, since {changed.By} changed the entry {entry}: what was seen is what is registered.", $"已解除：{changed.By}变更了登记{entry}，所见与登记相符。"));
        }

        warned = false;
    }

    private Finding Find(scoped in Turn turn, VehicleRegistration registration, PlateLooks rules)
    {
        RegisteredBuild build = registration.BuildAt(seenMs);
        int axles = registration.AxlesAt(seenMs);
        bool byClass = rules.Judge(turn.Rules.RoadLimits, build, axles, seen) == LookFault.Class;
        string times = FigureText.Whole(count), hours = FigureText.Whole(rules.WithinHours);
        string sawEn = byClass ? $"a {seen.Class.Name()}" : $"a vehicle of {FigureText.Whole(seen.Axles)} axles", sawZh = byClass ? Zh(seen.Class) : $"{FigureText.Whole(seen.Axles)}轴车辆";
        string isEn = byClass ? $"a {build.Class.Name()}" : $"a rigid truck of {FigureText.Whole(axles)} axles", isZh = byClass ? Zh(build.Class) : $"{FigureText.Whole(axles)}轴单体货车";
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal) { ["contradictions"] = count };
        if (!byClass)
        {
            (figures["axles"], figures["registeredAxles"]) = (seen.Axles, axles);
        }

        return new Finding(
            PlateWatch.Kind,
            rules.Severity,
            rules.Confidence,
            Model,
            new Explanation(
                $"Under the plate {turn.Key} {sawEn} was seen at {FigureText.Time(seenMs)}; it is registered for {isEn}. Such contradictions within {hours} h, by more than one device: {times}. The plate may be on another vehicle, or the register is wrong: compare the pictures before acting.",
                $"{FigureText.Time(seenMs)}，号牌{turn.Key}下所见为{sawZh}，登记为{isZh}。{hours}小时内多个设备发现此类矛盾：{times}次。号牌可能被他车使用，也可能登记有误：处理前须比对图像。"),
            figures,
            $"what is registered: {isEn}",
            null);
    }

    private static string Zh(VehicleClass body) => body switch
    {
        VehicleClass.Rigid => "单体货车",
        VehicleClass.Combination => "汽车列车",
        VehicleClass.Tanker => "罐车",
        VehicleClass.Bus => "客车",
        VehicleClass.Car => "小客车",
        _ => "未知车型",
    };

    public static void Write(LooksWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is null)
        {
            return;
        }

        writer.WriteVar((uint)watch.count);
        writer.WriteInt64(watch.firstMs);
        writer.WriteUInt64(watch.source);
        writer.WriteByte((byte)((watch.several ? 1 : 0) | (watch.warned ? 2 : 0)));
        writer.WriteByte((byte)watch.seen.Class);
        writer.WriteVar((uint)watch.seen.Axles);
        writer.WriteVar((uint)watch.seen.GrossKg);
        writer.WriteInt64(watch.seenMs);
    }

    public static LooksWatch? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        LooksWatch watch = new() { count = (int)reader.ReadVar(), firstMs = reader.ReadInt64(), source = reader.ReadUInt64() };
        byte flags = reader.ReadByte();
        (watch.several, watch.warned) = ((flags & 1) != 0, (flags & 2) != 0);
        watch.seen = new SeenLook((VehicleClass)reader.ReadByte(), (int)reader.ReadVar(), (int)reader.ReadVar());
        watch.seenMs = reader.ReadInt64();
        return watch;
    }
}
