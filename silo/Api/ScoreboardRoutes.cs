using System.Buffers;
using System.Globalization;
using System.Text;
using Streaming.Grains.Access;
using Streaming.Grains.Rules;
using Streaming.Silo.Access;
using Streaming.Silo.Supervision;

namespace Streaming.Silo.Api;

/// <summary>
/// The scoreboard: what was done, by whom and how fast; how often warnings were right; how much was overloaded. A caller sees what it is kept to, and persons by name only who supervises them.
/// </summary>
internal sealed class ScoreboardRoutes(ApiServices services) : IDisposable
{
    private static readonly string[] Names = ["table", "groupBy", "period", "day", "from", "to", "department", "district", "format"];
    private static readonly string[] Tables = ["work", "precision", "overload"];
    private static readonly string[] Groups = ["department", "district", "person", "kind", "province"];

    /// <summary>A scoreboard of a year goes through a year: one at a time, so that lists are read beside it.</summary>
    private readonly SemaphoreSlim one = new(1, 1);

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/scoreboard", (Delegate)GetAsync)
        .WithSummary(
            "What was done in a day, week or month of the city's calendar (period=day|week|month with day=2026-11-23, today where it is left out) or from one day to another, both included (from=, to=). table=work (groupBy=department|district|person|kind|province): received, accepted, handled in time, "
            + "returned, parked, reopened, overdue now, medians, hasty completions, outcomes. table=precision: by kind, model and station, how many closed cases were found to be so. table=overload: weighings over the limit by station, beside a year before. Filters: department, district. format=csv or Accept: text/csv for a table.")
        .Produces<ScoreboardAnswer>().ProducesProblem(400).ProducesProblem(403)
        .AuditedAs(new AuditedAs(AuditAct.Look) { Look = static _ => AuditLooks.Persons, Applies = static request => ListQuery.Value(request.Query, "groupBy") == "person", SubjectKind = static _ => "scoreboard" });

    public void Dispose() => one.Dispose();

    private async Task<IResult> GetAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        Rulebook rules = services.Rules();
        (Asked? asked, Refusal? refusal) = Read(context.Request, caller, rules.Calendar.UtcOffsetMinutes, services.Time.GetUtcNow().ToUnixTimeMilliseconds());
        if (asked is null)
        {
            return refusal!;
        }

