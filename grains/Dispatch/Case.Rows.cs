using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Dispatch;

/// <summary>What a case shows and tells, and how it keeps within its bounds.</summary>
public sealed partial class Case
{
    private string OrderId(WorkOrder order) => $"{Now.Id}-w{order.Number}";

    /// <summary>
    /// Work orders whose rows change with this turn. They are shown at its end, once each: what one allows may depend on another that the same turn issues or completes.
    /// Empty between turns, so not part of the state.
    /// </summary>
    private readonly SortedSet<int> touched = [];

    private void Touch(WorkOrder order) => touched.Add(order.Number);

    /// <summary>Ends a turn that changed something: trims the state, then shows the work orders touched and the case.</summary>
    private void ShowChanges(scoped in Turn turn)
    {
        if (Now.Current.JointSignOff && CurrentLead() is { } lead)
        {
            Touch(lead);
        }

        Fit(turn);
        foreach (WorkOrder order in Now.WorkOrders)
        {
            if (touched.Contains(order.Number))
            {
                turn.Effects.Show(View.WorkOrders, OrderId(order), OrderRow(order));
            }
        }

        touched.Clear();
        NoteStormTold();
        turn.Effects.Show(View.Cases, Now.Id, Row(GrainLimits.HistoryEntriesShown));
    }

    private CaseRow Row(int historyEntries)
    {
        WorkOrder? lead = CurrentLead();
        return new CaseRow(
            Now.Id,
            Now.Warning.Subject,
            Now.Warning.SubjectKind,
            Now.Warning.Kind,
            Now.District,
            State(),
            Now.Stage,
            Now.Workflow.Id,
            Now.Severity,
            Now.Warning.Confidence,
            Now.Lead,
            [.. Now.Departments],
            Time(Now.OpenedMs),
            lead?.DueMs is { } due ? Time(due) : null,
            Now.WorkOrders.Exists(order => order.IsOpen && order.Overdue),
            Now.Outcome,
            Now.Warnings,
            [.. Now.WorkOrders.Select(OrderRow)],
            HistoryRows(historyEntries),
            Now.Warning,
            Now.Reason)
        {
            Reopened = Now.Reopened > 0 ? Now.Reopened : null,
            Storm = StormRow(),
            Closed = Now.ClosedMs is { } closed ? Time(closed) : null,
            Ruling = Now.Ruling,
            Reports = ReportRows(historyEntries),
            ReportCount = Now.Reports.Count > 0 ? Now.Reports.Count : null,
            CallBacksDue = CallBacksDue(),
            Earlier = Now.Earlier.Length > 0 ? Now.Earlier : null,
            MergedInto = Now.MergedInto,
            MergedFrom = Now.MergedFrom.Count > 0 ? [.. Now.MergedFrom] : null,
            SplitFrom = Now.SplitFrom,
            Chain = ChainHead(),
        };
    }

    private WorkOrderRow OrderRow(WorkOrder order) => new(
        OrderId(order),
        Now.Id,
        order.Department,
        Now.District,
        order.Role,
        order.Stage,
        order.State,
        Now.Warning.Subject,
        Now.Warning.Kind,
        Now.Severity,
        Time(order.IssuedMs),
        order.DueMs is { } due ? Time(due) : null,
        order.Overdue,
        order.AcceptedBy,
        order.Outcome,
        order.Note,
        Allowed(order))
    {
        Assignee = order.Assignee,
        AcceptBy = order.AcceptByMs is { } acceptBy ? Time(acceptBy) : null,
        Request = order.Request,
        ParkedUntil = order.ParkedMs is not null && order.RemindMs is { } until ? Time(until) : null,
        Extensions = order.Extensions > 0 ? order.Extensions : null,
        Parkings = order.Parkings > 0 ? order.Parkings : null,
        OfferedTo = IsOffered(order) ? Now.OfferedTo : null,
        Record = order.Record,
        Asks = order.IsOpen && order.IsLead ? Now.Workflow.Find(order.Stage)!.Record : null,
        Province = Rulebook.ProvinceOf(Now.SubjectKind, Now.Warning.Subject),
        Accepted = order.AcceptedMs is { } accepted ? Time(accepted) : null,
        Finished = order.FinishedMs is { } finished ? Time(finished) : null,
        FinishedBy = order.FinishedBy,
        ParkedSince = order.ParkedMs is { } parked ? Time(parked) : null,
        Attached = order.Attached > 0 ? order.Attached : null,
    };

    /// <summary>The newest entries; where older ones are not among them, a first line says how many.</summary>
    private HistoryEntry[] HistoryRows(int most)
    {
        int skipped = Math.Max(0, Now.History.Count - most);
        List<HistoryEntry> rows = [];
        int before = Now.HistoryDropped + skipped;
        if (before > 0)
        {
            rows.Add(new HistoryEntry(Time(Now.OpenedMs), "earlier", Now.Id, $"{before} earlier entries are not shown here", null));
        }

        foreach (CaseEntry entry in Now.History.Skip(skipped))
        {
            string? note = entry.Times is { } times ? $"{times} times, last: {entry.Note}" : entry.Note;
            rows.Add(new HistoryEntry(Time(entry.AtMs), entry.What, entry.By, note, entry.WorkOrder is { } number ? $"{Now.Id}-w{number}" : null, entry.Evidence));
        }

        return [.. rows];
    }

