using System.Globalization;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Streaming.Models.Reports;

namespace Streaming.Grains.Dispatch;

/// <summary>
/// One event library: what people report meets what models warn of. A report joins the open case of its place and kind, or else the one with which it is most similar in place, time and text (<see cref="ReportSimilarity"/>); what joins nothing opens a
/// case, routed as a warning is. Since the turns of a dispatcher run one after another, two reports of one event that come at once still meet.
/// </summary>
public sealed partial class Dispatcher
{
    /// <summary>Model of a warning that is a report.</summary>
    private const string ReportModel = "report/1";

    /// <summary>Probability that a report is true, before anybody has looked. Configuration.</summary>
    private const double ReportConfidence = 0.5;

    private ReportIndexState Index => state.Reports ??= new ReportIndexState();

    /// <param name="Case">The case to join.</param>
    /// <param name="Group">The case as it was before it was merged by hand: what contradicts one part of a merged case is no reason against another.</param>
    private readonly record struct Match(long Case, long Group, string With, Comparison Found, bool SameKind);

    private void OnReport(scoped in Turn turn, ReportToPlace report)
    {
        ReportFacts facts = report.Facts;
        ReportText text = ReportText.Of(facts.Text, facts.Place.Address);
        GeoPosition position = PositionOf(facts.Place.Latitude, facts.Place.Longitude);
        if (report.SplitFrom is not null)
        {
            SplitOff(turn, report, text, position);
        }
        else if (facts.Place.Id is { } place && OpenFor(turn, RowKey(ActorKind.Place, place, facts.Kind)) is { } own)
        {
            Join(turn, own, facts, new MergeReason(MergeReason.Subject, $"{place}/{facts.Kind}"), text, position);
        }
        else if (Find(turn, new ComparedReport(facts.Kind, position, facts.At.ToUnixTimeMilliseconds(), text), text, forWarning: false) is { } match)
        {
            Join(turn, match.Case, facts, ReasonOf(match), text, position, match.Group);
        }
        else
        {
            OpenFor(turn, facts, new MergeReason(MergeReason.First), text, position, ofPlace: true);
        }

        ReportIndex.Sweep(turn, Index);
    }

    /// <summary>A warning about a place may be what people have reported already. True where it joins their case; the case has it as its subject from then on.</summary>
    private bool JoinsReports(scoped in Turn turn, WarningChanged changed, string row)
    {
        if (PlaceOf(changed.Warning) is not { } position
            || Find(turn, new ComparedReport(changed.Warning.Kind, position, changed.Warning.Updated.ToUnixTimeMilliseconds(), null), null, forWarning: true) is not { } match)
        {
            return false;
        }

        turn.Rows.Put(row, RowOf(match.Case));
        Count(turn, row, changed);
        ReportIndex.Put(turn.Rows, match.Case, ReportIndex.Case(turn.Rows, match.Case)! with { ByReport = false });
        Remember(turn, match.Case, changed.Warning, position);
        turn.Effects.Tell(ActorKind.Case, CaseId(turn.Key, match.Case), MessageKind.WarningJoined, changed with { Why = ReasonOf(match) });
        ReportIndex.Sweep(turn, Index);
        return true;
    }

    /// <summary>A case that a warning has opened can be met by reports where it is known where it is.</summary>
    private void Indexed(scoped in Turn turn, long number, Warning warning)
    {
        if (PlaceOf(warning) is { } position)
        {
            ReportIndex.Put(turn.Rows, number, new IndexedCase { Open = true, Kind = warning.Kind, Position = position });
            Remember(turn, number, warning, position);
        }

        ReportIndex.Sweep(turn, Index);
    }

    /// <summary>Closed cases of the same subject or place and kind, the newest first; null for none.</summary>
    private static string[]? EarlierCases(scoped in Turn turn, string? subjectRow, string kind, GeoPosition position)
    {
        int radiusM = turn.Rules.Merging.RadiusM;
        List<ClosedCase> found = subjectRow is null ? [] : ReportIndex.ReadPast(turn.Rows, ReportIndex.PastOf(subjectRow));
        foreach (string key in ReportIndex.PastAround(kind, position))
        {
            found.AddRange(ReportIndex.ReadPast(turn.Rows, key).Where(closed => Models.Geography.GeoDistance.StraightM(closed.Position, position) is double metres && metres <= radiusM));
        }

        long sinceMs = turn.NowMs - ReportIndex.ReopenMs;
        string district = turn.Key;
        string[] earlier = [.. found.Where(closed => closed.ClosedMs > sinceMs).DistinctBy(closed => closed.Case).OrderByDescending(closed => closed.ClosedMs).ThenByDescending(closed => closed.Case).Take(GrainLimits.EarlierCases).Select(closed => CaseId(district, closed.Case))];
        return earlier.Length > 0 ? earlier : null;
    }

