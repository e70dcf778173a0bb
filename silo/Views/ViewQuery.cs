using System.Globalization;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Views;

/// <summary>A page of a list, newest row first. Absent filters do not filter.</summary>
internal sealed record ViewQuery(View View)
{
    public string? Subject { get; init; }

    public string? Kind { get; init; }

    public string? State { get; init; }

    /// <summary>A district with its streets, or a street.</summary>
    public string? District { get; init; }

    /// <summary>For cases and work orders the departments concerned; for warnings those that a case about the same subject and kind concerns.</summary>
    public string? Department { get; init; }

    public string? Case { get; init; }

    public bool? Open { get; init; }

    /// <summary>Of a register: entries of this district and its streets, and those of none.</summary>
    public string? DistrictOrNone { get; init; }

    /// <summary>Of the registers: which of them.</summary>
    public string? Register { get; init; }

    /// <summary>Of a register: values that an entry has to have, each as <c>{field}={value}</c>.</summary>
    public IReadOnlyList<string> Refs { get; init; } = [];

    /// <summary>Of a register: entries of which sources contradict one another.</summary>
    public bool? Differs { get; init; }

    /// <summary>Of the audit: whose token.</summary>
    public string? Who { get; init; }

    /// <summary>Of the audit: <c>look</c> or <c>change</c>.</summary>
    public string? Act { get; init; }

    /// <summary>Of the audit: the calls' method.</summary>
    public string? Verb { get; init; }

    /// <summary>Of the audit: entries from then on, ms since 1970.</summary>
    public long? FromMs { get; init; }

    /// <summary>Of the audit: entries before then, ms since 1970.</summary>
    public long? ToMs { get; init; }

    /// <summary>Of the catalogue: the department that answers for it.</summary>
    public string? Owner { get; init; }

    /// <summary>Of dead letters: whose.</summary>
    public string? Webhook { get; init; }

    /// <summary>Of the reports: by which way they came.</summary>
    public string? Channel { get; init; }

    /// <summary>Of warnings, cases and work orders: this severity and graver.</summary>
    public int? Severity { get; init; }

    /// <summary>Of cases and work orders: whether the row says that it is overdue, or its deadline runs and has passed at <see cref="NowMs"/>.</summary>
    public bool? Overdue { get; init; }

    /// <summary>What <see cref="Overdue"/> goes by, ms since 1970.</summary>
    public long NowMs { get; init; }

    /// <summary>Of cases and work orders: what stands in their id, their subject or the name of who has them, as <see cref="ListText.Fold"/> has it.</summary>
    public string? Text { get; init; }

    /// <summary>Of cases and work orders: what is to be worked at by its deadline, the soonest first; then what of it has none that runs; then what is over. Equal ones newest first.</summary>
    public bool ByDeadline { get; init; }

    /// <summary>With <see cref="ByDeadline"/>, rows behind <see cref="After"/> at this place, from <see cref="Page{T}.NextDue"/>.</summary>
    public long? AfterDue { get; init; }

    /// <summary>Rows behind this one, from <see cref="Page{T}.Next"/>.</summary>
    public long? After { get; init; }

    /// <summary>1 to <see cref="ViewLimits.PageRows"/>.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>Rows and where the next page begins; null where there is none.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, long? Next)
{
    /// <summary>Where the next page begins in the order of deadlines; null in the other order.</summary>
    public long? NextDue { get; init; }
}

/// <summary>A row of the quarantine list.</summary>
internal sealed record QuarantineItem(long Seq, string Source, string Topic, long TimeMs, RejectReason Reason, string Detail, byte[] Payload)
{
    /// <summary>Position of the record that it came with.</summary>
    public long Position { get; init; }

    /// <summary>Its number among what was refused of that.</summary>
    public int Element { get; init; }

    /// <summary>Who sent it in once more; null where nobody did, or nothing of it was accepted.</summary>
    public QuarantineMark? Resubmitted { get; init; }
}

/// <summary>That a quarantined payload was sent in once more.</summary>
/// <param name="By">Name of the token.</param>
/// <param name="Accepted">Readings that were accepted.</param>
/// <param name="Refused">Elements that were not.</param>
internal sealed record QuarantineMark(string By, DateTimeOffset? At, int Accepted, int Refused)
{
    /// <summary>As the audit says it.</summary>
    public static string Text(int accepted, int refused) => string.Create(CultureInfo.InvariantCulture, $"accepted {accepted}, refused {refused}");

    /// <summary>Reads what <see cref="Text"/> wrote.</summary>
    public static QuarantineMark Of(AuditEntry entry)
    {
        int[] numbers = [.. (entry.What ?? "").Split(' ', ',').Where(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)).Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
        return new QuarantineMark(entry.Who, entry.At, numbers is [var accepted, ..] ? accepted : 0, numbers is [_, var refused, ..] ? refused : 0);
    }
}

/// <summary>Something that was sent where nobody is registered for it.</summary>
/// <param name="Source">In whose name it is kept: a device, or <c>broker:{name}</c>.</param>
internal sealed record UnregisteredTopic(string Source, string Topic, RejectReason Reason, long Count, long FirstMs, long LastMs, string Detail);

/// <summary>How often a consumer used a resource on a day.</summary>
/// <param name="Day">Days since 1970, UTC.</param>
internal sealed record ResourceUse(long Day, string Consumer, long Uses);

/// <summary>What is open in one district, or street, by itself.</summary>
/// <param name="Department">Whose cases these are; null where they are everybody's together.</param>
/// <param name="District">The district, without its streets, or a street.</param>
/// <param name="Warnings">Open warnings by severity; index 0 is severity 1. A department has those about which there is a case of its own.</param>
/// <param name="Cases">Open cases.</param>
/// <param name="Overdue">Open cases past their deadline.</param>
internal sealed record DistrictFigures(string? Department, string District, long[] Warnings, long Cases, long Overdue);

/// <summary>A closed case, as far as models are compared on it.</summary>
/// <param name="Outcome">Code of its outcome.</param>
/// <param name="Scores">What models said of its warning, JSON; null where none did.</param>
/// <param name="Source">Source of the reading that was scored.</param>
internal sealed record ScoredCase(string? Outcome, string? Scores, string? Source);
