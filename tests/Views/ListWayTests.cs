using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Silo.Views;
using Xunit;

namespace Streaming.Tests.Views;

/// <summary>Whatever filters are combined, and whichever way a page is found by, it has exactly the rows that going through all of them finds, in their order, page by page.</summary>
public sealed class ListWayTests : IDisposable
{
    private static readonly string[] Kinds = ["over-road-limit", "smoke", "noise"];
    private static readonly string[] Districts = ["harbour", "harbour.pier", "harbour.dock", "harbourside", "north"];
    private static readonly string[] People = ["li.na", "Wang Wei", "陈伟", "li.qiang"];
    private static readonly string[] Texts = ["粤h", "H000", "00012", "·0 0", "harbour-1", "-9", "li.", "WANGW", "陈伟", "desk3", "yellow", "zz", "1\"2", "('", "12-w1", "0-粤", "粤·H00007-yellow"];
    private static readonly string[] Departments = ["transport", "police", "streets"];
    private readonly ViewBench bench = new();

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_page_has_the_rows_that_going_through_all_of_them_finds(int seed)
    {
        Random random = new(seed);
        (List<(long Seq, Warning Row)> warnings, List<(long Seq, CaseRow Row)> cases, List<(long Seq, WorkOrderRow Row)> orders) = Fill(random);
        for (int i = 0; i < 900; i++)
        {
            ViewQuery query = Query(random);
            string[] expected = query.View switch
            {
                View.Warnings => [.. warnings.OrderByDescending(each => each.Seq).Where(each => Has(query, each.Row, cases)).Select(each => each.Row.Id)],
                View.Cases => [.. cases.OrderByDescending(each => each.Seq).OrderBy(each => query.ByDeadline ? Due(each.Row) : 0).Where(each => Has(query, each.Row)).Select(each => each.Row.Id)],
                _ => [.. orders.OrderByDescending(each => each.Seq).OrderBy(each => query.ByDeadline ? Due(each.Row) : 0).Where(each => Has(query, each.Row)).Select(each => each.Row.Id)],
            };
            List<string> found = [];
            Page<byte[]> page;
            do
            {
                page = await bench.Store.Reader.ListAsync(query, default);
                Assert.True(page.Items.Count == query.Limit || page.Next is null, $"seed {seed}, {query}: a page of {page.Items.Count} says that there are more");
                found.AddRange(page.Items.Select(json => JsonDocument.Parse(json).RootElement.GetProperty("id").GetString()!));
                query = query with { After = page.Next, AfterDue = page.NextDue };
            }
            while (page.Next is not null);

            Assert.True(expected.SequenceEqual(found), $"seed {seed}, {query}:\n{string.Join(' ', expected)}\n{string.Join(' ', found)}");
        }
    }

    private (List<(long, Warning)> Warnings, List<(long, CaseRow)> Cases, List<(long, WorkOrderRow)> Orders) Fill(Random random)
    {
        List<(long Seq, Warning Row)> warnings = [];
        List<(long Seq, CaseRow Row)> cases = [];
        List<(long Seq, WorkOrderRow Row)> orders = [];
        for (int i = 0; i < 150; i++)
        {
            string subject = $"粤H{random.Next(40):D5}-yellow";
            string kind = Kinds[Math.Min(random.Next(3), random.Next(3))];
            string district = Districts[random.Next(Districts.Length)];
            string[] departments = [.. Departments.Where(_ => random.Next(3) == 0)];
            string lead = Departments[random.Next(3)];
            string id = $"{DistrictPath.DistrictOf(district)}-{i}";
            int severity = random.Next(1, 5);
            DateTimeOffset? due = random.Next(5) == 0 ? null : Rows.At.AddMinutes(random.Next(-20, 20)).AddMilliseconds(random.Next(3));
            string state = ((string[])["open", "closed", "archived"])[random.Next(3)];
            WorkOrderRow order = Rows.WorkOrder(id, 1, lead, district, ((string[])["issued", "accepted", "parked", "completed", "returned"])[random.Next(5)], subject) with
            {
                Kind = kind,
                Severity = severity,
                Deadline = due,
                Overdue = random.Next(6) == 0,
                AcceptedBy = random.Next(3) == 0 ? "desk 3" : null,
                Assignee = random.Next(3) == 0 ? People[random.Next(People.Length)] : null,
            };
            Put(warnings, View.Warnings, Rows.Warning(subject, kind, random.Next(2) == 0, district, severity, i), row => row.Id);
            Put(cases, View.Cases, Rows.Case(id, state, district, lead, departments, subject, kind, state == "open" && random.Next(6) == 0) with { Severity = severity, Deadline = due, WorkOrders = [order] }, row => row.Id);
            Put(orders, View.WorkOrders, order, row => row.Id);
            if (random.Next(3) == 0)
            {
                // What was shown before changes: it closes, concerns others, is cleared.
                int which = random.Next(i + 1);
                (long caseSeq, CaseRow before) = cases[which];
                cases[which] = (caseSeq, before with { State = "closed", Departments = [.. Departments.Where(_ => random.Next(2) == 0)] });
                if (caseSeq >= 0)
                {
                    bench.Journal.Show(View.Cases, before.Id, cases[which].Row);
                }

                (long orderSeq, WorkOrderRow task) = orders[which];
                orders[which] = (orderSeq, task with { Assignee = People[random.Next(People.Length)], State = "accepted", Overdue = false, Deadline = Rows.At.AddMinutes(random.Next(-20, 20)) });
                bench.Journal.Show(View.WorkOrders, task.Id, orders[which].Row);
                (long warningSeq, Warning warned) = warnings[which];
                warnings[which] = (warningSeq, warned with { Open = false });
                bench.Journal.Show(View.Warnings, warned.Id, warnings[which].Row);
            }

            if (random.Next(30) == 0)
            {
                int which = random.Next(cases.Count);
                bench.Journal.Hide(View.Cases, cases[which].Row.Id);
                cases[which] = (-1, cases[which].Row);
            }

            if (random.Next(20) == 0)
            {
                bench.Run();
            }
        }

        bench.Run();
        cases.RemoveAll(each => each.Seq < 0);
        return (warnings, cases, orders);
    }

