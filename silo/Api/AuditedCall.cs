using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Models.Registers;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Api;

/// <summary>One call of a route that is audited, from its reason to its entry.</summary>
/// <remarks>
/// A look is answered only when its entry is durable; one that cannot be written is not answered. A change is begun in the audit before it is made: the beginning is durable first, so whatever becomes of the process, a change that was made has its entry,
/// which then says that nothing is known of its end. Who makes a change and has not begun it gets its entry before the answer all the same; but only <see cref="BeginAsync"/> holds through a crash.
/// </remarks>
internal sealed class AuditedCall(AuditTrail trail, HttpContext context, Principal caller, AuditedAs declared, string route)
{
    /// <summary>Parameters of addresses that an entry tells. Of others nobody knows what is in them.</summary>
    private static readonly HashSet<string> Told =
    [
        "at", "from", "to", "kinds", "order", "format", "cursor", "limit", "after", "subject", "kind", "open", "state", "department", "district", "case", "channel", "source", "differs", "types", "bbox", "who", "act", "verb", "dryRun", "full", "again", "grainId",
        .. RegisterSchema.All.SelectMany(schema => schema.Fields).Where(field => field.IsReference).Select(field => field.Name),
    ];

    private string? subjectKind = declared.SubjectKind(context.Request);
    private string? subject = declared.Subject(context.Request);
    private string? began;

    /// <summary>Why, as the caller said.</summary>
    public string? Reason { get; private set; }

    /// <summary>What was done, in a few words; at most <see cref="ApiLimits.TextLength"/> characters are kept.</summary>
    public string? What { get; set; }

    /// <summary>True once the beginning of a change is durable.</summary>
    public bool HasBegun => began is not null;

    /// <summary>True for a look that another entry of the same caller says already: it has none of its own, unless it is refused.</summary>
    public bool IsCovered { get; set; }

    /// <summary>The audited call that is being answered.</summary>
    public static AuditedCall Of(HttpContext context) => context.Features.GetRequiredFeature<AuditedCall>();

    /// <summary>Reads why the call is made; what is wrong with that, or null.</summary>
    public Refusal? ReadReason()
    {
        (Reason, Refusal? wrong) = AuditReason.Read(context.Request);
        if (wrong is not null || Reason is not null || declared.Act != AuditAct.Look)
        {
            return wrong;
        }

        string look = declared.Look(context.Request);
        return trail.NeedsReason(look)
            ? Refusal.Invalid($"Say why you look: {look} are shown here only with a reason, in the header {AuditReason.Header} (UTF-8, which may be percent-encoded) or the parameter {AuditReason.Parameter}.", AuditReason.Parameter)
            : null;
    }

    /// <summary>A reason that stands in the call's body, where none was given otherwise.</summary>
    public void GiveReason(string reason) => Reason ??= reason;

    /// <summary>Names what the call is about, where its address does not.</summary>
    public void Names(string kind, string id) => (subjectKind, subject) = (kind, id);

    /// <summary>To be called before anything is changed, when nothing speaks against it any more. The first time alone does anything.</summary>
    /// <exception cref="HostUnavailableException">It cannot be written now; nothing may be changed.</exception>
    public async ValueTask BeginAsync()
    {
        if (began is null)
        {
            try
            {
                began = await trail.WriteAsync(Entry(null)).ConfigureAwait(false);
            }
            catch (Exception error) when (error is HostUnavailableException or JournalFailedException)
            {
                throw new HostUnavailableException($"A change is audited before it is made, and that cannot be done now, so nothing was changed: {error.Message}");
            }
        }
    }

    /// <summary>Writes the entry, or the end of one that was begun, and waits until it is durable. Refused calls that come too fast are only counted.</summary>
    /// <param name="status">Status of the answer.</param>
    /// <exception cref="HostUnavailableException">It cannot be written now.</exception>
    public async ValueTask EndAsync(int status)
    {
        if (IsCovered && status < StatusCodes.Status400BadRequest)
        {
            return;
        }

        if (began is not null || status < StatusCodes.Status400BadRequest || trail.TryTakeRefusal(caller.Name))
        {
            await trail.WriteAsync(Entry(status) with { Began = began }).ConfigureAwait(false);
        }
    }

    private AuditEntry Entry(int? status) => new(caller.Name, Roles.Name(caller.Role), caller.Department, caller.District, declared.Act == AuditAct.Look ? "look" : "change", context.Request.Method, route)
    {
        OnBehalfOf = caller.OnBehalfOf,
        SubjectKind = subjectKind,
        Subject = Cut(subject, GrainLimits.KeyBytes),
        Asked = Cut(Asked(context.Request.Query), ApiLimits.AuditAskedChars),
        What = Cut(What, ApiLimits.TextLength),
        Status = status,
        Reason = Reason,
        Address = context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4().ToString() : context.Connection.RemoteIpAddress?.ToString(),
    };

    private static string? Asked(IQueryCollection query)
    {
        StringBuilder text = new();
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in query.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            if (Told.Contains(name))
            {
                text.Append(text.Length == 0 ? "" : "&").Append(name).Append('=').Append(string.Join(',', (IEnumerable<string?>)values));
            }
        }

        return text.Length == 0 ? null : text.ToString();
    }

    /// <summary>Text that came in may be of any length, and hold what JSON can but nobody wants to print.</summary>
    private static string? Cut(string? text, int most)
    {
        if (text is null)
        {
            return null;
        }

        string shown = text.Length <= most ? text : $"{text[..(char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1)]}…";
        return string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c));
    }
}
