using System.Globalization;

namespace Streaming.Grains.Messages;

/// <summary>Where something was reported to be. Something of it is always known.</summary>
/// <param name="Id">The place that the city knows it as, as a camera's place is named; null for none.</param>
/// <param name="Address">As it was said.</param>
/// <param name="Latitude">Degrees.</param>
/// <param name="Longitude">Degrees.</param>
public sealed record ReportPlace(string? Id = null, string? Address = null, double? Latitude = null, double? Longitude = null);

/// <summary>A picture, kept by its hash.</summary>
public sealed record ReportPicture(string Sha256, string Type);

/// <summary>Who reported it: for those alone who work on the case.</summary>
public sealed record Reporter(string? Name, string? Contact);

/// <summary>What was reported, without who did.</summary>
/// <param name="Id">The report's id.</param>
/// <param name="Channel"><c>hotline</c>, <c>grid</c>, <c>app</c>, or the name of another system.</param>
/// <param name="District">District, or street of one.</param>
/// <param name="Kind">Kind of event.</param>
/// <param name="Text">In Chinese or English.</param>
/// <param name="Place">Where.</param>
/// <param name="At">When it was so.</param>
/// <param name="Pictures">Pictures of it.</param>
public sealed record ReportFacts(string Id, string Channel, string District, string Kind, string Text, ReportPlace Place, DateTimeOffset At, ReportPicture[] Pictures);

/// <summary>Command to a report: it comes to be. Sent again with the same digest it is done once; with another it is refused.</summary>
/// <param name="Facts">What.</param>
/// <param name="KindGuessed">True where the kind was found in the text.</param>
/// <param name="Reference">The other system's own reference.</param>
/// <param name="Reporter">Who.</param>
/// <param name="By">Name of the token.</param>
/// <param name="Digest">SHA-256 of what was sent.</param>
public sealed record ReportFiled(ReportFacts Facts, bool KindGuessed, string? Reference, Reporter? Reporter, string By, string Digest);

/// <summary>Report to its dispatcher: to be joined to a case or to open one.</summary>
/// <param name="Facts">What.</param>
/// <param name="SplitFrom">The case that it was split off from by hand; it then joins nothing by itself.</param>
/// <param name="Into">Of one that was split off: the case that it goes to; null to open one.</param>
/// <param name="With">Of the first that was split off: the others.</param>
/// <param name="By">Who split it off.</param>
/// <param name="Note">Why.</param>
public sealed record ReportToPlace(ReportFacts Facts, string? SplitFrom = null, string? Into = null, string[]? With = null, string? By = null, string? Note = null);

/// <summary>Dispatcher to a case: a report joins it.</summary>
public sealed record ReportJoined(ReportFacts Facts, MergeReason Reason);

/// <summary>To a report: its case, or what became of that.</summary>
/// <param name="Case">The case that it is in.</param>
/// <param name="State">One of <see cref="ReportStates"/>.</param>
/// <param name="Reason">Why it is in that case; null where that stays.</param>
/// <param name="Outcome">How the case ended.</param>
/// <param name="CalledBack">What came of calling the reporter back.</param>
public sealed record ReportChanged(string Case, string State, MergeReason? Reason = null, string? Outcome = null, CallBack? CalledBack = null);

/// <summary>What who reported said when asked.</summary>
public sealed record CallBack(DateTimeOffset At, string By, string Outcome, string? Note);

/// <summary>Command to a case: these reports are about something else.</summary>
public sealed record CaseSplit(string[] Reports, string Reason, string By, string? Department, string? Key, bool Decides);

/// <summary>Command to a case: it is the same as another one, which goes on with what it has.</summary>
public sealed record CaseMerge(string Into, string Reason, string By, string? Department, string? Key, bool Decides);

/// <summary>Case to the case that it was merged into.</summary>
/// <param name="From">Id of the case that is closed.</param>
/// <param name="Reports">Its reports.</param>
/// <param name="Warnings">Changes of its warnings.</param>
/// <param name="Severity">Its severity.</param>
/// <param name="Subjects">What its warnings are about; the subjects hear of the end when this one ends.</param>
/// <param name="Merged">Cases that were merged into it before.</param>
/// <param name="By">Who merged them.</param>
/// <param name="Department">Department of who did; null for an administrator.</param>
/// <param name="Decides">True for the command centre's people and administrators.</param>
/// <param name="Reason">Why.</param>
public sealed record CaseMerged(string From, CaseReportRef[] Reports, int Warnings, int Severity, CaseSubject[] Subjects, string[] Merged, string By, string? Department, bool Decides, string Reason);

/// <summary>The merging could not be: the case goes on by itself.</summary>
public sealed record MergeUndone(string Into, string Why, bool IsClosed = false);

/// <summary>Something that a case has to tell when it ends.</summary>
public sealed record CaseSubject(Turns.ActorKind SubjectKind, string Subject, string Kind, string WarningId);

/// <summary>Case to itself: its reports from this number on have to be told what is so.</summary>
public sealed record ReportsToTell(int From);

