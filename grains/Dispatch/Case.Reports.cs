using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>
/// The reports of a case: each keeps its reporter, who is called back. People split off what is about something else, and merge what is the same; neither is undone by what comes later, since a report is placed once, when it comes in.
/// </summary>
public sealed partial class Case
{
    /// <summary>Outcome of a case that goes on in another one.</summary>
    private const string MergedOutcome = "merged";

    /// <summary>The report that the case opens with.</summary>
    private void OpenWith(scoped in Turn turn, CaseOpened opened)
    {
        Now.Earlier = opened.Earlier ?? [];
        if (opened.Report is { } report)
        {
            Now.Warnings = 0;
            Now.SplitFrom = opened.Why!.Basis == MergeReason.Split ? opened.Why.With : null;
            Add(turn, report, opened.Why);
        }

        if (Now.Earlier.Length > 0)
        {
            Record(turn, "earlier-cases", Dispatcher, string.Join(", ", Now.Earlier));
        }
    }

    private void JoinReport(scoped in Turn turn, ReportJoined joined)
    {
        if (state is null)
        {
            throw new InvalidDataException($"Case {turn.Key} was never opened, and a report joined it.");
        }

        if (!state.IsOpen)
        {
            // The case was closed while the report was on its way. The dispatcher has heard of that before it hears this, and opens another.
            turn.Effects.Tell(ActorKind.Dispatcher, DistrictPath.DistrictOf(state.District), MessageKind.PlaceReport, new ReportToPlace(joined.Facts));
            return;
        }

        if (Now.Reports.Exists(known => known.Id == joined.Facts.Id))
        {
            return;
        }

        Add(turn, joined.Facts, joined.Reason);
        int severity = turn.Rules.Merging.Severities.TryGetValue(joined.Facts.Kind, out int given) ? given : 1;
        bool graver = severity > Now.Severity;
        Now.Severity = Math.Max(Now.Severity, severity);
        Now.Live |= turn.NowMs - joined.Facts.At.ToUnixTimeMilliseconds() <= turn.Rules.Merging.LiveHours * WorkingCalendar.HourMs;
        string why = $"{joined.Facts.Id}: {joined.Reason.Say().En}";
        if (graver)
        {
            Record(turn, "severity-rose", joined.Facts.Channel, why);
            ShowGraver(turn, alert: true);
        }
        else
        {
            RecordJoined(turn, joined.Facts.Channel, why, "report-joined");
        }

        ShowChanges(turn);
    }

    private void Add(scoped in Turn turn, ReportFacts facts, MergeReason reason)
    {
        Now.Reports.Add(new CaseReportRef(facts.Id, facts.At.ToUnixTimeMilliseconds(), facts.Channel, reason));
        turn.Effects.Tell(ActorKind.Report, facts.Id, MessageKind.ReportChanged, new ReportChanged(Now.Id, ReportStates.Open, reason));
    }

    /// <summary>What a warning is about joins what the case is about: it becomes the case's subject where reports alone were in it, and is one of several where the cases were merged.</summary>
    private void TakeSubject(WarningChanged changed)
    {
        Warning warning = changed.Warning;
        Now.Subjects.RemoveAll(other => other.SubjectKind == changed.SubjectKind && other.Subject == warning.Subject && other.Kind == warning.Kind);
        if (Now.SubjectKind == ActorKind.Report || (Now.SubjectKind == changed.SubjectKind && Now.Warning.Subject == warning.Subject && Now.Warning.Kind == warning.Kind))
        {
            Now.SubjectKind = changed.SubjectKind;
            Now.Warning = Cited(warning);
            return;
        }

        Now.Subjects.Add(new CaseSubject(changed.SubjectKind, warning.Subject, warning.Kind, warning.Id));
        if (Now.Subjects.Count > GrainLimits.SubjectsMerged)
        {
            Now.Subjects.RemoveAt(0);
        }
    }