    /// <summary>The index hears of a case's end. True where it knew of an open one.</summary>
    private bool IndexClosed(scoped in Turn turn, CaseClosed closed, long number, string row)
    {
        IndexedCase? known = ReportIndex.Case(turn.Rows, number);
        long? into = closed.MergedInto is { } merged ? NumberIn(turn.Key, merged) : null;
        foreach (string alias in known?.Aliases ?? [])
        {
            OpenRow? ended = PointsTo(turn.Rows, alias, number) ? OpenOf(turn.Rows.Find(alias)!) : null;
            Repoint(turn, alias, number, into);
            if (ended is { } open && into is null)
            {
                Uncount(turn, open, alias[(alias.LastIndexOf('/') + 1)..]);
            }
        }

        if (into is { } other)
        {
            IndexedCase had = ReportIndex.Case(turn.Rows, other) ?? new IndexedCase { Open = true, Kind = closed.Kind };
            IActorRows rows = turn.Rows;
            string[] aliases = [.. had.Aliases.Concat(known?.Aliases ?? []).Append(row).Distinct().Where(alias => PointsTo(rows, alias, other)).TakeLast(GrainLimits.SubjectsMerged)];
            ReportIndex.Put(turn.Rows, other, had with { Aliases = aliases, Reports = had.Reports + (known?.Reports ?? 0) });
        }
        else
        {
            ClosedCase past = new(number, known?.Position ?? GeoPosition.Unknown, turn.NowMs);
            if (closed.SubjectKind != ActorKind.Report)
            {
                ReportIndex.PutPast(turn, Index, ReportIndex.PastOf(row), past);
            }

            if (past.Position.IsKnown)
            {
                ReportIndex.PutPast(turn, Index, ReportIndex.PastAt(closed.Kind, past.Position), past);
            }
        }

        if (known is not null)
        {
            ReportIndex.Put(turn.Rows, number, known with { Open = false, ClosedMs = turn.NowMs, Into = into ?? 0, Aliases = [] });
            ReportIndex.Forget(turn, Index, number, turn.NowMs + WindowMs(turn.Rules));
        }

        ReportIndex.Sweep(turn, Index);
        return known is { Open: true };
    }

    /// <summary>True where the index had it as closed, or it has no subject of its own by which it would be found.</summary>
    private static bool IndexReopened(scoped in Turn turn, CaseReopened reopened, long number)
    {
        IndexedCase? known = ReportIndex.Case(turn.Rows, number);
        if (known is { Open: true } || (known is null && reopened.SubjectKind != ActorKind.Report))
        {
            return false;
        }

        ReportIndex.Put(turn.Rows, number, (known ?? new IndexedCase { Kind = reopened.Kind }) with { Open = true, Into = 0, ByReport = reopened.SubjectKind == ActorKind.Report });
        return true;
    }

    private void SplitOff(scoped in Turn turn, ReportToPlace report, ReportText text, GeoPosition position)
    {
        MergeReason reason = new(MergeReason.Split, report.SplitFrom, By: report.By, Note: report.Note);
        if (NumberIn(turn.Key, report.SplitFrom!) is { } from && ReportIndex.Case(turn.Rows, from) is { } left)
        {
            ReportIndex.Put(turn.Rows, from, left with { Reports = Math.Max(0, left.Reports - 1) });
        }

        if (report.Into is { } into && NumberIn(turn.Key, into) is { } number)
        {
            Join(turn, number, report.Facts, reason, text, position);
            return;
        }

        // Of its own: the place's key, if it has one, stays with the case that it was split off from.
        string opened = OpenFor(turn, report.Facts, reason, text, position, ofPlace: false);
        foreach (string other in report.With ?? [])
        {
            turn.Effects.Tell(ActorKind.Report, other, MessageKind.SplitOffReport, new ReportSplitOff(report.SplitFrom!, opened, null, report.By!, report.Note!));
        }
    }

    private void Join(scoped in Turn turn, long number, ReportFacts facts, MergeReason reason, ReportText text, GeoPosition position, long? group = null)
    {
        IndexedCase known = ReportIndex.Case(turn.Rows, number) ?? new IndexedCase { Open = true, Kind = facts.Kind, Position = position };
        ReportIndex.Put(turn.Rows, number, known with { Reports = known.Reports + 1, Position = known.Position.IsKnown ? known.Position : position });

        // One that names no kind has that of its case from now on, so that it does not bring together two kinds.
        Remember(turn, group ?? number, facts.Kind == ReportText.AnyKind ? facts with { Kind = known.Kind } : facts, text, position);
        turn.Effects.Tell(ActorKind.Case, CaseId(turn.Key, number), MessageKind.ReportJoined, new ReportJoined(facts, reason));
    }

