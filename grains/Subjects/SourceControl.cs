using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models;
using Streaming.Models.Encoding;
using Streaming.Models.Enterprises;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Trucks that were found overloaded and were loaded at an enterprise, or are its own. Several of them within a time are a matter of the enterprise and not of drivers alone. They are counted by when they were weighed, in any order; the accusation
/// of one that is withdrawn counts no more. Such a warning ends with its case: that time passes does not say that trucks are loaded rightly.
/// </summary>
internal sealed class SourceControl
{
    public const string Kind = "source-control";
    private const string Model = "source-control/1";
    private const long Day = 24L * 3_600_000;

    /// <summary>By time, then warning.</summary>
    private readonly List<Found> found = [];

    private sealed record Found(long AtMs, string WarningId, string Vehicle, string Station, string ReadingId, double OverPct, bool ByWaybill);

    /// <summary>A truck was found, or is taken back.</summary>
    public static void Hear(ref SourceControl? control, scoped in Turn turn, Overload overload, ref OpenWarnings? warnings)
    {
        SourceControlRule rule = turn.Rules.Enterprises.SourceControl;
        if (overload.Withdrawn)
        {
            control?.Withdraw(turn, rule, overload, warnings);
            return;
        }

        if (overload.Confidence < rule.LeastConfidence || control?.found.Exists(other => other.WarningId == overload.WarningId) == true)
        {
            return;
        }

        control ??= new SourceControl();
        long atMs = overload.At.ToUnixTimeMilliseconds();
        Found added = new(atMs, overload.WarningId, overload.Vehicle, overload.Source, overload.Id, overload.OverPct, overload.Waybill is not null);
        int place = control.found.FindLastIndex(other => other.AtMs < atMs || (other.AtMs == atMs && string.CompareOrdinal(other.WarningId, added.WarningId) < 0)) + 1;
        control.found.Insert(place, added);
        if (control.found.Count > ModelLimits.OverloadsCounted)
        {
            control.found.RemoveAt(0);
        }

        List<Found> trucks = control.Within(rule);
        if (trucks.Count >= rule.Overloads && trucks.Contains(added))
        {
            warnings ??= new OpenWarnings();
            warnings.Raise(turn, ActorKind.Enterprise, new CitedReading(overload.Source, overload.Id, overload.At), overload.District, atMs, Find(rule, trucks));
        }
    }

    /// <summary>A case is closed: what it was about is settled.</summary>
    public static void Close(ref SourceControl? control, string kind) => control = kind == Kind ? null : control;

    private void Withdraw(scoped in Turn turn, SourceControlRule rule, Overload overload, OpenWarnings? warnings)
    {
        if (found.RemoveAll(other => other.WarningId == overload.WarningId) == 0 || warnings?.Find(Kind) is null)
        {
            return;
        }

        List<Found> trucks = Within(rule);
        Explanation why = new($" The accusation of {overload.Vehicle} was withdrawn.", $"对{overload.Vehicle}的认定已撤销。");
        if (trucks.Count < rule.Overloads)
        {
            warnings.Clear(turn, ActorKind.Enterprise, Kind, turn.NowMs, new Explanation($"Cleared: {FigureText.Whole(trucks.Count)} are left.{why.En}", $"已解除：剩余{FigureText.Whole(trucks.Count)}辆。{why.Zh}"));
        }
        else
        {
            warnings.Revise(turn, ActorKind.Enterprise, Find(rule, trucks), why);
        }
    }

    /// <summary>Those of the newest time that counts, each weighing once: it may break several limits.</summary>
    private List<Found> Within(SourceControlRule rule)
    {
        List<Found> trucks = [];
        foreach (Found each in found)
        {
            if (found[^1].AtMs - each.AtMs <= rule.WithinDays * Day && !trucks.Exists(other => other.AtMs == each.AtMs && other.Vehicle == each.Vehicle))
            {
                trucks.Add(each);
            }
        }

        return trucks;
    }

    private static Finding Find(SourceControlRule rule, List<Found> trucks)
    {
        string count = FigureText.Whole(trucks.Count);
        string days = FigureText.Whole(rule.WithinDays);
        IEnumerable<Found> named = trucks.TakeLast(GrainLimits.ShipmentsExplained);
        int more = trucks.Count - GrainLimits.ShipmentsExplained;
        return new Finding(
            Kind,
            Math.Min(4, rule.Severity + (trucks.Count >= 2 * rule.Overloads ? 1 : 0)),
            rule.LeastConfidence,
            Model,
            new Explanation(
                $"{count} trucks that were loaded here, or are the enterprise's, were found over their limits within {days} days; {FigureText.Whole(rule.Overloads)} make a warning. "
                    + string.Join("; ", named.Select(truck => $"{truck.Vehicle} at {FigureText.Time(truck.AtMs)}, station {truck.Station}, {FigureText.Measured(truck.OverPct)} % over ({(truck.ByWaybill ? "loaded here by its waybill" : "the enterprise's by the register")})"))
                    + "." + MassText.MoreEn(more),
                $"{days}日内，在此装载或属于该企业的{count}辆货车被查出超限超载，达到{FigureText.Whole(rule.Overloads)}辆即告警。"
                    + string.Join("；", named.Select(truck => $"{truck.Vehicle}于{FigureText.Time(truck.AtMs)}在检测站{truck.Station}超{FigureText.Measured(truck.OverPct)} %（{(truck.ByWaybill ? "据运单在此装货" : "据登记属于该企业")}）"))
                    + "。" + MassText.MoreZh(more)),
            new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["trucks"] = trucks.Count,
                ["withinDays"] = rule.WithinDays,
                ["limitTrucks"] = rule.Overloads,
                ["worstOverPct"] = trucks.Max(truck => truck.OverPct),
            },
            $"fewer than {FigureText.Whole(rule.Overloads)} within {days} days",
            rule.LegalSource);
    }

    public static void Write(SourceControl? control, ByteWriter writer)
    {
        writer.WriteVar((uint)(control?.found.Count ?? 0));
        foreach (Found truck in control?.found ?? [])
        {
            writer.WriteSigned(truck.AtMs);
            writer.WriteText(truck.WarningId);
            writer.WriteText(truck.Vehicle);
            writer.WriteText(truck.Station);
            writer.WriteText(truck.ReadingId);
            writer.WriteDouble(truck.OverPct);
            writer.WriteBool(truck.ByWaybill);
        }
    }

    public static SourceControl? Read(scoped ref ByteReader reader)
    {
        SourceControl? read = null;
        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            (read ??= new SourceControl()).found.Add(new Found(
                reader.ReadSigned(), reader.ReadText(), reader.ReadText(), reader.ReadText(), reader.ReadText(), reader.ReadDouble(), reader.ReadBool()));
        }

        return read;
    }

    public void Describe(Utf8JsonWriter json) => json.WriteNumber("overloadsTraced", found.Count);
}
