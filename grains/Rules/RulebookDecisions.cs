using Streaming.Models.Learned;

namespace Streaming.Grains.Rules;

/// <summary>
/// The half of a rulebook that people decide over the API while the city runs, beside what its files say. It is part of each version, and so of the journal, of checkpoints, of a replay and of evidence; new files are taken over together with what was decided
/// until then. Who decided and when stands with each decision, since the record is the evidence of it.
/// </summary>
public sealed record RulebookDecisions
{
    /// <summary>Nothing decided yet.</summary>
    public static RulebookDecisions None { get; } = new();

    /// <summary>True where nothing is decided: such a rulebook is the same to the byte as one of its files.</summary>
    public bool IsEmpty => Routing.Count == 0 && Models.IsEmpty && Scenes.Count == 0 && Silences.Count == 0 && DismissedOffers.Count == 0;

    /// <summary>Rules that come before those of the files: the first that matches decides.</summary>
    public IReadOnlyList<DecidedRule> Routing { get; init; } = [];

    /// <summary>Learned models: uploaded files, who judges each kind, and who is in shadow.</summary>
    public ModelDecisions Models { get; init; } = ModelDecisions.None;

    /// <summary>Scenes in force, by id, ordinal.</summary>
    public IReadOnlyList<SceneRule> Scenes { get; init; } = [];

    /// <summary>Silences, the oldest first: those in force and some that are over.</summary>
    public IReadOnlyList<Silence> Silences { get; init; } = [];

    /// <summary>Rulings that were offered as rules and are not to be, the newest first.</summary>
    public IReadOnlyList<DismissedOffer> DismissedOffers { get; init; } = [];
}

/// <summary>A rule of the responsibility matrix that somebody added over the API.</summary>
/// <param name="Rule">What it says.</param>
/// <param name="By">Name of the token that added it.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Why, in that person's words.</param>
public sealed record DecidedRule(RoutingRule Rule, string By, DateTimeOffset At, string Reason);

/// <summary>A ruling that was offered as a rule of the matrix, and somebody said that it is none.</summary>
/// <param name="Offer">The offer's id, which follows from what it says.</param>
/// <param name="By">Name of the token that dismissed it.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Why, in that person's words.</param>
public sealed record DismissedOffer(string Offer, string By, DateTimeOffset At, string Reason);
