namespace Streaming.Grains.Messages;

/// <summary>Body of <see cref="MessageKind.IssueNotice"/>: what a case has a notice say.</summary>
/// <param name="Id"><c>{case}-n{number}</c>.</param>
/// <param name="Department">Department of the work order that it belongs to.</param>
/// <param name="By">Name of the token that sent it; the case's id where its workflow did.</param>
/// <param name="Text">What is asked of the subject; null where the warning says all.</param>
/// <param name="Until">When the time to answer is over.</param>
/// <param name="Warning">What is warned of, as the case has it now.</param>
public sealed record NoticeIssued(
    string Id, string Case, string District, string WorkOrder, string Department, string Stage, string By, Explanation? Text, DateTimeOffset Until, Warning Warning);

/// <summary>Command to a notice: how its subject is reached. Told once; again, it changes nothing.</summary>
/// <param name="LinkSha256">SHA-256 of the secret in the notice's link, 64 lower-case hexadecimal digits. The secret itself is nowhere in the journal.</param>
/// <param name="Channels">At most <see cref="GrainLimits.NoticeChannels"/>, each <c>webhook:{gateway}</c> or <c>mqtt</c>; none where the link is all there is.</param>
public sealed record NoticeAddressed(string LinkSha256, string[] Channels);

/// <summary>Command to a notice: what became of an attempt to deliver it.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Attempt">Number of the attempt, from 1; another than the next is of an attempt that was marked before, and changes nothing.</param>
/// <param name="Outcome">One of <see cref="NoticeOutcomes"/>.</param>
/// <param name="Reason">Why it was not taken; null where it was.</param>
/// <param name="Next">When it is tried again; null where it is not.</param>
public sealed record NoticeAttempted(string Channel, int Attempt, string Outcome, string? Reason, DateTimeOffset? Next);

/// <summary>Command to a notice: the subject answers that it has mended what it was warned of.</summary>
/// <param name="Note">In its own words; null for none.</param>
/// <param name="PictureSha256">SHA-256 of the picture that came with it, 64 lower-case hexadecimal digits; null for none.</param>
/// <param name="PictureType"><c>image/jpeg</c> or <c>image/png</c>.</param>
public sealed record NoticeAnswered(string? Note, string? PictureSha256, string? PictureType);

/// <summary>Case to notice: it is over without an answer.</summary>
public sealed record NoticeWithdrawn(string Why);

/// <summary>Notice to case: what became of it.</summary>
/// <param name="What">One of <see cref="NoticeStates"/>.</param>
/// <param name="Note">What the history says besides; null for nothing.</param>
/// <param name="PictureSha256">Of the answer's picture; null for none.</param>
public sealed record NoticeChanged(string Notice, string WorkOrder, string What, string? Note, string? PictureSha256 = null);

/// <summary>How an attempt to deliver ended. Persisted: names are never reused.</summary>
public static class NoticeOutcomes
{
    public const string Delivered = "delivered";
    public const string Retry = "retry";
    public const string Failed = "failed";
}

/// <summary>States of a notice, and of its channels. Persisted and published: names are never reused.</summary>
public static class NoticeStates
{
    /// <summary>It goes out.</summary>
    public const string Issued = "issued";

    /// <summary>Of a channel: it has not been taken yet.</summary>
    public const string Waiting = "waiting";

    /// <summary>A gateway or the terminal's topic has taken it. Whether a person has seen it, <see cref="Opened"/> says.</summary>
    public const string Delivered = "delivered";

    /// <summary>No channel has taken it, and none will. Its link still works.</summary>
    public const string Failed = "failed";

    /// <summary>Its link was opened.</summary>
    public const string Opened = "opened";

    /// <summary>The subject has answered.</summary>
    public const string Answered = "answered";

    /// <summary>The time to answer is over.</summary>
    public const string Expired = "expired";

    /// <summary>The case was closed before there was an answer.</summary>
    public const string Withdrawn = "withdrawn";

    /// <summary>Of a channel: the notice was over before it was taken.</summary>
    public const string Dropped = "dropped";
}

/// <summary>A channel as lists show it.</summary>
/// <param name="Channel"><c>webhook:{gateway}</c> or <c>mqtt</c>.</param>
/// <param name="State">Waiting, delivered, failed or dropped.</param>
/// <param name="Attempts">Attempts so far.</param>
/// <param name="Reason">Why the last attempt was not taken; null where it was.</param>
/// <param name="Since">When it came into this state, or was tried last.</param>
/// <param name="Next">When it is tried next; null where it is not.</param>
public sealed record NoticeChannel(string Channel, string State, int Attempts, string? Reason, DateTimeOffset Since, DateTimeOffset? Next);

/// <summary>Something that is to be done outside turns, and from when.</summary>
/// <param name="Lane">A channel, or <see cref="Addressing"/>.</param>
/// <param name="AtMs">Not before, ms since 1970.</param>
public sealed record NoticeErrand(string Lane, long AtMs)
{
    /// <summary>Finding out how the subject is reached.</summary>
    public const string Addressing = "address";
}

/// <summary>An answer as lists show it.</summary>
public sealed record NoticeReply(DateTimeOffset At, string? Note, string? PictureSha256, string? PictureType);

/// <summary>A notice as lists show it; the notice itself says the same.</summary>
/// <param name="State">One of <see cref="NoticeStates"/>.</param>
/// <param name="Open">True while it can be answered.</param>
/// <param name="Errands">What is still to be done to deliver it, by which the deliverer finds it; not shown.</param>
/// <param name="LinkSha256">By which the page finds it; not shown. Null until it is addressed.</param>
public sealed record NoticeRow(
    string Id,
    string Case,
    string WorkOrder,
    string Department,
    string District,
    string Stage,
    string Subject,
    string SubjectKind,
    string Kind,
    string State,
    bool Open,
    string By,
    DateTimeOffset Issued,
    DateTimeOffset Until,
    Explanation? Text,
    NoticeChannel[] Channels,
    DateTimeOffset? Opened,
    NoticeReply? Answer,
    DateTimeOffset? Ended,
    Warning Warning,
    NoticeErrand[] Errands,
    string? LinkSha256);
