using System.Globalization;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>
/// Warnings of other subjects or kinds that are kept with the case: those of a storm are part of it, held ones only wait for its own warning to end. All are counted and in the list of warnings, by the case; the case names the first of them.
/// </summary>
/// <remarks>
/// What joins is told to whoever works on the case in at most as many messages as the rulebook has sum-ups, after growing pauses; a rise of severity takes the place of one. The first time that severity 4 is reached is always told: danger to life outweighs the count. What was not told in a message of its own
/// is said by the next message of any kind.
/// </remarks>
public sealed partial class Case
{
    private const string StormReminder = "storm:tell";
    private const string StormRowReminder = "storm:row";

    /// <summary>True once a message of this turn said what joined. Empty between turns, so not part of the state.</summary>
    private bool stormWasTold;

    private bool IsOfAnother(WarningChanged changed) =>
        changed.Warning.Subject != Now.Warning.Subject || changed.Warning.Kind != Now.Warning.Kind || changed.SubjectKind != Now.SubjectKind;

    private void Group(scoped in Turn turn, WarningGrouped grouped)
    {
        if (state is null)
        {
            throw new InvalidDataException($"Case {turn.Key} was never opened, and a warning joined it.");
        }

        if (!state.IsOpen)
        {
            if (!grouped.IsHeld)
            {
                // The case was closed while the warning was on its way. The dispatcher has heard of that before it hears this, and opens a new one.
                turn.Effects.Tell(ActorKind.Dispatcher, Rules.DistrictPath.DistrictOf(state.District), MessageKind.WarningChanged, grouped.Changed with { Change = WarningChange.Opened, SilencedBy = null });
            }

            return;
        }

        Warning warning = grouped.Changed.Warning;
        CaseStorm storm = Now.Storm ??= new CaseStorm();
        if (storm.First.Count < GrainLimits.StormShown)
        {
            storm.First.Add(new CaseStormMember(warning.Id, warning.Subject, warning.Kind, warning.Severity, Time(turn.NowMs)));
        }

        if (grouped.IsHeld)
        {
            storm.Held++;
            RecordJoined(turn, grouped.Rule, $"{warning.Kind} of {warning.Subject}, severity {warning.Severity}", "warning-held");
            ShowStorm(turn, storm, atOnce: false);
            return;
        }

        storm.Rule ??= grouped.Rule;
        storm.Joined++;
        storm.Untold++;
        Take(turn, storm, grouped.Changed, $"by {grouped.Rule}");
    }

    /// <summary>A warning that joined before has changed.</summary>
    private void UpdateMember(scoped in Turn turn, WarningChanged changed)
    {
        CaseStorm storm = Now.Storm ??= new CaseStorm();
        if (changed.Change == WarningChange.Cleared)
        {
            storm.Cleared++;
            RecordJoined(turn, changed.Warning.Model, $"{changed.Warning.Kind} of {changed.Warning.Subject}", "storm-cleared");
            ShowStorm(turn, storm, atOnce: false);
            return;
        }

        Take(turn, storm, changed, "again");
    }

    private void Take(scoped in Turn turn, CaseStorm storm, WarningChanged changed, string how)
    {
        Warning warning = changed.Warning;
        storm.Changes++;
        Now.Warnings++;
        Now.Live |= warning.Live;
        bool graver = warning.Severity > Now.Severity;
        Now.Severity = Math.Max(Now.Severity, warning.Severity);
        string figures = $"{warning.Kind} of {warning.Subject}, severity {warning.Severity}, {how}{(changed.SilencedBy is { } silence ? $", silenced by {silence}" : "")}";
        if (graver)
        {
            Record(turn, "severity-rose", warning.Model, figures);
            ShowGraver(turn, alert: false);
        }
        else
        {
            RecordJoined(turn, warning.Model, figures, "storm-joined");
        }

        if (warning.Live && changed.SilencedBy is null)
        {
            int most = 1 + turn.Rules.Storms.TellAfterMinutes.Length;
            if (graver && (warning.Severity >= GrainLimits.GravestSeverity || storm.Told < most - 1))
            {
                TellStorm(turn, storm, warning.Explanation);
            }
            else if (storm.TellMs is null && storm.Told < most && storm.Untold > 0)
            {
                storm.TellMs = turn.NowMs + (turn.Rules.Storms.TellAfterMinutes[storm.Told - 1] * 60_000L);
                turn.Effects.RemindAt(StormReminder, storm.TellMs.Value);
            }
        }

        ShowStorm(turn, storm, atOnce: graver);
    }

