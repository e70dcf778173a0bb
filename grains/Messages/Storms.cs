namespace Streaming.Grains.Messages;

/// <summary>Body of <see cref="MessageKind.WarningGrouped"/>: a warning of another subject or kind that is kept with a case.</summary>
/// <param name="Changed">The warning.</param>
/// <param name="Rule">The storm's group, or the inhibition, by which it is.</param>
/// <param name="IsHeld">True where it only waits for the case's own warning to end; false where it is part of the case.</param>
public sealed record WarningGrouped(WarningChanged Changed, string Rule, bool IsHeld);

/// <summary>A row of <see cref="Turns.View.Handlings"/>, by the warning's id: what became of a warning that has no ordinary case of its own. Shown with the warning.</summary>
/// <param name="Case">The case that it is part of; null where it waits.</param>
/// <param name="Group">Group of the storm that it came with; null where it came with none.</param>
/// <param name="Held">What holds or held it back; null where nothing did.</param>
public sealed record WarningHandling(string? Case, string? Group, HeldBack? Held);

/// <summary>What holds a warning back.</summary>
/// <param name="By"><c>silence</c> or <c>inhibition</c>.</param>
/// <param name="Id">The silence's id, or the inhibition's name.</param>
/// <param name="Case">Of an inhibition: the case of the graver warning, where it is one.</param>
/// <param name="Author">Of a silence: who began it.</param>
/// <param name="Reason">Of a silence: why.</param>
/// <param name="From">Since when the warning waits.</param>
/// <param name="Until">Of a silence: when it ends; null where that is not known.</param>
/// <param name="Released">When the warning stopped waiting; null while it waits.</param>
public sealed record HeldBack(string By, string Id, string? Case, string? Author, string? Reason, DateTimeOffset From, DateTimeOffset? Until, DateTimeOffset? Released = null)
{
    public const string Silence = "silence";
    public const string Inhibition = "inhibition";
}

/// <summary>What of a storm a case shows; every one of its warnings is in the list of warnings, by the case.</summary>
/// <param name="Rule">The group; null where nothing but held warnings came.</param>
/// <param name="Joined">Warnings of others that are part of the case.</param>
/// <param name="Changes">How often they were told of, the first time included.</param>
/// <param name="Cleared">How often one of them was cleared.</param>
/// <param name="Held">Warnings that wait for the case's own to end, or did.</param>
/// <param name="Told">Messages about it to each department, the work order included.</param>
/// <param name="Untold">What joined since the last of them.</param>
/// <param name="First">The first of them.</param>
public sealed record CaseStormRow(string? Rule, int Joined, int Changes, int Cleared, int Held, int Told, int Untold, CaseStormMember[] First);

/// <summary>One warning of a storm, as its case names it.</summary>
public sealed record CaseStormMember(string Warning, string Subject, string Kind, int Severity, DateTimeOffset At);
