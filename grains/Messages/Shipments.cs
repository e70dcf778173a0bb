namespace Streaming.Grains.Messages;

/// <summary>Body of <see cref="MessageKind.ShipmentSent"/>: what one enterprise says it has sent to another. It is told with every line about the shipment, and once more when the time to receive it is over.</summary>
/// <param name="Shipper">The enterprise that sent it.</param>
/// <param name="Waybill">Number of the waybill.</param>
/// <param name="Substance">UN number as "UN1017".</param>
/// <param name="Grams">All that was sent of it under this waybill so far.</param>
/// <param name="At">When it was sent.</param>
/// <param name="Due">True where the time is over, and an answer is wanted even if nothing was received.</param>
public sealed record ShipmentSent(string Shipper, string Waybill, string Substance, long Grams, DateTimeOffset At, bool Due);

/// <summary>Body of <see cref="MessageKind.ShipmentReceived"/>: what the receiver knows of it.</summary>
/// <param name="Receiver">The enterprise that it was sent to.</param>
/// <param name="Waybill">Number of the waybill.</param>
/// <param name="Substance">UN number.</param>
/// <param name="Grams">All that was received of it under this waybill so far; 0 where nothing was.</param>
/// <param name="At">When the newest of it was received; null where nothing was.</param>
/// <param name="Reports">False where the receiver never wrote a line of receiving with a waybill: from it nothing can be concluded.</param>
/// <param name="Due">As the question had it.</param>
/// <param name="Permit">How the receiver's permit for the substance stood when it was sent, as <see cref="Subjects.PermitStanding"/>.</param>
/// <param name="PermitNumber">The permit that is meant; null where there is none.</param>
/// <param name="PermitEdge">When it ended, or begins; null where neither is in question.</param>
public sealed record ShipmentReceived(
    string Receiver, string Waybill, string Substance, long Grams, DateTimeOffset? At, bool Reports, bool Due, byte Permit, string? PermitNumber, DateTimeOffset? PermitEdge);
