using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Supervision;

/// <summary>
/// Makes of what the journal says what happened to work orders and cases: each row is compared with the one before it. A pure fold: it knows its book and the input, nothing else, so a scoreboard that is folded anew from the journal is the same.
/// </summary>
internal static class ScoreFold
{
    /// <summary>Until a rulebook says otherwise.</summary>
    public const int DefaultUtcOffsetMinutes = 480;

    private const long DayMs = 24L * 60 * 60 * 1000;
    private const long QuarterMs = 15 * 60 * 1000;

    public static void Apply(ScoreInput input, IScoreBook book)
    {
        if (book.SinceMs == 0)
        {
            book.SinceMs = input.TimeMs;
        }

        switch (input)
        {
            case OrderShown shown:
                Order(shown, book);
                break;
            case CaseShown shown:
                Case(shown, book);
                break;
            case OverShown shown:
                Over(shown, book);
                break;
            case LookedAt look:
                foreach (OrderScore order in book.Unfinished(look.Subject, look.Department))
                {
                    if (!order.Looked)
                    {
                        book.Put(order with { Looked = true });
                    }
                }

                break;
            case ClockSet clock:
                book.UtcOffsetMinutes = clock.UtcOffsetMinutes;
                break;
            case Weighed weighed:
                foreach ((long quarter, string station, string district, int weighings) in weighed.Stations)
                {
                    book.Add(new StationDay(DayOf(quarter * QuarterMs, book.UtcOffsetMinutes), station, district, weighings, 0));
                }

                break;
        }
    }

    /// <summary>Days since 1970 in the city's time.</summary>
    public static long DayOf(long atMs, int utcOffsetMinutes)
    {
        long localMs = atMs + (utcOffsetMinutes * 60_000L);
        return (localMs - (((localMs % DayMs) + DayMs) % DayMs)) / DayMs;
    }

    private static void Order(OrderShown shown, IScoreBook book)
    {
        ShownOrder row = shown.Row;
        OrderScore? before = book.FindOrder(row.Id!);
        bool ended = row.State is not ("issued" or "accepted" or "parked");
        if (before is null && ended)
        {
            // It was issued before anything was folded, and is over: shown again because nothing is allowed any more.
            return;
        }

        int number = 0;
        long issuedMs = Ms(row.Issued)!.Value;
        string? person = row.Assignee ?? row.AcceptedBy;
        OrderScore now = before ?? new OrderScore(
            row.Id!, row.Case ?? "", row.Department ?? "", row.District ?? "", row.Kind ?? "", row.Subject ?? "", row.Province, "issued", null, issuedMs, null, null, Overdue: false, 0, 0, Looked: false);
        void Happened(string what, long atMs, string? by, long? ms = null, long? workedMs = null, bool late = false, string? code = null) =>
            book.Add(new ScoreEvent(shown.Position, number++, atMs, what, issuedMs, now.Department, now.District, by, now.Kind, now.Province, ms, workedMs, late, now.Looked, code));

        if (before is null)
        {
            Happened(ScoreEvents.Received, issuedMs, person);
        }

        now = now with { Looked = now.Looked || row.Attached > 0 };
        if (now.AcceptedMs is null && row.AcceptedBy is not null)
        {
            long acceptedMs = Ms(row.Accepted) ?? shown.TimeMs;
            now = now with { AcceptedMs = acceptedMs };
            Happened(ScoreEvents.Accepted, acceptedMs, row.AcceptedBy, acceptedMs - issuedMs);
        }

        if (row.Overdue == true && !now.Overdue)
        {
            Happened(ScoreEvents.Overdue, Ms(row.Deadline) ?? shown.TimeMs, person);
        }

        for (int more = (row.Extensions ?? 0) - now.Extensions; more > 0; more--)
        {
            Happened(ScoreEvents.Extended, shown.TimeMs, person);
        }

        for (int more = (row.Parkings ?? 0) - now.Parkings; more > 0; more--)
        {
            Happened(ScoreEvents.Parked, Ms(row.ParkedSince) ?? shown.TimeMs, person);
        }

        now = now with { State = row.State!, Person = person, Overdue = row.Overdue == true, Extensions = row.Extensions ?? 0, Parkings = row.Parkings ?? 0 };
        if (ended && now.EndedMs is null)
        {
            long endedMs = Ms(row.Finished) ?? shown.TimeMs;
            now = now with { EndedMs = endedMs };
            bool completed = row.State == "completed";
            Happened(
                row.State switch { "completed" => ScoreEvents.Completed, "returned" => ScoreEvents.Returned, "lapsed" => ScoreEvents.Lapsed, _ => ScoreEvents.Withdrawn },
                endedMs,
                row.FinishedBy ?? person,
                completed ? endedMs - issuedMs : null,
                completed ? endedMs - (now.AcceptedMs ?? issuedMs) : null,
                completed && Ms(row.Deadline) < endedMs,
                completed ? row.Outcome : null);
        }

        if (now != before)
        {
            book.Put(now);
        }
    }

