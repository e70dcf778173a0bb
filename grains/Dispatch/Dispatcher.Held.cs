using System.Globalization;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Dispatch;

/// <summary>
/// Warnings that are held back: by a silence that somebody decided, or because a graver warning is open. Each is a row with its newest wording, in a queue; it is in the lists like any other, where it says what holds it.
/// </summary>
/// <remarks>
/// What is held is looked at again when the first silence ends (a reminder), when silences or rules changed (the next warning, or the command that follows the change), and when a graver warning ends. The queue is gone through some at a time: what is still held goes
/// to its end, everything else becomes a case or joins one. Nothing is forgotten on the way: a warning leaves the queue only as a case, or because it was cleared.
/// </remarks>
public sealed partial class Dispatcher
{
    /// <summary>True where the warning waits.</summary>
    private bool Holds(scoped in Turn turn, string row, WarningChanged changed, string lead)
    {
        HeldWarning? before = state.Storms is { Held: > 0 } ? FindRow(turn, HeldKey(row), DispatchJson.Default.HeldWarning) : null;
        if (WhatHolds(turn, changed, lead) is not { } held)
        {
            if (before is not null)
            {
                Decide(turn, row, before with { Changed = changed });
            }

            return before is not null;
        }

        if (before is null)
        {
            if (Storms.Held >= GrainLimits.HeldWarnings)
            {
                return false;
            }

            Hold(turn, row, changed, held);
            return true;
        }

        HeldBack still = before.Held.By == held.By && before.Held.Id == held.Id ? held with { From = before.Held.From } : held;
        if (still != before.Held)
        {
            ShowHeld(turn, changed.Warning, still);
        }

        PutRow(turn, HeldKey(row), before with { Held = still, Changed = changed }, DispatchJson.Default.HeldWarning);
        RemindOf(turn, still);
        return true;
    }

    private void Hold(scoped in Turn turn, string row, WarningChanged changed, HeldBack held)
    {
        long place = ++Storms.LastHeld;
        Storms.Held++;
        Storms.Rules = Storms.Held == 1 ? turn.Rules.Version : Storms.Rules;
        PutRow(turn, HeldKey(row), new HeldWarning(place, held, changed), DispatchJson.Default.HeldWarning);
        turn.Rows.Put(PlaceKey(place), System.Text.Encoding.UTF8.GetBytes(row));
        RemindOf(turn, held);
        ShowHeld(turn, changed.Warning, held);
        if (held.Case is { } id)
        {
            turn.Effects.Tell(ActorKind.Case, id, MessageKind.WarningGrouped, new WarningGrouped(changed, held.Id, IsHeld: true));
        }
    }

    private void StopHolding(scoped in Turn turn, string row, HeldWarning held)
    {
        turn.Rows.Remove(HeldKey(row));
        turn.Rows.Remove(PlaceKey(held.Place));
        Storms.Held--;
    }

    /// <summary>A warning that has no open case was cleared: it waits for nothing any more.</summary>
    private void LetGoOfCleared(scoped in Turn turn, string row, Warning warning)
    {
        if (state.Storms is { Held: > 0 } && FindRow(turn, HeldKey(row), DispatchJson.Default.HeldWarning) is { } held)
        {
            StopHolding(turn, row, held);
            ShowHeld(turn, warning, held.Held with { Released = DateTimeOffset.FromUnixTimeMilliseconds(turn.NowMs) });
        }
    }

    private HeldBack? WhatHolds(scoped in Turn turn, WarningChanged changed, string lead)
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(turn.NowMs);
        if (SilenceOf(turn, changed.Warning, lead) is { } silence)
        {
            return new HeldBack(HeldBack.Silence, silence.Id, null, silence.By, silence.Reason, now, silence.Until);
        }

        Warning warning = changed.Warning;
        if (warning.Severity >= GrainLimits.GravestSeverity)
        {
            return null;
        }

        foreach (InhibitionRule rule in turn.Rules.Storms.Inhibitions)
        {
            if (Array.IndexOf(rule.Holds, warning.Kind) < 0)
            {
                continue;
            }

            foreach (string graver in rule.Graver)
            {
                if (rule.By == StormGroup.Subject)
                {
                    if (FindOpen(turn, RowKey(changed.SubjectKind, warning.Subject, graver)) is { IsCleared: false } open)
                    {
                        return new HeldBack(HeldBack.Inhibition, rule.Name, CaseId(turn.Key, open.Number), null, null, now, null);
                    }
                }
                else if (Counted(turn, graver) > 0)
                {
                    return new HeldBack(HeldBack.Inhibition, rule.Name, null, null, null, now, null);
                }
            }
        }

