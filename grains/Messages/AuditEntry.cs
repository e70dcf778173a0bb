namespace Streaming.Grains.Messages;

/// <summary>Somebody looked at something or changed it: body of <see cref="MessageKind.RecordAudit"/>, and, with what its actor adds, the row of the list. It never holds a secret, nor a request's body.</summary>
/// <param name="Who">Name of the token.</param>
/// <param name="Role">What the token may do.</param>
/// <param name="Department">The token's department; null where it has none.</param>
/// <param name="District">The token's district; <c>*</c> is the whole city.</param>
/// <param name="Act"><c>look</c> or <c>change</c>.</param>
/// <param name="Verb">Method of the call, as <c>GET</c>.</param>
/// <param name="Route">The address as it is documented, as <c>/api/vehicles/{id}</c>.</param>
public sealed record AuditEntry(string Who, string Role, string? Department, string District, string Act, string Verb, string Route)
{
    /// <summary>Who gave the rights that were used, where they were given for a time.</summary>
    public string? OnBehalfOf { get; init; }

    /// <summary>What kind of thing it was about, as <c>vehicle</c> or <c>token</c>; null where that is not one thing.</summary>
    public string? SubjectKind { get; init; }

    /// <summary>What it was about, by its id alone; null where that is not one thing.</summary>
    public string? Subject { get; init; }

    /// <summary>What was asked for besides: known parameters of the address alone.</summary>
    public string? Asked { get; init; }

    /// <summary>What was done, in a few words.</summary>
    public string? What { get; init; }

    /// <summary>Status of the answer. Null where a change was begun and nothing is known of its end.</summary>
    public int? Status { get; init; }

    /// <summary>Why, in the caller's words.</summary>
    public string? Reason { get; init; }

    /// <summary>Address that the call came from.</summary>
    public string? Address { get; init; }

    /// <summary>Refused calls of the same caller before this one that have no entry of their own, because there were too many; null for none.</summary>
    public long? Unrecorded { get; init; }

    /// <summary>Of the end of a change: the key that its beginning was answered with. Not in the row.</summary>
    public string? Began { get; init; }

    /// <summary>The row's key: position of the entry in the journal, 19 digits. The actor says it.</summary>
    public string? Id { get; init; }

    /// <summary>Which of the caller's entries it is, from 1 without a hole. The actor says it.</summary>
    public long? Number { get; init; }

    /// <summary>When: for a change, when it was begun. The actor says it.</summary>
    public DateTimeOffset? At { get; init; }
}
