using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Host;

namespace Streaming.Silo.Api;

/// <summary>
/// Silences: for a time, with a reason, warnings open no case and alert nobody. They are decisions of the rulebook, so every turn sees the same ones from one position on, and so do a replay, a back-test and evidence. When one begins or ends early, the dispatchers are told to look at what they hold; when its time is over,
/// each has set itself a reminder.
/// </summary>
/// <remarks>A process that ends between the decision and telling the dispatchers leaves one that has not looked: it does with the district's next warning, and whoever repeats the call has it told again.</remarks>
internal sealed class SilenceRoutes(ApiServices services)
{
    private static readonly string[] Deciders = ["supervisor", "administrator"];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/silences", (Delegate)List).WithSummary("Silences that the caller may see, newest first: in force, and some that are over. What one holds back says so in the list of warnings ('handling').").Produces<SilenceList>().NotAudited("decisions, without whereabouts");
        routes.MapPost("/api/silences", (Delegate)AddAsync)
            .WithSummary("Silences warnings until a time: {\"kinds\":[...],\"subject\":\"...\",\"source\":\"...\",\"district\":\"...\",\"until\":\"...\",\"reason\":\"...\"}; all that is given has to fit. 'gravest' also silences severity 4, for the command centre only. With a 'key' of the client's own it is begun once, however often it is sent.")
            .Accepts<SilenceRequest>("application/json", RequestBody.AnyType).Produces<SilenceView>(StatusCodes.Status201Created).ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(503).AuditedAsChange("silence");
        routes.MapDelete("/api/silences/{id}", EndAsync).WithSummary("Ends a silence now. What it held back and is still open opens its case. Repeated, it changes nothing.")
            .Produces<SilenceView>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(503).AuditedAsChange("silence", "id");
    }

    private RawJson List(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        long nowMs = services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        SilenceView[] items = [.. services.Rules().Decisions.Silences.Where(silence => Sees(caller, silence)).Reverse().Select(silence => View(silence, nowMs))];
        return new RawJson(ApiJson.Bytes(new SilenceList(items), ApiJson.Default.SilenceList));
    }

    private async Task<IResult> AddAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (!MayDecide(caller))
        {
            return Refusal.Forbidden("Supervisors and administrators silence warnings.");
        }

        (SilenceRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.SilenceRequest).ConfigureAwait(false);
        Rulebook rules = services.Rules();
        refusal ??= WrongWith(request!, rules) ?? NotFor(caller, request!);
        if (refusal is not null)
        {
            return refusal;
        }

        if (services.Host.NotReady is { } notReady)
        {
            return Refusal.Unavailable(notReady);
        }

        AuditedCall call = AuditedCall.Of(context);
        call.GiveReason(request!.Reason!);
        call.What = "warnings silenced";
        DateTimeOffset now = services.Time.GetUtcNow();
        Silence asked = new()
        {
            Kinds = [.. (request.Kinds ?? []).Distinct(StringComparer.Ordinal)],
            Subject = request.Subject,
            Source = request.Source,
            District = request.District ?? caller.Scope.District,
            Department = IsCentre(caller) ? null : caller.Department,
            Gravest = request.Gravest == true,
            By = caller.Name,
            Reason = request.Reason!,
            Key = request.Key,
            From = Ms(now),
            Until = Ms(request.Until!.Value),
        };
        await call.BeginAsync().ConfigureAwait(false);
        Refusal? overtaken = null;
        Silence? made = null;
        Decided done = await services.Host.DecideAsync(
            newest =>
            {
                IReadOnlyList<Silence> all = newest.Decisions.Silences;
                made = asked.Key is null ? null : all.FirstOrDefault(silence => silence.Key == asked.Key && silence.By == asked.By);
                long nowMs = now.ToUnixTimeMilliseconds();
                if (made is not null || all.Count(silence => silence.IsInForce(nowMs)) >= GrainLimits.SilencesInForce)
                {
                    overtaken = made is null ? Refusal.Conflict($"{GrainLimits.SilencesInForce} silences are in force, which is as many as there may be; end one first.", []) : null;
                    return newest.Decisions;
                }

                made = asked with { Id = FormattableString.Invariant($"s{newest.Version + 1}") };
                return newest.Decisions with { Silences = Kept([.. all, made], nowMs) };
            },
            context.RequestAborted).ConfigureAwait(false);
        if ((overtaken ?? Invalid(done)) is { } wrong)
        {
            return wrong;
        }

        return new RawJson(ApiJson.Bytes(View(made!, now.ToUnixTimeMilliseconds()), ApiJson.Default.SilenceView), StatusCodes.Status201Created);
    }

    private async Task<IResult> EndAsync(HttpContext context, string id)
    {
        Principal caller = Gate.Caller(context);
        if (!MayDecide(caller))
        {
            return Refusal.Forbidden("Supervisors and administrators end silences.");
        }

        if (services.Rules().Decisions.Silences.FirstOrDefault(silence => silence.Id == id && Sees(caller, silence)) is not { } known)
        {
            return Refusal.NotFound($"There is no silence '{id}'.");
        }

        if (services.Host.NotReady is { } notReady)
        {
            return Refusal.Unavailable(notReady);
        }

        AuditedCall call = AuditedCall.Of(context);
        call.What = "silence ended";
        await call.BeginAsync().ConfigureAwait(false);
        DateTimeOffset now = Ms(services.Time.GetUtcNow());
        (string? reason, Refusal? badReason) = AuditReason.Read(context.Request);
        if (badReason is not null)
        {
            return badReason;
        }

        Silence ended = known;
        Decided done = await services.Host.DecideAsync(
            newest => newest.Decisions with
            {
                Silences = [.. newest.Decisions.Silences.Select(silence => silence.Id != id ? silence : ended = silence.IsInForce(now.ToUnixTimeMilliseconds()) ? silence with { Ended = now, EndedBy = caller.Name, EndReason = reason } : silence)],
            },
            context.RequestAborted).ConfigureAwait(false);
        if (Invalid(done) is { } wrong)
        {
            return wrong;
        }

        await TellDispatchersAsync(ended.District, context.RequestAborted).ConfigureAwait(false);
        return new RawJson(ApiJson.Bytes(View(ended, now.ToUnixTimeMilliseconds()), ApiJson.Default.SilenceView));
    }

    private async Task TellDispatchersAsync(string? district, CancellationToken cancellation)
    {
        IEnumerable<string> districts = district is not null ? [DistrictPath.DistrictOf(district)] : services.Rules().Districts.Select(each => DistrictPath.DistrictOf(each.Id)).Distinct(StringComparer.Ordinal);
        foreach (string each in districts)
        {
            await services.Host.CommandAsync(ActorKind.Dispatcher, each, MessageKind.LookAtHeld, ReadOnlyMemory<byte>.Empty, cancellation).ConfigureAwait(false);
        }
    }

    private static Silence[] Kept(Silence[] all, long nowMs)
    {
        // The newest stay; one in force is never dropped, and there are fewer of those than are kept.
        int tooMany = Math.Max(0, all.Length - GrainLimits.Silences);
        return [.. all.Where(silence => silence.IsInForce(nowMs) || tooMany-- <= 0)];
    }

    private Refusal? WrongWith(SilenceRequest request, Rulebook rules)
    {
        DateTimeOffset now = services.Time.GetUtcNow();
        int days = rules.Storms.MostSilenceDays;
        string[] kinds = request.Kinds ?? [];
        return Validation.First(
            ("reason", string.IsNullOrWhiteSpace(request.Reason) ? "Say in 'reason' why nobody is to be alerted." : Validation.Text(request.Reason, "The reason", GrainLimits.RuleTextChars)),
            ("kinds", kinds.Length > GrainLimits.StormKinds || !Array.TrueForAll(kinds, kind => KindPattern.IsWellFormed(kind) && kind.Length <= GrainLimits.RuleIdChars) ? $"Give at most {GrainLimits.StormKinds} kinds, or beginnings of them with one * at the end." : null),
            ("subject", request.Subject is null ? null : Validation.Text(request.Subject, "The subject", GrainLimits.KeyBytes) ?? (request.Subject.Length == 0 ? "The subject is empty." : null)),
            ("source", request.Source is null ? null : Validation.Name(request.Source, "The source")),
            ("district", request.District is null ? null : Validation.District(request.District) ?? (rules.HasDistrict(request.District) ? null : $"There is no district '{request.District}'.")),
            ("key", request.Key is { Length: 0 or > GrainLimits.ActionKeyChars } ? $"A key has 1 to {GrainLimits.ActionKeyChars} characters." : null),
            ("until", request.Until is not { } until || until <= now || until > now.AddDays(days) ? $"Say in 'until' when it ends: a time after now, within {days} days." : null));
    }

    /// <summary>Why the caller may not silence so much; null where it may.</summary>
    private static Refusal? NotFor(Principal caller, SilenceRequest request)
    {
        if (request.Gravest == true && !caller.SettlesForTheCity)
        {
            return Refusal.Forbidden("Warnings of severity 4, danger to life, are silenced by the command centre's supervisors and administrators only.");
        }

        if (ListQuery.OfAnother(request.District, caller) is { } another)
        {
            return another;
        }

        return request is { Kinds: null or [], Subject: null, Source: null } && !caller.SettlesForTheCity
            ? Refusal.Forbidden("Name kinds, a subject or a source: only the command centre's supervisors and administrators silence everything in a district.")
            : null;
    }

    private static bool MayDecide(Principal caller) => Array.IndexOf(Deciders, Roles.Name(caller.Role)) >= 0;

    private static bool IsCentre(Principal caller) => caller.SettlesForTheCity || caller.Department is null or Rulebook.CommandCentre;

    private static bool Sees(Principal caller, Silence silence) => caller.SettlesForTheCity || silence.By == caller.Name
        || ((silence.Department is null ? caller.Scope.Department is null or Rulebook.CommandCentre : caller.Scope.HasDepartment(silence.Department)) && (caller.Scope.District is null || (silence.District is { } district && caller.Scope.HasDistrict(district))));

    private static Refusal? Invalid(Decided done) => done.Problems.Count > 0 ? Refusal.Invalid(string.Join(" ", done.Problems.Select(problem => problem.ToString()))) : null;

    private static SilenceView View(Silence silence, long nowMs) => new(silence, silence.IsInForce(nowMs));

    /// <summary>Whole milliseconds, as turns have them.</summary>
    private static DateTimeOffset Ms(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}

/// <summary>Body of <c>POST /api/silences</c>.</summary>
internal sealed record SilenceRequest(string[]? Kinds = null, string? Subject = null, string? Source = null, string? District = null, DateTimeOffset? Until = null, string? Reason = null, bool? Gravest = null, string? Key = null);

/// <summary>A silence, and whether it is in force.</summary>
internal sealed record SilenceView(Silence Silence, bool InForce);

/// <summary>Silences, newest first.</summary>
internal sealed record SilenceList(SilenceView[] Items);