    private string OpenFor(scoped in Turn turn, ReportFacts facts, MergeReason reason, ReportText text, GeoPosition position, bool ofPlace)
    {
        state.LastCase++;
        state.OpenCases++;
        string id = CaseId(turn.Key, state.LastCase);
        int severity = turn.Rules.Merging.Severities.TryGetValue(facts.Kind, out int given) ? given : 1;
        RoutingDecision decision = turn.Rules.Route(facts.Kind, facts.District, severity, province: null, turn.NowMs);
        string? row = ofPlace && facts.Place.Id is { } place ? RowKey(ActorKind.Place, place, facts.Kind) : null;
        if (row is not null && FindOpen(turn, row) is not null)
        {
            // The place has an open case that takes no more reports.
            row = null;
        }

        Warning warning = WarningOf(turn, facts, severity, row is null ? null : facts.Place.Id);
        string[]? earlier = EarlierCases(turn, row, facts.Kind, position);
        if (row is not null)
        {
            turn.Rows.Put(row, RowOf(state.LastCase));
        }

        ReportIndex.Put(turn.Rows, state.LastCase, new IndexedCase { Open = true, ByReport = row is null, Reports = 1, Kind = facts.Kind, Position = position });
        Remember(turn, state.LastCase, facts, text, position);
        turn.Effects.Tell(
            ActorKind.Case,
            id,
            MessageKind.CaseOpened,
            new CaseOpened(id, facts.District, row is null ? ActorKind.Report : ActorKind.Place, warning, decision.Workflow, decision.Lead, decision.CoHandlers, decision.Reason, facts, reason, earlier) { OfferedTo = decision.OfferedTo });
        return id;
    }

    /// <summary>The most similar of what is near by. A case that has something which contradicts it is left out, however similar another part of it is; of equals the older case is taken.</summary>
    private static Match? Find(scoped in Turn turn, ComparedReport probe, ReportText? text, bool forWarning)
    {
        List<Match> matches = [];
        SortedSet<long> contradicted = [];
        SortedSet<string> seen = new(StringComparer.Ordinal);
        foreach (string key in ReportIndex.Around(probe.Position, text))
        {
            foreach (IndexEntry entry in ReportIndex.Read(turn.Rows, key))
            {
                // Who is past its time, or a camera beside a camera's warning, is not compared.
                if (entry.KeepUntilMs <= turn.NowMs || (forWarning && entry.Text is null) || !seen.Add(entry.Id) || OpenNow(turn.Rows, entry.Case) is not { } open || (forWarning && !open.Known.ByReport))
                {
                    continue;
                }

                Comparison found = ReportSimilarity.Compare(probe, entry.Compared, turn.Rules.Merging);
                if (found.Contradict)
                {
                    contradicted.Add(entry.Case);
                }
                else if (found.Same)
                {
                    matches.Add(new Match(open.Number, entry.Case, entry.Id, found, entry.Kind == probe.Kind));
                }
            }
        }

        if (probe.Text is null && matches.Exists(match => match.Case != matches[0].Case))
        {
            // A camera says nothing by which it could be told which of two it sees.
            return null;
        }

        Match? best = null;
        foreach (Match match in matches)
        {
            if (!contradicted.Contains(match.Group) && (best is not { } so || match.Found.Score > so.Found.Score || (match.Found.Score == so.Found.Score && match.Case < so.Case)))
            {
                best = match;
            }
        }

        return best;
    }

    /// <summary>The case, or the one that it was merged into, where it is open and has room.</summary>
    private static (long Number, IndexedCase Known)? OpenNow(IActorRows rows, long number)
    {
        for (int hops = 0; hops < GrainLimits.SubjectsMerged && ReportIndex.Case(rows, number) is { } known; hops++)
        {
            if (known.Into == 0)
            {
                return known.Open && known.Reports < GrainLimits.ReportsPerCase ? (number, known) : null;
            }

            number = known.Into;
        }

        return null;
    }

    /// <summary>The open case of a subject and kind, if it takes another report.</summary>
    private static long? OpenFor(scoped in Turn turn, string row) =>
        FindOpen(turn, row) is { Number: var number } && (ReportIndex.Case(turn.Rows, number)?.Reports ?? 0) < GrainLimits.ReportsPerCase ? number : null;