        long sinceMs = await services.Lists.ScoreSinceAsync(context.RequestAborted).ConfigureAwait(false);
        Period period = new(asked.From, asked.To, rules.Calendar.UtcOffsetMinutes, sinceMs > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(sinceMs) : null);
        switch (asked.Table)
        {
            case "precision":
                IReadOnlyList<PrecisionLine> lines = SupervisionTables.Precision(await services.Lists.ClosedCasesAsync(asked.FromMs, asked.ToMs, asked.Scope, context.RequestAborted).ConfigureAwait(false), rules.Outcomes);
                return asked.IsTable ? Table(Precision(lines)) : new RawJson(ApiJson.Bytes(new PrecisionAnswer(period, [.. lines.Take(SupervisionLimits.Rows)]), ApiJson.Default.PrecisionAnswer));
            case "overload":
                Func<DateOnly, DateOnly> back = asked.IsWeek ? day => day.AddDays(-364) : day => day.AddYears(-1);
                IReadOnlyList<OverloadLine> stations = SupervisionTables.Overload(
                    await services.Lists.StationDaysAsync(SupervisionTables.Day(asked.From), SupervisionTables.Day(asked.To), asked.Scope.District, context.RequestAborted).ConfigureAwait(false),
                    await services.Lists.StationDaysAsync(SupervisionTables.Day(back(asked.From)), SupervisionTables.Day(back(asked.To)), asked.Scope.District, context.RequestAborted).ConfigureAwait(false),
                    back,
                    byDay: asked.From != asked.To);
                return asked.IsTable ? Table(Overload(stations)) : new RawJson(ApiJson.Bytes(new OverloadAnswer(period, [.. stations.Take(SupervisionLimits.Rows)]), ApiJson.Default.OverloadAnswer));
            default:
                Scoreboard board = new(asked.Group, rules.Supervision);
                await one.WaitAsync(context.RequestAborted).ConfigureAwait(false);
                try
                {
                    await services.Lists.ScoreAsync(asked.FromMs, asked.ToMs, asked.Scope, board, context.RequestAborted).ConfigureAwait(false);
                }
                finally
                {
                    one.Release();
                }

                ScoreLine[] items = [.. board.Lines.Take(SupervisionLimits.Rows).Select(line => line with { Name = NameOf(rules, asked.Group, line.Key) })];
                string group = Groups[(int)asked.Group];
                return asked.IsTable ? Table(Work(group, items, board.Total)) : new RawJson(ApiJson.Bytes(new ScoreboardAnswer(period, group, rules.Supervision, board.Total, items), ApiJson.Default.ScoreboardAnswer));
        }
    }

    private static LocalName? NameOf(Rulebook rules, ScoreGroup group, string? key) => group switch
    {
        ScoreGroup.Department => rules.Departments.FirstOrDefault(department => department.Id == key)?.Name,
        ScoreGroup.District => rules.Districts.FirstOrDefault(district => district.Id == key)?.Name,
        _ => null,
    };

    private static (Asked? Asked, Refusal? Refusal) Read(HttpRequest request, Principal caller, int utcOffsetMinutes, long nowMs)
    {
        IQueryCollection values = request.Query;
        foreach (string name in values.Keys)
        {
            if (name != AuditReason.Parameter && (!Names.Contains(name) || values[name].Count != 1))
            {
                return (null, Refusal.Invalid(Names.Contains(name) ? $"Give '{name}' once." : $"There is no '{name}' here; there are {string.Join(", ", Names)}.", name));
            }
        }

        string table = ListQuery.Value(values, "table") ?? Tables[0];
        string group = ListQuery.Value(values, "groupBy") ?? Groups[0];
        string format = ListQuery.Value(values, "format") ?? (request.Headers.Accept.Any(accept => accept?.Contains("text/csv", StringComparison.OrdinalIgnoreCase) == true) ? "csv" : "json");
        if (!Tables.Contains(table) || !Groups.Contains(group) || format is not ("json" or "csv"))
        {
            return (null, !Tables.Contains(table) ? Refusal.Invalid($"Expected table={string.Join('|', Tables)}.", "table") : !Groups.Contains(group) ? Refusal.Invalid($"Expected groupBy={string.Join('|', Groups)}.", "groupBy") : Refusal.Invalid("Expected format=json or format=csv.", "format"));
        }

        if (group == "person" && !caller.Supervises && !caller.Decides)
        {
            return (null, Refusal.Forbidden("Persons are named to supervisors, inspectors and the command centre; group by department, district, kind or province."));
        }

        (DateOnly from, DateOnly to, Refusal? wrong) = Days(values, SupervisionTables.Date(ScoreFold.DayOf(nowMs, utcOffsetMinutes)));
        (TokenScope scope, Refusal? forbidden) = Scope(values, caller);
        if ((wrong ?? forbidden) is { } refusal)
        {
            return (null, refusal);
        }

        long offsetMs = utcOffsetMinutes * 60_000L;
        return (new Asked(
            table,
            (ScoreGroup)Array.IndexOf(Groups, group),
            from,
            to,
            ListQuery.Value(values, "period") == "week",
            (SupervisionTables.Day(from) * 86_400_000) - offsetMs,
            ((SupervisionTables.Day(to) + 1) * 86_400_000) - offsetMs,
            scope,
            format == "csv"), null);
    }

    /// <summary>What the caller is kept to, and within it what is asked for; asking for another's is refused.</summary>
    private static (TokenScope Scope, Refusal? Refusal) Scope(IQueryCollection values, Principal caller)
    {
        string? department = ListQuery.Value(values, "department");
        string? district = ListQuery.Value(values, "district") is "*" ? null : ListQuery.Value(values, "district");
        if (department is not null && !caller.Scope.HasDepartment(department))
        {
            return (default, Refusal.Forbidden($"This token sees the department '{caller.Scope.Department}' only."));
        }

        return ListQuery.OfAnother(district, caller) is { } refusal ? (default, refusal) : (new TokenScope(department ?? caller.Scope.Department, district ?? caller.Scope.District), null);
    }

    private static (DateOnly From, DateOnly To, Refusal? Refusal) Days(IQueryCollection values, DateOnly today)
    {
        DateOnly[] given = new DateOnly[3];
        string[] names = ["day", "from", "to"];
        for (int i = 0; i < names.Length; i++)
        {
            if (ListQuery.Value(values, names[i]) is { } text && !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out given[i]))
            {
                return (default, default, Refusal.Invalid("Expected a day of the city's calendar, as 2026-11-23.", names[i]));
            }
        }

        bool hasRange = ListQuery.Value(values, "from") is not null || ListQuery.Value(values, "to") is not null;
        string? period = ListQuery.Value(values, "period");
        if (hasRange)
        {
            if (period is not null || ListQuery.Value(values, "day") is not null)
            {
                return (default, default, Refusal.Invalid("Give 'from' and 'to', or 'period' and 'day'.", "period"));
            }

            DateOnly to = ListQuery.Value(values, "to") is null ? today : given[2];
            return ListQuery.Value(values, "from") is null || to < given[1] || to.DayNumber - given[1].DayNumber >= SupervisionLimits.PeriodDays
                ? (default, default, Refusal.Invalid($"Expected 'from', and 'to' not before it: at most {SupervisionLimits.PeriodDays} days.", "from"))
                : (given[1], to, null);
        }

        DateOnly day = ListQuery.Value(values, "day") is null ? today : given[0];
        if (day.Year is < 1971 or > 9000)
        {
            return (default, default, Refusal.Invalid("Expected a day from 1971 on.", "day"));
        }

        DateOnly monday = day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
        DateOnly first = new(day.Year, day.Month, 1);
        return period switch
        {
            null or "day" => (day, day, null),
            "week" => (monday, monday.AddDays(6), null),
            "month" => (first, first.AddMonths(1).AddDays(-1), null),
            _ => (default, default, Refusal.Invalid("Expected period=day, week or month.", "period")),
        };
    }

    private static IEnumerable<string[]> Work(string group, ScoreLine[] lines, ScoreLine total)
    {
        yield return
        [
            group, "nameEn", "nameZh", "department", "received", "accepted", "completed", "inTime", "late", "returned", "withdrawn", "parked", "extended", "missedDeadlines", "openNow", "overdueNow", "hasty",
            "casesOpened", "casesClosed", "reopened", "medianAcceptMinutes", "medianHandleMinutes", "outcomes",
        ];
        foreach ((string key, ScoreLine line) in lines.Select(line => (line.Key ?? "", line)).Append(("total", total)))
        {
            yield return
            [
                CsvText.Safe(key), CsvText.Safe(line.Name?.En), CsvText.Safe(line.Name?.Zh), CsvText.Safe(line.Department),
                .. ((long[])[line.Received, line.Accepted, line.Completed, line.InTime, line.Late, line.Returned, line.Withdrawn, line.Parked, line.Extended, line.MissedDeadlines, line.OpenNow, line.OverdueNow, line.Hasty, line.CasesOpened, line.CasesClosed, line.Reopened]).Select(CsvText.Number),
                CsvText.Number(line.MedianAcceptMinutes), CsvText.Number(line.MedianHandleMinutes),
                CsvText.Safe(string.Join("; ", line.Outcomes.Select(outcome => string.Create(CultureInfo.InvariantCulture, $"{outcome.Code}: {outcome.Count}")))),
            ];
        }
    }

    private static IEnumerable<string[]> Precision(IEnumerable<PrecisionLine> lines) => lines
        .Select(line => (string[])[CsvText.Safe(line.Kind), CsvText.Safe(line.Model), CsvText.Safe(line.Station), CsvText.Number(line.Closed), CsvText.Number(line.Found), CsvText.Number(line.NotFound), CsvText.Number(line.Precision)])
        .Prepend(["kind", "model", "station", "closed", "found", "notFound", "precision"]);

    private static IEnumerable<string[]> Overload(IEnumerable<OverloadLine> lines) => lines
        .Select(line => (string[])
        [
            CsvText.Safe(line.Station), CsvText.Safe(line.District), line.Day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "", CsvText.Number(line.Weighings), CsvText.Number(line.Over), CsvText.Number(line.OverPct),
            CsvText.Number(line.LastYearWeighings), CsvText.Number(line.LastYearOver), CsvText.Number(line.LastYearOverPct), CsvText.Number(line.ChangePct),
        ])
        .Prepend(["station", "district", "day", "weighings", "over", "overPct", "lastYearWeighings", "lastYearOver", "lastYearOverPct", "changePct"]);

    /// <summary>With the mark of UTF-8 before it: spreadsheets take Chinese for something else without.</summary>
    private static CsvResult Table(IEnumerable<string[]> lines)
    {
        ArrayBufferWriter<byte> body = new();
        body.Write(Encoding.UTF8.Preamble);
        foreach (string[] line in lines)
        {
            CsvText.WriteLine(body, line);
        }

        return new CsvResult(body.WrittenMemory);
    }

    private sealed class CsvResult(ReadOnlyMemory<byte> body) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.ContentType = CsvText.ContentType;
            httpContext.Response.Headers.ContentDisposition = "attachment; filename=\"scoreboard.csv\"";
            httpContext.Response.ContentLength = body.Length;
            await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>What is asked for.</summary>
    /// <param name="From">First day, in the city's calendar.</param>
    /// <param name="To">Last day.</param>
    /// <param name="IsWeek">It is compared with the same days of the week, 52 weeks before.</param>
    private sealed record Asked(string Table, ScoreGroup Group, DateOnly From, DateOnly To, bool IsWeek, long FromMs, long ToMs, TokenScope Scope, bool IsTable);
}

/// <summary>What a table of the scoreboard is of.</summary>
/// <param name="From">First day, in the city's calendar.</param>
/// <param name="To">Last day, included.</param>
/// <param name="ReachesBackTo">What was begun before is not in it; absent where there is nothing yet.</param>
internal sealed record Period(DateOnly From, DateOnly To, int UtcOffsetMinutes, DateTimeOffset? ReachesBackTo);

/// <summary>Answer with <c>table=work</c>.</summary>
internal sealed record ScoreboardAnswer(Period Period, string GroupBy, SupervisionRules Hasty, ScoreLine Total, ScoreLine[] Items);

/// <summary>Answer with <c>table=precision</c>.</summary>
internal sealed record PrecisionAnswer(Period Period, PrecisionLine[] Items);

/// <summary>Answer with <c>table=overload</c>.</summary>
internal sealed record OverloadAnswer(Period Period, OverloadLine[] Items);
