using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Inputs;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Access;
using Streaming.Silo.Api;
using Streaming.Silo.Cli;
using Streaming.Silo.Views;

namespace Streaming.Silo.Bench;

/// <summary>
/// <c>bench lists</c>: how long a page of warnings, cases and work orders takes with any of their filters and in either order, at the front and far back, as callers that are kept to a department, a district or a street, beside a projector that goes on writing. The made cases go through the projector too.
/// What is measured is what a call waits for the lists; HTTP itself is <see cref="QueryBench"/>'s.
/// </summary>
internal static class ListsBench
{
    private const int Clients = 4;

    /// <summary>Cases a second that are opened beside what is measured, with their warnings and work orders: some eighty rows. A city of 2,000 cases a day has one in forty seconds.</summary>
    private const int WrittenPerSecond = 20;

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly View[] Lists = [View.Warnings, View.Cases, View.WorkOrders];

    public static async Task<int> RunAsync(BenchOptions bench, TextWriter output, CancellationToken cancellation)
    {
        Rulebook rules = Rulebook.Load(Path.Combine(AppContext.BaseDirectory, "city"), out IReadOnlyList<RulebookProblem> problems) ?? throw new InvalidOperationException(string.Join(" ", problems));
        string directory = Directory.CreateTempSubdirectory("streaming-bench-").FullName;
        try
        {
            using SqliteViewStore store = new(Path.Combine(directory, "views.db"));
            using AccessBook access = new(null, time: TimeProvider.System);
            MadeCases cases = new(rules, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), bench.Cases);
            CaseSource source = new(cases, bench.Cases);
            using Projector projector = new(store, source, access, new FeedBook(store.Reader, NullLogger<FeedBook>.Instance), new ViewPosition(), TimeProvider.System, NullLogger<Projector>.Instance);
            long begun = Stopwatch.GetTimestamp();
            while (projector.Step())
            {
                cancellation.ThrowIfCancellationRequested();
            }

            double fillS = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            store.SyncedPosition();
            using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            Task writing = Task.Run(() => WriteOnAsync(projector, source, over.Token), CancellationToken.None);
            await MeasureAsync(store.Reader, cases, rules, store.Position, bench.Cases, TimeSpan.FromSeconds(Math.Min(bench.Seconds, WarmUp.TotalSeconds)), 0, cancellation).ConfigureAwait(false);
            List<Asked> asked = await MeasureAsync(store.Reader, cases, rules, store.Position, bench.Cases, TimeSpan.FromSeconds(bench.Seconds), 1_000_000, cancellation).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(false);
            await WriteAsync(bench, output, asked, fillS, new FileInfo(Path.Combine(directory, "views.db")).Length, source.Live).ConfigureAwait(false);
            return asked.Count > 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task WriteAsync(BenchOptions bench, TextWriter output, List<Asked> asked, double fillS, long bytes, int written)
    {
        StringBuilder line = new();
        line.Append(CultureInfo.InvariantCulture, $"{{\"bench\":\"lists\",\"cases\":{bench.Cases}");
        foreach ((string name, IEnumerable<Asked> of) in (IEnumerable<(string, IEnumerable<Asked>)>)
        [
            ("", asked),
            .. Lists.Select(view => (ViewSchema.Table(view).Replace("work_orders", "workOrders", StringComparison.Ordinal), asked.Where(each => each.Query.View == view))),
            ("severity", asked.Where(each => each.Query.Severity is not null)),
            ("overdue", asked.Where(each => each.Query.Overdue is not null)),
            ("text", asked.Where(each => each.Query.Text is not null)),
            ("deadline", asked.Where(each => each.Query.ByDeadline)),
        ])
        {
            Percentiles ms = new();
            foreach (Asked each in of)
            {
                ms.Add(each.Ms);
            }

            line.Append(CultureInfo.InvariantCulture, $",\"{(name.Length == 0 ? "p50Ms" : name + "P50Ms")}\":{ms.At(50):F2},\"{(name.Length == 0 ? "p99Ms" : name + "P99Ms")}\":{ms.At(99):F2},\"{(name.Length == 0 ? "mostMs" : name + "MostMs")}\":{ms.At(100):F2}");
        }

        line.Append(CultureInfo.InvariantCulture, $",\"queries\":{asked.Count},\"written\":{written},\"seconds\":{bench.Seconds},\"fillSeconds\":{fillS:F1},\"megabytes\":{bytes / 1048576},\"cores\":{Environment.ProcessorCount}}}");
        if (!bench.Json)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"lists with {bench.Cases:N0} cases, beside {written} that were opened (target: p99 50 ms). The slowest:")).ConfigureAwait(false);
            foreach (Asked slow in asked.OrderByDescending(each => each.Ms).Take(12))
            {
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{slow.Ms,8:F1} ms  {slow.Rows,4} rows  {Describe(slow.Query)}")).ConfigureAwait(false);
            }
        }

        await output.WriteLineAsync(line.ToString()).ConfigureAwait(false);
    }

    private static async Task WriteOnAsync(Projector projector, CaseSource source, CancellationToken cancellation)
    {
        long begun = Stopwatch.GetTimestamp();
        while (!cancellation.IsCancellationRequested)
        {
            source.AllowLive((int)(Stopwatch.GetElapsedTime(begun).TotalSeconds * WrittenPerSecond));
            while (projector.Step())
            {
            }

            try
            {
                await Task.Delay(10, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    private static async Task<List<Asked>> MeasureAsync(ViewReader reader, MadeCases cases, Rulebook rules, long last, int count, TimeSpan duration, int seed, CancellationToken cancellation)
    {
        List<Asked>[] all = await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => Task.Run(() => AskAsync(reader, cases, rules, last, count, number, duration, seed, cancellation)))).ConfigureAwait(false);
        return [.. all.SelectMany(each => each)];
    }

    private static async Task<List<Asked>> AskAsync(ViewReader reader, MadeCases cases, Rulebook rules, long last, int count, int number, TimeSpan duration, int seed, CancellationToken cancellation)
    {
        List<Asked> asked = [];
        long begun = Stopwatch.GetTimestamp();
        TimeSpan due = Every / Clients * number;
        for (int i = seed + number; due < duration; i += Clients, due += Every)
        {
            TimeSpan left = due - Stopwatch.GetElapsedTime(begun);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, cancellation).ConfigureAwait(false);
            }

            (ViewQuery query, Principal caller) = Question(cases, rules, last, count, i);
            if (ListQuery.Restrict(query, caller) is not { Query: { } restricted })
            {
                continue;
            }

            long from = Stopwatch.GetTimestamp();
            Page<byte[]> page = await reader.ListAsync(restricted, cancellation).ConfigureAwait(false);
            asked.Add(new Asked(restricted, Stopwatch.GetElapsedTime(from).TotalMilliseconds, page.Items.Count));
        }

        return asked;
    }

    /// <summary>Each list in turn, with any of its filters, as any caller; every third far back. Many match little or nothing, which is what takes long.</summary>
    private static (ViewQuery Query, Principal Caller) Question(MadeCases cases, Rulebook rules, long last, int count, int i)
    {
        int One(int purpose, int below) => MadeCases.Draw(i, 200 + purpose, below);
        View view = Lists[One(0, 3)];
        string? state = One(1, 4) > 0 ? null : view switch
        {
            View.Warnings => One(2, 2) == 0 ? "open" : "cleared",
            View.Cases => ((string[])["open", "closed", "archived"])[One(2, 3)],
            _ => ((string[])["issued", "accepted", "parked", "completed", "returned", "withdrawn"])[One(2, 6)],
        };
        string department = rules.Departments[One(3, rules.Departments.Count)].Id;
        string district = cases.Districts[One(4, cases.Districts.Count)];
        int other = One(5, count);
        bool ofWork = view != View.Warnings;
        bool byDeadline = ofWork && One(17, 4) == 0;
        long nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        long? after = One(14, 3) == 0 ? 1 + (long)(last * (One(15, 1000) / 1000.0)) : null;
        ViewQuery query = new(view)
        {
            Severity = One(18, 3) == 0 ? 2 + One(19, 3) : null,
            Overdue = ofWork && One(20, 5) == 0 ? One(21, 3) > 0 : null,
            NowMs = nowMs,
            Text = ofWork && One(22, 4) == 0 ? ListText.Fold(Text(cases, other, One(23, TextKinds))) : null,
            ByDeadline = byDeadline,

            // Anywhere from the longest overdue to what is over.
            AfterDue = byDeadline && after is not null ? One(24, 2) == 0 ? ViewSchema.Over : nowMs + ((One(25, 14) - 11) * 86_400_000L) : null,
            State = state,
            Kind = One(6, 3) == 0 ? MadeCases.Kinds[One(7, MadeCases.Kinds.Length)].Kind : null,
            Open = state is null && One(8, 3) == 0 ? One(9, 2) == 0 : null,
            District = One(10, 4) == 0 ? district : null,
            Department = One(11, 4) == 0 ? department : null,
            Subject = One(12, 12) == 0 ? MadeCases.Subject(other) : null,
            Case = One(13, 16) == 0 ? cases.CaseId(other) : null,
            After = after,
        };
        Principal caller = One(16, 6) switch
        {
            0 => new Principal("chief", Role.Supervisor, null, TokenCity, ""),
            1 => new Principal("desk", Role.Member, query.Department ?? department, TokenCity, ""),
            2 => new Principal("desk", Role.Member, query.Department ?? department, query.District ?? DistrictPath.DistrictOf(district), ""),
            3 => new Principal("street", Role.Member, query.Department ?? department, query.District ?? district, ""),
            4 => new Principal("eye", Role.Inspector, null, query.District ?? DistrictPath.DistrictOf(district), ""),
            _ => new Principal("admin", Role.Administrator, null, TokenCity, ""),
        };
        return (query, caller);
    }

    private const int TextKinds = 10;

    /// <summary>What people type: parts of plates from two signs on, whole ones, numbers of cases, persons; what nearly every row has, and what none has.</summary>
    private static string Text(MadeCases cases, int number, int kind) => kind switch
    {
        0 => MadeCases.Subject(number)[..2],
        1 => MadeCases.Subject(number)[..4],
        2 => MadeCases.Subject(number)[2..7],
        3 => MadeCases.Subject(number),
        4 => cases.CaseId(number),
        5 => cases.CaseId(number)[^3..],
        6 => MadeCases.Person(number),
        7 => cases.CaseId(number)[..4],
        8 => "yellow",
        _ => MadeCases.Draw(number, 300, 2) == 0 ? "zz" : "no such",
    };

    private const string TokenCity = Principal.WholeCity;

    private static string Describe(ViewQuery query) =>
        $"{query.View} subject={query.Subject} kind={query.Kind} state={query.State} open={query.Open} district={query.District} department={query.Department} case={query.Case} severity={query.Severity} overdue={query.Overdue} text={query.Text} byDeadline={query.ByDeadline} after={query.AfterDue}/{query.After}";

    private sealed record Asked(ViewQuery Query, double Ms, int Rows);

    /// <summary>The made cases as a journal: all at once, and then further ones as fast as allowed.</summary>
    private sealed class CaseSource(MadeCases cases, int first) : IRecordSource
    {
        private const int CasesARun = 64;
        private readonly ByteWriter writer = new();
        private int next;
        private int allowed = first;
        private long position = 1;

        /// <summary>How many there are at first.</summary>
        private int Made { get; } = first;

        /// <summary>Cases beyond the first ones that were written.</summary>
        public int Live => Math.Max(0, next - Made);

        public void AllowLive(int live) => allowed = Made + live;

        public bool TryRead(out ReadOnlySpan<byte> records, out long firstPosition, out int recordCount)
        {
            records = default;
            firstPosition = position;
            recordCount = 0;
            if (next >= allowed)
            {
                return false;
            }

            writer.Clear();
            for (int end = Math.Min(allowed, next + CasesARun); next < end; next++)
            {
                recordCount += cases.Write(writer, next);
            }

            byte[] bytes = writer.Written.ToArray();
            Record.Stamp(bytes, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
            records = bytes;
            position += recordCount;
            return true;
        }
    }
}