/// <summary>To a report: it was split off by hand.</summary>
/// <param name="From">The case that it was in.</param>
/// <param name="Into">The case that it goes to; null for one of its own.</param>
/// <param name="With">The others that go with it; null where it is not the first.</param>
/// <param name="By">Who did.</param>
/// <param name="Note">Why.</param>
public sealed record ReportSplitOff(string From, string? Into, string[]? With, string By, string Note);

/// <summary>A report as its case keeps it.</summary>
/// <param name="Id">The report's id.</param>
/// <param name="AtMs">When it was so, ms since 1970.</param>
/// <param name="Channel">By which way it came.</param>
/// <param name="Reason">Why it is in the case.</param>
/// <param name="CalledBack">What came of calling the reporter back; null as long as nobody did since the case ended last.</param>
public sealed record CaseReportRef(string Id, long AtMs, string Channel, MergeReason Reason, CallBack? CalledBack = null);

/// <summary>A report as its case shows it.</summary>
public sealed record CaseReport(string Id, DateTimeOffset At, string Channel, Explanation Why, CallBack? CalledBack);

/// <summary>States of a report. Persisted and published: names are never reused.</summary>
public static class ReportStates
{
    /// <summary>Taken, and not in a case yet.</summary>
    public const string Filed = "filed";

    /// <summary>In a case that is open.</summary>
    public const string Open = "open";

    /// <summary>Its case is over, and nobody has called the reporter back.</summary>
    public const string Closed = "closed";

    /// <summary>The reporter was called back.</summary>
    public const string CalledBack = "called-back";
}

/// <summary>A report as lists show it.</summary>
/// <param name="Why">Why it is in its case, in words with figures.</param>
/// <param name="Reporter">Who reported it: for those alone who work on the case.</param>
/// <param name="By">Name of the token that filed it.</param>
public sealed record ReportRow(
    string Id,
    string? Case,
    string State,
    string Kind,
    bool KindGuessed,
    string District,
    string Channel,
    string? Reference,
    string Text,
    ReportPlace Place,
    DateTimeOffset At,
    DateTimeOffset Filed,
    ReportPicture[] Pictures,
    MergeReason? Reason,
    Explanation? Why,
    string? Outcome,
    CallBack? CalledBack,
    string[]? EarlierCases,
    Reporter? Reporter,
    string By);

/// <summary>Why a report is in its case: what was compared, with its figures.</summary>
/// <param name="Basis">One of the constants here.</param>
/// <param name="With">The report, warning or case that it was found to be the same as.</param>
/// <param name="SameKind">False where the kinds are only alike.</param>
/// <param name="DistanceM">How far apart, m; null where a position is missing.</param>
/// <param name="Minutes">How long apart, min.</param>
/// <param name="Text">How much of the text is alike, 0 to 1; null where it was not compared.</param>
/// <param name="Score">Score of the comparison, 0 to 1.</param>
/// <param name="By">Who decided it by hand.</param>
/// <param name="Note">Why they did.</param>
public sealed record MergeReason(
    string Basis, string? With = null, bool? SameKind = null, double? DistanceM = null, double? Minutes = null, double? Text = null, double? Score = null, string? By = null, string? Note = null)
{
    /// <summary>It joined nothing.</summary>
    public const string First = "first";

    /// <summary>Subject and kind are those of the case.</summary>
    public const string Subject = "subject";

    /// <summary>Place, time and text are similar enough.</summary>
    public const string Similar = "similar";

    /// <summary>A person split it off.</summary>
    public const string Split = "split";

    /// <summary>A person merged its case into this one.</summary>
    public const string Merged = "merged";

    /// <summary>In words with figures, as "same kind, 38 m apart, 12 min apart, text 0.62".</summary>
    public Explanation Say() => Basis switch
    {
        Subject => new Explanation($"same subject and kind ({With})", $"同一对象、同一类型（{With}）"),
        Similar => new Explanation(
            string.Create(CultureInfo.InvariantCulture, $"{(SameKind == false ? "kinds alike" : "same kind")}, {(DistanceM is { } metres ? $"{metres:0} m apart" : "same address")}, {Minutes:0} min apart{(Text is { } text ? string.Create(CultureInfo.InvariantCulture, $", text {text:0.00}") : "")}; as {With}"),
            string.Create(CultureInfo.InvariantCulture, $"{(SameKind == false ? "类型相近" : "类型相同")}，{(DistanceM is { } apart ? $"相距{apart:0}米" : "地址相同")}，相隔{Minutes:0}分钟{(Text is { } alike ? string.Create(CultureInfo.InvariantCulture, $"，文本相似度{alike:0.00}") : "")}；与{With}相似")),
        Split => new Explanation($"split off from case {With} by {By}: {Note}", $"由{By}从案件{With}拆出：{Note}"),
        Merged => new Explanation($"case {With} was merged into this one by {By}: {Note}", $"案件{With}由{By}并入本案：{Note}"),
        _ => new Explanation("joined no open case, and opened this one", "未与在办案件合并，单独立案"),
    };
}