    private static void Case(CaseShown shown, IScoreBook book)
    {
        ShownCase row = shown.Row;
        CaseScore? before = book.FindCase(row.Id!);
        bool closed = row.State is "closed" or "archived";
        if (before is null && closed)
        {
            return;
        }

        int number = 0;
        long openedMs = Ms(row.Opened)!.Value;
        string? province = row.SubjectKind == ActorId.Prefix(ActorKind.Vehicle) ? Rulebook.ProvinceOf(ActorKind.Vehicle, row.Subject ?? "") : null;
        CaseScore now = (before ?? new CaseScore(row.Id!, row.Lead ?? "", row.District ?? "", row.Kind ?? "", province, openedMs, null, null, 0, null, null)) with
        {
            Model = row.Warning?.Model,
            Station = row.Warning?.Evidence?.Readings is [.., { } newest] ? newest.Source : null,
        };
        void Happened(string what, long atMs, string lead, long? ms = null, string? code = null) =>
            book.Add(new ScoreEvent(shown.Position, number++, atMs, what, openedMs, lead, now.District, null, now.Kind, now.Province, ms, Code: code));

        if (before is null)
        {
            Happened(ScoreEvents.CaseOpened, openedMs, now.Lead);
        }

        if (row.Reopened > now.Reopened)
        {
            Happened(ScoreEvents.Reopened, shown.TimeMs, now.Lead, code: now.Outcome);
            now = now with { Reopened = row.Reopened.Value, ClosedMs = null, Outcome = null };
        }

        now = now with { Lead = row.Lead ?? now.Lead };
        if (closed && now.ClosedMs is null)
        {
            long closedMs = Ms(row.Closed) ?? shown.TimeMs;
            now = now with { ClosedMs = closedMs, Outcome = row.Outcome };
            Happened(ScoreEvents.CaseClosed, closedMs, now.Lead, closedMs - openedMs, row.Outcome);
        }

        if (now != before)
        {
            book.Put(now);
        }
    }

    /// <summary>Each reading that supports the warning is a record over the limit, of the station whose it is.</summary>
    private static void Over(OverShown shown, IScoreBook book)
    {
        ShownWarning row = shown.Row;
        int before = book.CountOf(row.Id!);
        int count = row.Count ?? 0;
        if (row.Open == true && count > before && row.Evidence?.Readings is [.., { Source: { } station, At: { } at }])
        {
            // One that was there before anything was folded is known by its newest reading alone.
            book.Add(new StationDay(DayOf(at.ToUnixTimeMilliseconds(), book.UtcOffsetMinutes), station, row.District ?? "", 0, before == 0 ? 1 : count - before));
        }

        if (row.Open == true ? count != before : before > 0)
        {
            book.PutCount(row.Id!, row.Open == true ? count : 0);
        }
    }

    private static long? Ms(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds();
}