    private void Alert(scoped in Turn turn, string type, WorkOrder? order, string department, string role, Explanation explanation)
    {
        explanation = WithStorm(type, explanation);
        Alert alert = new(
            0,
            type,
            department,
            Now.District,
            Now.Id,
            order is null ? "" : OrderId(order),
            Now.Warning.Subject,
            Now.Warning.SubjectKind,
            Now.Warning.Kind,
            Now.Severity,
            Now.Warning.Confidence,
            order?.Stage ?? Now.Stage,
            role,
            Time(turn.NowMs),
            order?.DueMs is { } due ? Time(due) : null,
            explanation,
            Now.Warning.Evidence,
            Now.Live || type != AlertTypes.WorkOrder || Now.StageVisit > 1)
        {
            Chain = ChainHead(),
        };
        turn.Effects.Tell(ActorKind.Department, $"{department}/{Now.District}", MessageKind.AlertIssued, alert);
        if (Now.District != AllDistricts)
        {
            turn.Effects.Tell(ActorKind.Department, $"{department}/{AllDistricts}", MessageKind.AlertIssued, alert);
        }
    }

    private void Record(scoped in Turn turn, string what, string by, string? note, WorkOrder? order = null, string[]? evidence = null)
    {
        long number = Enter(turn, what, by, note, order, evidence);
        if (order?.Note is { Length: > 0 } said && note?.Contains(said, StringComparison.Ordinal) == true || (order?.Record is not null && order.NoteEntry is null))
        {
            order.NoteEntry = number;
        }

        Now.History.Add(new CaseEntry { AtMs = turn.NowMs, What = what, By = by, Note = note, WorkOrder = order?.Number, Evidence = evidence, Number = number });
        if (Now.History.Count > GrainLimits.HistoryEntries)
        {
            DropOldestEntry();
        }
    }

    private void RecordJoined(scoped in Turn turn, string by, string figures, string what = JoinedEntry)
    {
        if (Now.History is [.., { } last] && last.What == what)
        {
            last.AtMs = turn.NowMs;
            last.By = by;
            last.Note = figures;
            last.Times = (last.Times ?? 1) + 1;
            EnterJoined(turn, what, by, figures);
            last.Number = Now.ChainEntries;
            return;
        }

        Record(turn, what, by, figures);
    }

    private CaseChainHead? ChainHead() => Now.ChainHead is { } head ? new CaseChainHead(Now.ChainEntries, head) : null;

    private void DropOldestEntry()
    {
        Now.History.RemoveAt(0);
        Now.HistoryDropped++;
    }

    /// <summary>Finished work orders beyond the bound leave the case, oldest first.</summary>
    private void DropOldestFinished(scoped in Turn turn)
    {
        while (Now.WorkOrders.Count > GrainLimits.WorkOrdersPerCase && Now.WorkOrders.Find(order => !order.IsOpen) is { } oldest)
        {
            Drop(turn, oldest);
        }
    }

    /// <summary>A work order leaves the case. The lists keep its last row, which says that nothing is allowed any more.</summary>
    private void Drop(scoped in Turn turn, WorkOrder order)
    {
        turn.Effects.Show(View.WorkOrders, OrderId(order), OrderRow(order) with { Allowed = [] });
        Now.WorkOrders.Remove(order);
    }

    /// <summary>Only the newest cited readings stay: the warning counts them all.</summary>
    private static Warning Cited(Warning warning) =>
        warning.Evidence.Readings.Length > GrainLimits.ReadingsCited
            ? warning with { Evidence = warning.Evidence with { Readings = warning.Evidence.Readings[^GrainLimits.ReadingsCited..] } }
            : warning;

    /// <summary>
    /// Trims the state to <see cref="GrainLimits.CaseBytes"/>: the oldest history or the oldest finished work order goes, whichever of the two kinds takes more room. A cheap estimate from above spares nearly every turn the measuring.
    /// </summary>
    private void Fit(scoped in Turn turn)
    {
        int history = Now.History.Sum(Bytes);
        int orders = Now.WorkOrders.Sum(Bytes);
        if (history + orders < GrainLimits.CaseBytes / 2 && Now.Reports.Count < GrainLimits.ReportsPerCase / 4)
        {
            return;
        }

        int rest = Measure(Now.Warning) + Measure(Now.Workflow) + Measure(Now.Reports) + Measure(Now.Subjects) + (Now.Storm is { } storm ? Measure(storm) : 0) + 4096;
        while (history + orders + rest > GrainLimits.CaseBytes)
        {
            WorkOrder? finished = Now.WorkOrders.Find(order => !order.IsOpen);
            if (Now.History.Count > 1 && (history >= orders || finished is null))
            {
                history -= Bytes(Now.History[0]);
                DropOldestEntry();
            }
            else if (finished is not null)
            {
                orders -= Bytes(finished);
                Drop(turn, finished);
            }
            else
            {
                break;
            }
        }
    }

    private static int Bytes(CaseEntry entry) =>
        184 + Bytes(entry.What) + Bytes(entry.By) + Bytes(entry.Note) + (entry.Evidence?.Sum(Bytes) ?? 0);

    private static int Bytes(WorkOrder order) => 680 + Bytes(order.FinishedBy) + Bytes(order.Assignee) + Bytes(order.Request?.Reason) + Bytes(order.Request?.By) + Bytes(order.Department) + Bytes(order.Stage) + Bytes(order.AcceptedBy) + Bytes(order.Outcome) + Bytes(order.Note)
        + (order.Record?.Sum(said => 8 + Bytes(said.Key) + Bytes(said.Value)) ?? 0);

    /// <summary>A bound on a text's JSON: what JSON has to escape takes six bytes for a character.</summary>
    private static int Bytes(string? text)
    {
        int bytes = 8;
        foreach (char letter in text ?? "")
        {
            bytes += letter is < ' ' or '"' or '\\' or >= '\uD800' and <= '\uDFFF' or '\u2028' or '\u2029' ? 6 : letter < 0x80 ? 1 : 3;
        }

        return bytes;
    }

    private static int Measure<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, typeof(T), DispatchJson.Default).Length;

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
