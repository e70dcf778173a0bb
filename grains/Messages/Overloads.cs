namespace Streaming.Grains.Messages;

/// <summary>Body of <see cref="MessageKind.OutcomeDecided"/>: a stage of a case ended with an outcome that its subject has to know of before the case is closed.</summary>
/// <param name="Case">The case.</param>
/// <param name="Outcome">Code of the outcome.</param>
public sealed record OutcomeDecided(string Case, string Outcome);

/// <summary>
/// Body of <see cref="MessageKind.OverloadFound"/> and <see cref="MessageKind.OverloadTraced"/>: a vehicle was found over a limit, or the accusation is withdrawn. It goes to the entry of the waybill that it was under, or to its own, which says
/// where it was loaded, or whose it is.
/// </summary>
/// <param name="Vehicle">The vehicle.</param>
/// <param name="WarningId">The warning that was opened, or is withdrawn.</param>
/// <param name="At">When it was weighed.</param>
/// <param name="Withdrawn">True where the warning turned out to be none: of the rest only vehicle and warning count.</param>
/// <param name="Source">The station.</param>
/// <param name="Id">Id of the reading there.</param>
/// <param name="District">District of the station.</param>
/// <param name="OverPct">By how much it was over, percent.</param>
/// <param name="Confidence">How sure that is, 0 to 1.</param>
/// <param name="Waybill">The waybill that says where it was loaded; null where its own entry says whose it is.</param>
public sealed record Overload(
    string Vehicle, string WarningId, DateTimeOffset At, bool Withdrawn, string Source = "", string Id = "", string District = "", double OverPct = 0, double Confidence = 0, string? Waybill = null);