    private bool HasSubject(WarningChanged changed) => Now.Subjects.Exists(other => other.SubjectKind == changed.SubjectKind && other.Subject == changed.Warning.Subject && other.Kind == changed.Warning.Kind);

    private void Split(scoped in Turn turn, CaseSplit split)
    {
        if (MayRearrange(turn, split.Decides, split.Department, split.Reason, split.Key) is false)
        {
            return;
        }

        string[] ids = [.. split.Reports.Distinct()];
        string[] known = [.. Now.Reports.Select(report => report.Id)];
        if (ids.Length == 0 || Array.Find(ids, id => !known.Contains(id)) is not null)
        {
            string unknown = Array.Find(ids, id => !known.Contains(id)) ?? "none";
            turn.Effects.Reply(ReplyStatus.Invalid, $"Name in 'reports' which of the case's reports are about something else; {unknown} is not among them.", known);
            return;
        }

        if (ids.Length == known.Length && Now.Warnings == 0)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, "Nothing would be left of the case: leave at least one report in it.", known);
            return;
        }

        Remember(split.Key);
        Now.Reports.RemoveAll(report => Array.IndexOf(ids, report.Id) >= 0);
        Record(turn, "split", split.By, $"{string.Join(", ", ids)}: {split.Reason}");
        turn.Effects.Tell(ActorKind.Report, ids[0], MessageKind.SplitOffReport, new ReportSplitOff(Now.Id, null, ids[1..], split.By, split.Reason));
        ShowChanges(turn);
        turn.Effects.Reply(ReplyStatus.Done, $"{ids.Length} of the reports of case {Now.Id} get a case of their own.");
    }

    private void Merge(scoped in Turn turn, CaseMerge merge)
    {
        if (MayRearrange(turn, merge.Decides, merge.Department, merge.Reason, merge.Key) is false)
        {
            return;
        }

        if (merge.Into == Now.Id)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, "Name in 'into' another case: this one is itself already.");
            return;
        }

        if (Now.Storm is not null)
        {
            // Its many subjects would have to be moved one by one; the other way round nothing has to be.
            turn.Effects.Reply(ReplyStatus.Conflict, $"Case {Now.Id} has the warnings of a storm; merge {merge.Into} into it instead.", []);
            return;
        }

        Remember(merge.Key);
        CaseMerged merged = new(
            Now.Id,
            [.. Now.Reports],
            Now.Warnings,
            Now.Severity,
            [.. Now.SubjectKind == ActorKind.Report ? [] : (CaseSubject[])[new CaseSubject(Now.SubjectKind, Now.Warning.Subject, Now.Warning.Kind, Now.Warning.Id)], .. Now.Subjects],
            [.. Now.MergedFrom],
            merge.By,
            merge.Department,
            merge.Decides,
            merge.Reason);
        Now.MergedInto = merge.Into;
        Now.ClosedMs = turn.NowMs;
        Now.Outcome = MergedOutcome;
        foreach (WorkOrder order in Now.WorkOrders.Where(order => order.IsOpen).ToArray())
        {
            Withdraw(turn, order, $"the case was merged into {merge.Into}: {merge.Reason}");
        }

        WithdrawNotices(turn);
        Now.WorkOrders.ForEach(Touch);
        Record(turn, "merged", merge.By, $"into {merge.Into}: {merge.Reason}");
        turn.Effects.Tell(
            ActorKind.Dispatcher, DistrictPath.DistrictOf(Now.District), MessageKind.CaseClosed, new CaseClosed(Now.Id, Now.Warning.Subject, Now.SubjectKind, Now.Warning.Kind, Now.Warning.Id, MergedOutcome, merge.Into));
        turn.Effects.Tell(ActorKind.Case, merge.Into, MessageKind.CaseMerged, merged);
        Explanation said = new($"Case {Now.Id} goes on in case {merge.Into}: {merge.Reason}", $"案件 {Now.Id} 已并入案件 {merge.Into}：{merge.Reason}");
        foreach (string department in Now.Departments)
        {
            WorkOrder? last = Now.WorkOrders.LastOrDefault(order => order.Department == department);
            Alert(turn, AlertTypes.CaseClosed, last, department, last?.Role ?? Roles.Informed, said);
        }

        ShowChanges(turn);
        turn.Effects.Reply(ReplyStatus.Done, $"Case {Now.Id} goes on in case {merge.Into}.");
    }

    /// <summary>Another case goes on in this one. Where that cannot be, it is told so and goes on by itself: nothing is lost.</summary>
    private void TakeMerged(scoped in Turn turn, CaseMerged merged)
    {
        string? why = state is null ? $"there is no case {turn.Key}"
            : !state.IsOpen ? $"case {Now.Id} was closed meanwhile"
            : !merged.Decides && merged.Department != Now.Lead ? $"case {Now.Id} is led by {Now.Lead}"
            : Now.Reports.Count + merged.Reports.Length > GrainLimits.ReportsPerCase ? $"both have more than {GrainLimits.ReportsPerCase} reports together"
            : Now.MergedFrom.Count + merged.Merged.Length + 1 > GrainLimits.SubjectsMerged || Now.Subjects.Count + merged.Subjects.Length > GrainLimits.SubjectsMerged ? $"more than {GrainLimits.SubjectsMerged} cases would be one"
            : null;
        if (why is not null)
        {
            turn.Effects.Tell(ActorKind.Case, merged.From, MessageKind.UndoMerge, new MergeUndone(turn.Key, why, state is not { IsOpen: true }));
            return;
        }

        int first = Now.Reports.Count;
        MergeReason reason = new(MergeReason.Merged, merged.From, By: merged.By, Note: merged.Reason);
        Now.Reports.AddRange(merged.Reports.Select(report => report with { Reason = reason, CalledBack = null }));
        Now.MergedFrom.AddRange([.. merged.Merged, merged.From]);
        Now.Warnings += merged.Warnings;
        foreach (CaseSubject subject in merged.Subjects)
        {
            Now.Subjects.RemoveAll(other => other.SubjectKind == subject.SubjectKind && other.Subject == subject.Subject && other.Kind == subject.Kind);
            Now.Subjects.Add(subject);
        }

        Record(turn, "merged-in", merged.By, $"{merged.From}: {merged.Reason}");
        if (merged.Severity > Now.Severity)
        {
            Now.Severity = merged.Severity;
            ShowGraver(turn, alert: true);
        }

        TellFrom(turn, first);
        ShowChanges(turn);
    }

    private void UndoMerge(scoped in Turn turn, MergeUndone undone)
    {
        if (state is not { IsOpen: false } || Now.MergedInto != undone.Into)
        {
            return;
        }

        Now.MergedInto = null;
        Reopen(turn, undone.Into, undone.Why, undone);
        ShowChanges(turn);
    }

    /// <summary>The command centre, and the lead, say what is the same; with a reason, and as long as the case is open.</summary>
    private bool MayRearrange(scoped in Turn turn, bool decides, string? department, string reason, string? key)
    {
        if (state is null)
        {
            turn.Effects.Reply(ReplyStatus.NotFound, $"There is no case {turn.Key}.");
            return false;
        }

        if (!decides && department != Now.Lead)
        {
            turn.Effects.Reply(ReplyStatus.Forbidden, $"Case {Now.Id} is led by {Now.Lead}; its people and the command centre's do this.");
            return false;
        }

        if (string.IsNullOrWhiteSpace(reason) || WrongWith(reason, key) is not null)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, WrongWith(reason, key) ?? "Say in 'reason' why.");
            return false;
        }

        if (WasDone(key))
        {
            turn.Effects.Reply(ReplyStatus.Done, "Done already.");
            return false;
        }

        if (!Now.IsOpen)
        {
            turn.Effects.Reply(ReplyStatus.Conflict, Now.MergedInto is { } into ? $"Case {Now.Id} goes on in case {into}." : $"Case {Now.Id} is {State()}; open it again first.", AllowedAfterwards(turn.NowMs));
            return false;
        }

        return true;
    }

    /// <summary>Which of the reports a call-back is for, and marks it; false where that is not clear, and was answered.</summary>
    private bool CalledBack(scoped in Turn turn, CaseAction action)
    {
        if (Now.Reports.Count == 0)
        {
            return true;
        }

        string? id = action.Report ?? (Now.Reports.Count == 1 ? Now.Reports[0].Id : null);
        int index = Now.Reports.FindIndex(report => report.Id == id);
        if (index < 0)
        {
            string[] waiting = [.. Now.Reports.Where(report => report.CalledBack is null).Select(report => report.Id)];
            turn.Effects.Reply(ReplyStatus.Invalid, id is null ? "Name in 'report' whose reporter was called." : $"Report {id} is not one of case {Now.Id}.", waiting);
            return false;
        }

        CallBack said = new(Time(turn.NowMs), action.By, action.Outcome!, action.Note);
        Now.Reports[index] = Now.Reports[index] with { CalledBack = said };
        turn.Effects.Tell(ActorKind.Report, id!, MessageKind.ReportChanged, new ReportChanged(Now.Id, ReportStates.CalledBack, Now.Reports[index].Reason, Now.Outcome, said));
        return true;
    }

    /// <summary>Reports, and what merged cases were about, hear in a turn of their own: closing a case asks for nearly as much as one turn may.</summary>
    private void TellReports(scoped in Turn turn)
    {
        if (Now.Reports.Count > 0 || Now.Subjects.Count > 0)
        {
            TellFrom(turn, 0);
        }
    }

    private void TellFrom(scoped in Turn turn, int first) => turn.Effects.Tell(ActorKind.Case, Now.Id, MessageKind.TellReports, new ReportsToTell(first));

    /// <summary>Tells what is so now, whatever was when it was asked for.</summary>
    private void Tell(scoped in Turn turn, ReportsToTell tell)
    {
        if (state is null || Now.MergedInto is not null)
        {
            return;
        }

        if (tell.From == 0 && !Now.IsOpen)
        {
            foreach (CaseSubject subject in Now.Subjects)
            {
                turn.Effects.Tell(subject.SubjectKind, subject.Subject, MessageKind.CaseClosed, new CaseClosed(Now.Id, subject.Subject, subject.SubjectKind, subject.Kind, subject.WarningId, Now.Outcome!));
            }
        }

        int until = Math.Min(Now.Reports.Count, tell.From + GrainLimits.ReportsToldAtOnce);
        for (int i = tell.From; i < until; i++)
        {
            CaseReportRef report = Now.Reports[i];
            string reportState = Now.IsOpen ? ReportStates.Open : report.CalledBack is null ? ReportStates.Closed : ReportStates.CalledBack;
            turn.Effects.Tell(ActorKind.Report, report.Id, MessageKind.ReportChanged, new ReportChanged(Now.Id, reportState, report.Reason, Now.Outcome, report.CalledBack));
        }

        if (until < Now.Reports.Count)
        {
            TellFrom(turn, until);
        }
    }

    /// <summary>Its reports as rows show them, the newest last.</summary>
    private CaseReport[]? ReportRows(int most) => Now.Reports.Count == 0
        ? null
        : [.. Now.Reports.TakeLast(most).Select(report => new CaseReport(report.Id, Time(report.AtMs), report.Channel, report.Reason.Say(), report.CalledBack))];

    private int? CallBacksDue() => !Now.IsOpen && !Now.Archived && Now.MergedInto is null && Now.Reports.Count(report => report.CalledBack is null) is var due and > 0 ? due : null;
}
