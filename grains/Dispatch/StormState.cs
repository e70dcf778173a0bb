using System.Text.Json.Serialization;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>What a dispatcher keeps of storms and held warnings besides its rows.</summary>
internal sealed class StormState
{
    /// <summary>Warnings that are held back now.</summary>
    public int Held { get; set; }

    /// <summary>Place in the queue of held warnings behind which the next goes.</summary>
    public long LastHeld { get; set; }

    /// <summary>Place before which there is none.</summary>
    public long FirstHeld { get; set; } = 1;

    /// <summary>While the queue is gone through: its last place when that began. Null while it is not.</summary>
    public long? LookThrough { get; set; }

    /// <summary>When the first of the silences that hold something ends, ms since 1970; null where none does.</summary>
    public long? LookMs { get; set; }

    /// <summary>Version of the rulebook under which the queue was gone through last.</summary>
    public int Rules { get; set; }

    /// <summary>Closed cases of storms whose other subjects have still to be told, the longest closed first.</summary>
    public List<EndedStorm> Ended { get; set; } = [];
}

/// <summary>A closed case of a storm.</summary>
internal sealed class EndedStorm
{
    public long Number { get; set; }

    public string Outcome { get; set; } = "";

    /// <summary>Its members, from 1.</summary>
    public int Members { get; set; }

    /// <summary>The next to be told.</summary>
    public int Next { get; set; } = 1;
}

/// <summary>What is known of an open warning beside its case. Persisted: values are never reused.</summary>
[Flags]
internal enum OpenMarks : byte
{
    None = 0,

    /// <summary>It joined the case of another.</summary>
    Member = 1,

    /// <summary>It was cleared while its case is open: it holds nothing back.</summary>
    Cleared = 2,

    /// <summary>It is counted among the open ones of its kind in the district.</summary>
    Counted = 4,
}

/// <summary>The row of an open warning.</summary>
internal readonly record struct OpenRow(long Number, OpenMarks Marks)
{
    public bool IsMember => (Marks & OpenMarks.Member) != 0;

    public bool IsCleared => (Marks & OpenMarks.Cleared) != 0;
}

/// <summary>Row of an open case that others joined, by its number.</summary>
internal sealed record StormCase(string Group, int Members);

/// <summary>Row of a group at a place: the case that the next of it joins.</summary>
internal sealed record StormGroupRow(long Number, long LastMs);

/// <summary>Row of one member of a storm's case.</summary>
internal sealed record StormMember(ActorKind SubjectKind, string Subject, string Kind, string WarningId);

/// <summary>Row of a warning that is held back, with its newest wording.</summary>
/// <param name="Place">Its place in the queue; an older one that names the same warning is passed over.</param>
internal sealed record HeldWarning(long Place, HeldBack Held, WarningChanged Changed);

/// <summary>What a case keeps of the warnings of others that joined it.</summary>
internal sealed class CaseStorm
{
    /// <summary>The group of the first that joined; null where only held ones came.</summary>
    public string? Rule { get; set; }

    public int Joined { get; set; }

    public int Changes { get; set; }

    public int Cleared { get; set; }

    public int Held { get; set; }

    /// <summary>Messages to each department so far; the work order itself is the first.</summary>
    public int Told { get; set; } = 1;

    /// <summary>What joined since.</summary>
    public int Untold { get; set; }

    /// <summary>When the next message that sums up is due, ms since 1970; null where none is.</summary>
    public long? TellMs { get; set; }

    /// <summary>When the row was shown last for what joined.</summary>
    public long ShownMs { get; set; }

    /// <summary>True while the row waits to be shown.</summary>
    public bool RowDue { get; set; }

    /// <summary>The first <see cref="GrainLimits.StormShown"/>.</summary>
    public List<CaseStormMember> First { get; set; } = [];

    [JsonIgnore]
    public bool IsEmpty => Joined == 0 && Held == 0;
}