        return null;
    }

    private static Silence? SilenceOf(scoped in Turn turn, Warning warning, string? lead)
    {
        foreach (Silence silence in turn.Rules.Decisions.Silences)
        {
            if (silence.IsInForce(turn.NowMs))
            {
                lead ??= turn.Rules.Route(warning.Kind, warning.District, warning.Severity, ProvinceOf(warning), turn.NowMs).Lead;
                if (silence.Fits(warning, lead))
                {
                    return silence;
                }
            }
        }

        return null;
    }

    /// <summary>The warning as its case hears it: a silence keeps it from alerting anybody.</summary>
    private static WarningChanged Silenced(scoped in Turn turn, WarningChanged changed) =>
        SilenceOf(turn, changed.Warning, null) is { } silence ? changed with { SilencedBy = silence.Id } : changed;

    private static string? ProvinceOf(Warning warning) =>
        warning.SubjectKind == ActorId.Prefix(ActorKind.Vehicle) ? Rulebook.ProvinceOf(ActorKind.Vehicle, warning.Subject) : null;

    /// <summary>A warning with an open case changed: whether it holds others back may change with it.</summary>
    private void NoteJoined(scoped in Turn turn, string row, OpenRow open, WarningChanged changed)
    {
        bool cleared = changed.Change == WarningChange.Cleared;
        if (cleared == open.IsCleared || !Inhibits(turn.Rules, changed.Warning.Kind))
        {
            return;
        }

        if (cleared)
        {
            turn.Rows.Put(row, RowOf(open with { Marks = (open.Marks | OpenMarks.Cleared) & ~OpenMarks.Counted }));
            Uncount(turn, open, changed.Warning.Kind);
            Release(turn, changed.SubjectKind, changed.Warning.Subject, changed.Warning.Kind);
        }
        else
        {
            turn.Rows.Put(row, RowOf(open with { Marks = open.Marks & ~OpenMarks.Cleared }));
            Count(turn, row, changed);
        }
    }

    /// <summary>Counts an open warning of a kind that holds others back in its whole district.</summary>
    private void Count(scoped in Turn turn, string row, WarningChanged changed)
    {
        string kind = changed.Warning.Kind;
        if (Array.Exists(turn.Rules.Storms.Inhibitions, rule => rule.By == StormGroup.District && Array.IndexOf(rule.Graver, kind) >= 0))
        {
            OpenRow open = OpenOf(turn.Rows.Find(row)!);
            turn.Rows.Put(row, RowOf(open with { Marks = open.Marks | OpenMarks.Counted }));
            PutCount(turn, kind, Counted(turn, kind) + 1);
        }
    }

    /// <summary>It is no longer open. Once none of the kind is, what waited for it is looked at.</summary>
    private void Uncount(scoped in Turn turn, OpenRow open, string kind)
    {
        if ((open.Marks & OpenMarks.Counted) != 0)
        {
            long left = Counted(turn, kind) - 1;
            PutCount(turn, kind, left);
            if (left <= 0)
            {
                LookAtHeld(turn);
            }
        }
    }

    private static long Counted(scoped in Turn turn, string kind)
    {
        if (turn.Rows.Find($"open/{kind}") is not { } bytes)
        {
            return 0;
        }

        ByteReader reader = new(bytes);
        _ = reader.ReadByte();
        return (long)reader.ReadVar();
    }

    private static void PutCount(scoped in Turn turn, string kind, long count)
    {
        if (count <= 0)
        {
            turn.Rows.Remove($"open/{kind}");
            return;
        }

        turn.Rows.Put($"open/{kind}", RowOf(count));
    }

    /// <summary>A graver warning of a subject is over: what of the same subject waited for it no longer does.</summary>
    private void Release(scoped in Turn turn, ActorKind subjectKind, string subject, string kind)
    {
        if (state.Storms is not { Held: > 0 })
        {
            return;
        }

        foreach (InhibitionRule rule in turn.Rules.Storms.Inhibitions)
        {
            if (rule.By != StormGroup.Subject || Array.IndexOf(rule.Graver, kind) < 0)
            {
                continue;
            }

            foreach (string lesser in rule.Holds)
            {
                if (turn.Effects.Items.Count > GrainLimits.EffectsPerTurn / 2)
                {
                    LookAtHeld(turn);
                    return;
                }

                string row = RowKey(subjectKind, subject, lesser);
                if (FindRow(turn, HeldKey(row), DispatchJson.Default.HeldWarning) is { } held)
                {
                    Decide(turn, row, held);
                }
            }
        }
    }

    private static bool Inhibits(Rulebook rules, string kind) => Array.Exists(rules.Storms.Inhibitions, rule => Array.IndexOf(rule.Graver, kind) >= 0);

    /// <summary>What was decided or written since may hold less than before.</summary>
    private void LookAtHeldUnderNewRules(scoped in Turn turn)
    {
        if (state.Storms is { Held: > 0 } storms && storms.Rules != turn.Rules.Version)
        {
            LookAtHeld(turn);
        }
    }

    /// <summary>Begins to go through what is held, or goes on up to its end as it is now.</summary>
    private void LookAtHeld(scoped in Turn turn)
    {
        if (state.Storms is { Held: > 0 } storms)
        {
            storms.Rules = turn.Rules.Version;
            storms.LookThrough = storms.LastHeld;
            storms.LookMs = null;
            turn.Effects.RemindAt(GoOnReminder, turn.NowMs);
        }
    }

    /// <summary>The reminder: what is left of closed storms, then of held warnings, some at a time.</summary>
    private void GoOn(scoped in Turn turn)
    {
        if (state.Storms is not { } storms)
        {
            return;
        }

        if (storms.LookMs <= turn.NowMs)
        {
            LookAtHeld(turn);
            storms.LookMs = null;
        }

        int left = GrainLimits.StormStepsPerTurn;
        bool more = TellEnded(turn, ref left);
        while (storms.LookThrough is { } through && left > 0)
        {
            if (storms.FirstHeld > through)
            {
                storms.LookThrough = null;
                break;
            }

            left--;
            string place = PlaceKey(storms.FirstHeld++);
            if (turn.Rows.Find(place) is { } bytes)
            {
                turn.Rows.Remove(place);
                string row = System.Text.Encoding.UTF8.GetString(bytes);
                if (FindRow(turn, HeldKey(row), DispatchJson.Default.HeldWarning) is { } held)
                {
                    Decide(turn, row, held);
                }
            }
        }

        if (more || storms.LookThrough is not null)
        {
            turn.Effects.RemindAt(GoOnReminder, turn.NowMs);
        }
        else if (storms.LookMs is { } next)
        {
            turn.Effects.RemindAt(GoOnReminder, next);
        }
    }

    /// <summary>A held warning is held again, at the end of the queue, or becomes a case or part of one.</summary>
    private void Decide(scoped in Turn turn, string row, HeldWarning held)
    {
        WarningChanged changed = held.Changed with { Change = WarningChange.Opened };
        Warning warning = changed.Warning;
        RoutingDecision decision = turn.Rules.Route(warning.Kind, warning.District, warning.Severity, Rulebook.ProvinceOf(changed.SubjectKind, warning.Subject), turn.NowMs);
        if (WhatHolds(turn, changed, decision.Lead) is { } still)
        {
            bool same = still.By == held.Held.By && still.Id == held.Held.Id;
            long place = ++Storms.LastHeld;
            turn.Rows.Remove(PlaceKey(held.Place));
            turn.Rows.Put(PlaceKey(place), System.Text.Encoding.UTF8.GetBytes(row));
            HeldBack now = same ? still with { From = held.Held.From } : still;
            PutRow(turn, HeldKey(row), held with { Place = place, Held = now }, DispatchJson.Default.HeldWarning);
            if (now != held.Held)
            {
                ShowHeld(turn, warning, now);
            }

            RemindOf(turn, now);
            return;
        }

        StopHolding(turn, row, held);
        if (!JoinsStorm(turn, row, changed))
        {
            Open(turn, row, changed, decision);
        }

        HeldBack released = held.Held with { Released = DateTimeOffset.FromUnixTimeMilliseconds(turn.NowMs) };
        OpenRow open = OpenOf(turn.Rows.Find(row)!);
        turn.Effects.Show(View.Handlings, warning.Id, new WarningHandling(CaseId(turn.Key, open.Number), open.IsMember ? GroupOf(turn.Rules, warning)?.Name : null, released));
    }

    /// <summary>The silence's end is when everything is looked at again.</summary>
    private void RemindOf(scoped in Turn turn, HeldBack held)
    {
        if (held.Until?.ToUnixTimeMilliseconds() is { } untilMs && !(Storms.LookMs <= untilMs))
        {
            Storms.LookMs = untilMs;
            if (Storms.LookThrough is null && Storms.Ended.Count == 0)
            {
                turn.Effects.RemindAt(GoOnReminder, untilMs);
            }
        }
    }

    private static void ShowHeld(scoped in Turn turn, Warning warning, HeldBack held) => turn.Effects.Show(View.Handlings, warning.Id, new WarningHandling(held.Case, null, held));

    private static string HeldKey(string row) => "held/" + row;

    private static string PlaceKey(long place) => string.Create(CultureInfo.InvariantCulture, $"queue/{place}");
}
