using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Tells where an overloaded truck came from that it was overloaded, once for each warning, and that it was not once the warning turns out to be none. The vehicle does not know by itself: its waybill's entry says who loaded it, its own whose it
/// is, and either passes it on. Nothing is told of a truck of which no register says anything, nor of one that was weighed by a station whose calibration had run out.
/// </summary>
internal static class OverloadTrace
{
    /// <summary>The warnings of too much mass that were open before something happened; null for none.</summary>
    public readonly record struct Mark(string? Road, string? RatedLoad)
    {
        public string? Of(MassLimit limit) => limit == MassLimit.Road ? Road : RatedLoad;
    }

    public static Mark Before(OpenWarnings? warnings) => new(warnings?.Find(RoadLimitWarning.Kind)?.Id, warnings?.Find(RatedLoadWarning.Kind)?.Id);

    /// <summary>A weighing was judged: what it opened is told.</summary>
    public static void Found(scoped in Turn turn, scoped in Message message, scoped in WeighedMass weighed, Mark before, OpenWarnings? warnings, bool isRegistered, WaybillWatch? waybills)
    {
        if (warnings is null || weighed.Accuracy.IsExpired)
        {
            return;
        }

        foreach (MassLimit limit in WeighedMass.Limits)
        {
            if (warnings.Find(WeighedMass.KindOf(limit)) is not { } open || open.Id == before.Of(limit))
            {
                continue;
            }

            string? waybill = waybills?.NumberAt(message.Header.AtMs, turn.Rules.Waybills);
            if (waybill is null && !isRegistered)
            {
                continue;
            }

            SortedDictionary<string, double> figures = open.Evidence.Figures;
            Tell(turn, waybill, new Overload(
                turn.Key,
                open.Id,
                DateTimeOffset.FromUnixTimeMilliseconds(message.Header.AtMs),
                false,
                Encoding.UTF8.GetString(message.Origin.Source),
                Encoding.UTF8.GetString(message.Header.Id),
                open.District,
                Math.Max(figures.GetValueOrDefault("overPct"), figures.GetValueOrDefault("axlesOverPct")),
                open.Confidence,
                waybill));
        }
    }

    /// <summary>A register changed: what it cleared is withdrawn.</summary>
    public static void Cleared(scoped in Turn turn, Mark before, OpenWarnings? warnings, WaybillWatch? waybills)
    {
        foreach (MassLimit limit in WeighedMass.Limits)
        {
            if (before.Of(limit) is { } id && warnings?.Find(WeighedMass.KindOf(limit)) is null)
            {
                Withdraw(turn, id, waybills);
            }
        }
    }

    /// <summary>A case is closed: what was found to be none is withdrawn.</summary>
    public static void Closed(scoped in Turn turn, CaseClosed closed, bool isRegistered, WaybillWatch? waybills)
    {
        if ((isRegistered || waybills is not null) && closed.Kind is RoadLimitWarning.Kind or RatedLoadWarning.Kind && turn.Rules.Outcomes.FirstOrDefault(outcome => outcome.Code == closed.Outcome) is { Found: false })
        {
            Withdraw(turn, closed.WarningId, waybills);
        }
    }

    /// <summary>To whoever may have been told; one that was not knows of no such warning.</summary>
    private static void Withdraw(scoped in Turn turn, string id, WaybillWatch? waybills)
    {
        Overload withdrawn = new(turn.Key, id, DateTimeOffset.FromUnixTimeMilliseconds(turn.NowMs), true);
        Tell(turn, null, withdrawn);
        foreach (string waybill in waybills?.Numbers ?? [])
        {
            Tell(turn, waybill, withdrawn with { Waybill = waybill });
        }
    }

    private static void Tell(scoped in Turn turn, string? waybill, Overload overload) =>
        turn.Effects.Tell(ActorKind.Entry, waybill is null ? $"vehicles/{turn.Key}" : $"waybills/{waybill}", MessageKind.OverloadFound, overload);
}
