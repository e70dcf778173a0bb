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
        for (int i = 0; i < 400; i++)
        {
            ViewQuery query = Query(random);
            string[] expected = query.View switch
            {
                View.Warnings => [.. warnings.OrderByDescending(each => each.Seq).Where(each => Has(query, each.Row, cases)).Select(each => each.Row.Id)],
                View.Cases => [.. cases.OrderByDescending(each => each.Seq).Where(each => Has(query, each.Row)).Select(each => each.Row.Id)],
                _ => [.. orders.OrderByDescending(each => each.Seq).Where(each => Has(query, each.Row)).Select(each => each.Row.Id)],
            };
            List<string> found = [];
            long? after = null;
            do
            {
                Page<byte[]> page = await bench.Store.Reader.ListAsync(query with { After = after }, default);
                found.AddRange(page.Items.Select(json => JsonDocument.Parse(json).RootElement.GetProperty("id").GetString()!));
                after = page.Next;
            }
            while (after is not null);

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
            Put(warnings, View.Warnings, Rows.Warning(subject, kind, random.Next(2) == 0, district, number: i), row => row.Id);
            Put(cases, View.Cases, Rows.Case($"{DistrictPath.DistrictOf(district)}-{i}", ((string[])["open", "closed", "archived"])[random.Next(3)], district, lead, departments, subject, kind), row => row.Id);
            Put(orders, View.WorkOrders, Rows.WorkOrder($"{DistrictPath.DistrictOf(district)}-{i}", 1, lead, district, ((string[])["issued", "accepted", "parked", "completed", "returned"])[random.Next(5)], subject) with { Kind = kind }, row => row.Id);
            if (random.Next(3) == 0)
            {
                // What was shown before changes: it closes, concerns others, is cleared.
                int which = random.Next(i + 1);
                (long caseSeq, CaseRow before) = cases[which];
                cases[which] = (caseSeq, before with { State = "closed", Departments = [.. Departments.Where(_ => random.Next(2) == 0)] });
                bench.Journal.Show(View.Cases, before.Id, cases[which].Row);
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
            Limit = random.Next(1, 40),
        };
    }

    private static bool Has(ViewQuery query, Warning row, List<(long Seq, CaseRow Row)> cases) =>
        Has(query, row.Subject, row.Kind, row.District)
        && (query.State is null or "open" or "cleared") && (query.State is null || row.Open == (query.State == "open"))
        && (query.Open is null || row.Open == query.Open)
        && (query.Department is null || cases.Exists(each => each.Row.Subject == row.Subject && each.Row.Kind == row.Kind && Concerns(each.Row, query.Department)))
        && (query.Case is null || cases.Exists(each => each.Row.Id == query.Case && each.Row.Subject == row.Subject && each.Row.Kind == row.Kind));

    private static bool Has(ViewQuery query, CaseRow row) =>
        Has(query, row.Subject, row.Kind, row.District) && (query.State is null || row.State == query.State) && (query.Open is null || (row.State == "open") == query.Open)
        && (query.Department is null || Concerns(row, query.Department)) && (query.Case is null || row.Id == query.Case);

    private static bool Has(ViewQuery query, WorkOrderRow row) =>
        Has(query, row.Subject, row.Kind, row.District) && (query.State is null || row.State == query.State) && (query.Open is null || (row.State is "issued" or "accepted" or "parked") == query.Open)
        && (query.Department is null || row.Department == query.Department) && (query.Case is null || row.Case == query.Case);

    private static bool Has(ViewQuery query, string subject, string kind, string district) =>
        (query.Subject is null || subject == query.Subject) && (query.Kind is null || kind == query.Kind) && (query.District is null || DistrictPath.Covers(query.District, district));

    private static bool Concerns(CaseRow row, string department) => row.Lead == department || row.Departments.Contains(department);
}
