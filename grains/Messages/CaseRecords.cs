namespace Streaming.Grains.Messages;

/// <summary>How far the chain over a case's record reaches: the number of its entries, and the hash of the last.</summary>
/// <param name="Entries">Number of the last entry, from 1.</param>
/// <param name="Head">Its hash, 64 lower-case hexadecimal digits.</param>
public sealed record CaseChainHead(long Entries, string Head);

/// <summary>A file that a person attached; the file itself is kept by its hash.</summary>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Type">Media type, by what its first bytes say.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Name">What the sender calls it; it may say something of a person, and is erased with the text beside it.</param>
public sealed record Attachment(string Sha256, string Type, long Bytes, string? Name = null);

/// <summary>What a person wrote in an entry of a case's record: kept apart, so that it can be erased while its hash stays.</summary>
/// <param name="Case">The case.</param>
/// <param name="Number">The entry's number.</param>
/// <param name="Salt">Makes the hash of a short text say nothing of it once the text is gone.</param>
/// <param name="Note">The note.</param>
/// <param name="Evidence">Addresses and hashes that were named.</param>
/// <param name="Names">Names of attached files.</param>
public sealed record CaseText(string Case, long Number, string Salt, string? Note, string[]? Evidence, string[]? Names);

/// <summary>Command to a case: what a person wrote in an entry is erased; the entry, and the hash of the text, stay.</summary>
/// <param name="Entry">The entry's number.</param>
/// <param name="By">Name of the token.</param>
/// <param name="Reason">Why. It stays.</param>
public sealed record EraseText(long Entry, string By, string Reason);

/// <summary>Kinds of things that a case keeps a copy of.</summary>
public static class EvidenceKinds
{
    /// <summary>A reading that a warning cites: the payload that it came in, and what was read from it.</summary>
    public const string Reading = "reading";

    /// <summary>The picture that a cited reading names.</summary>
    public const string Picture = "picture";

    /// <summary>What the registers say of the vehicle.</summary>
    public const string Register = "register";

    /// <summary>What a person attached.</summary>
    public const string Attachment = "attachment";
}

/// <summary>What became of a copy.</summary>
public static class EvidenceStates
{
    /// <summary>It is still to be made.</summary>
    public const string Wanted = "wanted";

    /// <summary>It is kept.</summary>
    public const string Kept = "kept";

    /// <summary>It cannot be had; the reason says why.</summary>
    public const string Failed = "failed";
}

/// <summary>One thing that a case keeps a copy of, or wants to.</summary>
/// <param name="Id"><c>{case}-e{number}</c>.</param>
/// <param name="Case">The case.</param>
/// <param name="Number">From 1.</param>
/// <param name="Kind">One of <see cref="EvidenceKinds"/>.</param>
/// <param name="State">One of <see cref="EvidenceStates"/>.</param>
public sealed record EvidenceRow(string Id, string Case, int Number, string Kind, string State)
{
    /// <summary>Kind of the subject, as <c>vehicle</c>.</summary>
    public string? SubjectKind { get; init; }

    public string? Subject { get; init; }

    /// <summary>Of a reading or picture: who published.</summary>
    public string? Source { get; init; }

    /// <summary>The reading's id at its source.</summary>
    public string? Reading { get; init; }

    /// <summary>When the reading was taken.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Of a picture: where it is.</summary>
    public string? Url { get; init; }

    /// <summary>Of a picture: its hash by the reading; null where the reading names none, and then nothing vouches for it.</summary>
    public string? Expected { get; init; }

    /// <summary>Position of the turn that wanted it: a reading came in before it.</summary>
    public long? Before { get; init; }

    /// <summary>While it is wanted: when it is tried next, ms since 1970.</summary>
    public long? DueMs { get; init; }

    /// <summary>How often it was tried; absent where never.</summary>
    public int? Attempts { get; init; }

    /// <summary>Why it cannot be had, or could not be the last time.</summary>
    public string? Reason { get; init; }

    /// <summary>Hash of the copy: of a reading, of the payload.</summary>
    public string? Sha256 { get; init; }

    public string? Type { get; init; }

    public long? Bytes { get; init; }

    /// <summary>Of a reading: hash of what was read from the payload, as JSON.</summary>
    public string? DecodedSha256 { get; init; }

    /// <summary>Of a reading: the record of the journal that it came in.</summary>
    public long? Position { get; init; }

    public string? Topic { get; init; }

    public DateTimeOffset? Received { get; init; }

    /// <summary>Of an attachment: the entry of the record that it came with.</summary>
    public long? Entry { get; init; }
}

/// <summary>Command to a case: what became of copies that it wanted.</summary>
/// <param name="Items">Each as it is now: kept, failed, or wanted again.</param>
public sealed record EvidenceSealed(EvidenceRow[]? Items)
{
    /// <summary>The one copy that a command of an earlier version was about.</summary>
    public EvidenceRow? Item { get; init; }
}