    private void Put<T>(List<(long, T)> rows, View view, T row, Func<T, string> keyOf) => rows.Add((bench.Journal.Show(view, keyOf(row), row), row));

    private static ViewQuery Query(Random random)
    {
        View view = ((View[])[View.Warnings, View.Cases, View.WorkOrders])[random.Next(3)];
        string[] states = view switch { View.Warnings => ["open", "cleared", "nonsense"], View.Cases => ["open", "closed", "archived"], _ => ["issued", "accepted", "parked", "completed", "returned", "open"] };
        T? Maybe<T>(int of, T value) => random.Next(of) == 0 ? value : default;
        return new ViewQuery(view)
        {
            Kind = Maybe(3, Kinds[random.Next(3)]),
            State = Maybe(3, states[random.Next(states.Length)]),
            Open = random.Next(3) == 0 ? random.Next(2) == 0 : null,
            District = Maybe(3, Districts[random.Next(Districts.Length)]),
            Department = Maybe(3, Departments[random.Next(3)]),
            Subject = Maybe(8, $"粤H{random.Next(40):D5}-yellow"),
            Case = Maybe(8, $"harbour-{random.Next(150)}"),
            Severity = Maybe(3, (int?)random.Next(1, 5)),
            Overdue = view != View.Warnings && random.Next(4) == 0 ? random.Next(2) == 0 : null,
            NowMs = Now.ToUnixTimeMilliseconds(),
            Text = view == View.Warnings ? null : Maybe(4, ListText.Fold(Texts[random.Next(Texts.Length)])),
            ByDeadline = view != View.Warnings && random.Next(2) == 0,
            Limit = random.Next(1, 40),
        };
    }

    private static readonly DateTimeOffset Now = Rows.At.AddMinutes(3);

    /// <summary>What is to be worked at by its deadline, then what is parked or has none, then what is over.</summary>
    private static long Due(CaseRow row) => row.State != "open" ? long.MaxValue : row.Deadline is not { } due || IsParked(row) ? long.MaxValue - 1 : due.ToUnixTimeMilliseconds();

    private static long Due(WorkOrderRow row) => row.State is not ("issued" or "accepted" or "parked") ? long.MaxValue : row.Deadline is not { } due || row.State == "parked" ? long.MaxValue - 1 : due.ToUnixTimeMilliseconds();

    private static bool IsParked(CaseRow row) => row.WorkOrders.Any(order => order is { Role: "lead", State: "parked" });

    private static bool IsLate(CaseRow row) => row.Overdue || (row.State == "open" && !IsParked(row) && row.Deadline <= Now);

    private static bool IsLate(WorkOrderRow row) => row.Overdue || (row.State is "issued" or "accepted" && row.Deadline <= Now);

    private static bool Says(ViewQuery query, int severity, bool isLate, IEnumerable<string?> texts) =>
        (query.Severity is null || severity >= query.Severity) && (query.Overdue is null || isLate == query.Overdue)
        && (query.Text is not { } text || texts.Any(each => each is not null && each.Replace(" ", "", StringComparison.Ordinal).Contains(text, StringComparison.OrdinalIgnoreCase)));

    private static bool Has(ViewQuery query, Warning row, List<(long Seq, CaseRow Row)> cases) =>
        Has(query, row.Subject, row.Kind, row.District)
        && (query.State is null or "open" or "cleared") && (query.State is null || row.Open == (query.State == "open"))
        && (query.Open is null || row.Open == query.Open)
        && (query.Department is null || cases.Exists(each => each.Row.Subject == row.Subject && each.Row.Kind == row.Kind && Concerns(each.Row, query.Department)))
        && (query.Severity is null || row.Severity >= query.Severity)
        && (query.Case is null || cases.Exists(each => each.Row.Id == query.Case && each.Row.Subject == row.Subject && each.Row.Kind == row.Kind));

    private static bool Has(ViewQuery query, CaseRow row) =>
        Has(query, row.Subject, row.Kind, row.District) && (query.State is null || row.State == query.State) && (query.Open is null || (row.State == "open") == query.Open)
        && (query.Department is null || Concerns(row, query.Department)) && (query.Case is null || row.Id == query.Case)
        && Says(query, row.Severity, IsLate(row), [row.Id, row.Subject, .. row.WorkOrders.SelectMany(order => (string?[])[order.Assignee, order.AcceptedBy])]);

    private static bool Has(ViewQuery query, WorkOrderRow row) =>
        Has(query, row.Subject, row.Kind, row.District) && (query.State is null || row.State == query.State) && (query.Open is null || (row.State is "issued" or "accepted" or "parked") == query.Open)
        && (query.Department is null || row.Department == query.Department) && (query.Case is null || row.Case == query.Case)
        && Says(query, row.Severity, IsLate(row), [row.Id, row.Subject, row.Assignee, row.AcceptedBy]);

    private static bool Has(ViewQuery query, string subject, string kind, string district) =>
        (query.Subject is null || subject == query.Subject) && (query.Kind is null || kind == query.Kind) && (query.District is null || DistrictPath.Covers(query.District, district));

    private static bool Concerns(CaseRow row, string department) => row.Lead == department || row.Departments.Contains(department);
}