    private void RemindOfStorm(scoped in Turn turn, string name)
    {
        if (state is not { IsOpen: true, Storm: { } storm })
        {
            return;
        }

        if (name == StormRowReminder)
        {
            ShowStorm(turn, storm, atOnce: true);
        }
        else if (storm.TellMs <= turn.NowMs)
        {
            storm.TellMs = null;
            if (storm.Untold > 0)
            {
                TellStorm(turn, storm, null);
                ShowStorm(turn, storm, atOnce: true);
            }
        }
    }

    /// <summary>One message to each department at work: how many joined since the last one.</summary>
    private void TellStorm(scoped in Turn turn, CaseStorm storm, Explanation? graver)
    {
        Explanation said = new(
            string.Create(CultureInfo.InvariantCulture, $"{storm.Untold} more warnings joined case {Now.Id} since the last message, {storm.Joined} in all.{(graver is null ? "" : $" It became graver: {graver.En}")}"),
            string.Create(CultureInfo.InvariantCulture, $"案件 {Now.Id} 自上次消息以来又并入 {storm.Untold} 条预警，共 {storm.Joined} 条。{(graver is null ? "" : $"等级升高：{graver.Zh}")}"));
        foreach (WorkOrder order in Now.WorkOrders.Where(order => order.IsOpen))
        {
            Alert(turn, graver is null ? AlertTypes.WarningsJoined : AlertTypes.WarningUpdated, order, order.Department, order.Role, said);
        }

        storm.Told++;
        storm.Untold = 0;
        if (storm.TellMs is not null)
        {
            storm.TellMs = null;
            turn.Effects.Forget(StormReminder);
        }
    }

    /// <summary>A message about something else says what joined since the last one, too.</summary>
    private Explanation WithStorm(string type, Explanation explanation)
    {
        if (state?.Storm is not { Untold: > 0 } storm || type is AlertTypes.WarningsJoined or AlertTypes.WarningUpdated)
        {
            return explanation;
        }

        stormWasTold = true;
        return new Explanation(
            string.Create(CultureInfo.InvariantCulture, $"{explanation.En} {storm.Untold} more warnings joined since the last message."),
            string.Create(CultureInfo.InvariantCulture, $"{explanation.Zh}自上次消息以来又并入 {storm.Untold} 条预警。"));
    }

    private void NoteStormTold()
    {
        if (stormWasTold)
        {
            stormWasTold = false;
            Now.Storm!.Untold = 0;
        }
    }

    /// <summary>Shows the case; what joins in quick succession is shown together, a little later.</summary>
    private void ShowStorm(scoped in Turn turn, CaseStorm storm, bool atOnce)
    {
        if (atOnce || storm.Joined + storm.Held <= GrainLimits.StormShownAtOnce || turn.NowMs - storm.ShownMs >= GrainLimits.StormRowEveryMs)
        {
            storm.ShownMs = turn.NowMs;
            if (storm.RowDue)
            {
                storm.RowDue = false;
                turn.Effects.Forget(StormRowReminder);
            }

            ShowChanges(turn);
        }
        else if (!storm.RowDue)
        {
            storm.RowDue = true;
            turn.Effects.RemindAt(StormRowReminder, storm.ShownMs + GrainLimits.StormRowEveryMs);
        }
    }

    private void EndStorm(scoped in Turn turn)
    {
        if (Now.Storm is not { } storm)
        {
            return;
        }

        if (storm.TellMs is not null)
        {
            storm.TellMs = null;
            turn.Effects.Forget(StormReminder);
        }

        if (storm.RowDue)
        {
            storm.RowDue = false;
            turn.Effects.Forget(StormRowReminder);
        }
    }

    private CaseStormRow? StormRow() =>
        Now.Storm is { IsEmpty: false } storm ? new CaseStormRow(storm.Rule, storm.Joined, storm.Changes, storm.Cleared, storm.Held, storm.Told, storm.Untold, [.. storm.First]) : null;
}