    private void Remember(scoped in Turn turn, long number, ReportFacts facts, ReportText text, GeoPosition position)
    {
        long atMs = facts.At.ToUnixTimeMilliseconds();
        IndexEntry entry = new(
            facts.Id, number, facts.Kind, position, atMs, KeepUntil(turn, atMs), Cut(facts.Text, GrainLimits.MergeTextChars), facts.Place.Address is { } address ? Cut(address, GrainLimits.MergeTextChars) : null);
        ReportIndex.Put(turn, Index, entry, ReportIndex.Of(position, text));
    }

    private void Remember(scoped in Turn turn, long number, Warning warning, GeoPosition position)
    {
        long atMs = warning.Updated.ToUnixTimeMilliseconds();
        ReportIndex.Put(turn, Index, new IndexEntry(warning.Id, number, warning.Kind, position, atMs, KeepUntil(turn, atMs), null, null), ReportIndex.Of(position, null));
    }

    /// <summary>A report may come late: what it is compared with stays for the window from now, and what is ahead of now for the window from then.</summary>
    private static long KeepUntil(scoped in Turn turn, long atMs) => Math.Max(turn.NowMs, atMs) + WindowMs(turn.Rules);

    private static long WindowMs(Rulebook rules) => rules.Merging.LongestWindowMinutes * 60_000L;

    /// <summary>What joined one case joins another from now on, as it is marked; or none.</summary>
    private static void Repoint(scoped in Turn turn, string row, long from, long? to)
    {
        if (!PointsTo(turn.Rows, row, from))
        {
            return;
        }

        if (to is { } number)
        {
            turn.Rows.Put(row, RowOf(OpenOf(turn.Rows.Find(row)!) with { Number = number }));
        }
        else
        {
            turn.Rows.Remove(row);
        }
    }

    private static bool PointsTo(IActorRows rows, string row, long number) => rows.Find(row) is { } found && OpenOf(found) is { IsMember: false } open && open.Number == number;

    private static MergeReason ReasonOf(Match match) => new(
        MergeReason.Similar,
        match.With,
        match.SameKind,
        double.IsNaN(match.Found.DistanceM) ? null : Math.Round(match.Found.DistanceM),
        Math.Round(match.Found.Minutes),
        double.IsNaN(match.Found.Text) ? null : Math.Round(match.Found.Text, 2),
        Math.Round(match.Found.Score, 3));

    /// <summary>Where a warning is, if its kind is one that people report too.</summary>
    private static GeoPosition? PlaceOf(Warning warning) =>
        ReportText.Kinds.Contains(warning.Kind) && warning.Evidence.Figures.TryGetValue("latitudeDeg", out double latitude) && warning.Evidence.Figures.TryGetValue("longitudeDeg", out double longitude)
            ? PositionOf(latitude, longitude)
            : null;

    private static GeoPosition PositionOf(double? latitude, double? longitude) =>
        latitude is { } north && longitude is { } east ? new GeoPosition((int)Math.Round(north * 1e6), (int)Math.Round(east * 1e6)) : GeoPosition.Unknown;

    /// <summary>What the case shows as what it is about, until a model warns of the same.</summary>
    private static Warning WarningOf(scoped in Turn turn, ReportFacts facts, int severity, string? place)
    {
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal);
        if (facts.Place is { Latitude: { } latitude, Longitude: { } longitude })
        {
            figures["latitudeDeg"] = latitude;
            figures["longitudeDeg"] = longitude;
        }

        string said = Cut(facts.Text, GrainLimits.NoticeTextChars);
        ReportPicture? picture = facts.Pictures.FirstOrDefault();
        return new Warning(
            $"{facts.Id}/{facts.Kind}/1",
            place ?? facts.Id,
            ActorId.Prefix(place is null ? ActorKind.Report : ActorKind.Place),
            facts.Kind,
            severity,
            ReportConfidence,
            ReportModel,
            turn.Rules.Version,
            facts.District,
            facts.At,
            facts.At,
            1,
            true,
            turn.NowMs - facts.At.ToUnixTimeMilliseconds() <= turn.Rules.Merging.LiveHours * WorkingCalendar.HourMs,
            new Explanation($"Reported ({facts.Channel}): {said}", $"群众反映（{facts.Channel}）：{said}"),
            new Evidence([new CitedReading(facts.Channel, facts.Id, facts.At, ImageSha256: picture?.Sha256)], figures, null, null));
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    /// <summary>Number of a case of this dispatcher; null for another's.</summary>
    private static long? NumberIn(string district, string id) =>
        id.Length > district.Length + 1 && id.StartsWith(district, StringComparison.Ordinal) && id[district.Length] == '-' && long.TryParse(id.AsSpan(district.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
