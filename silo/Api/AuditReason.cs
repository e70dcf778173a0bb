using Streaming.Grains;

namespace Streaming.Silo.Api;

/// <summary>
/// Why somebody looks or changes something, in their own words: the header <c>Reason</c>, plain or percent-encoded UTF-8, since a browser's script puts nothing but Latin-1 into headers; or the parameter <c>reason</c>, for what has an address only.
/// </summary>
internal static class AuditReason
{
    public const string Header = "Reason";

    public const string Parameter = "reason";

    /// <summary>What was given, null where nothing was; or what is wrong with it.</summary>
    public static (string? Reason, Refusal? Refusal) Read(HttpRequest request)
    {
        if (request.Headers[Header].Count > 1 || request.Query[Parameter].Count > 1)
        {
            return (null, Refusal.Invalid("Give the reason once.", Parameter));
        }

        string? header = request.Headers[Header] is [{ } text] && !string.IsNullOrWhiteSpace(text) ? Uri.UnescapeDataString(text).Trim() : null;
        string? parameter = request.Query[Parameter] is [{ } asked] && !string.IsNullOrWhiteSpace(asked) ? asked.Trim() : null;
        if (header is not null && parameter is not null && header != parameter)
        {
            return (null, Refusal.Invalid("The header Reason and the parameter reason say different things; give one of them.", Parameter));
        }

        string? reason = header ?? parameter;
        return Validation.Text(reason, "The reason", GrainLimits.NoteChars) is { } wrong ? (null, Refusal.Invalid(wrong, Parameter)) : (reason, null);
    }
}
