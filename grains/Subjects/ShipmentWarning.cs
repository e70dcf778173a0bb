using Streaming.Grains.Messages;
using Streaming.Models.Ledgers;
using Streaming.Models.Limits;
using Streaming.Models.Wording;
using static Streaming.Grains.Subjects.MassText;

namespace Streaming.Grains.Subjects;

/// <summary>Puts shipments that were lost or came short, and receivers without a permit, into the figures and words of warnings.</summary>
internal static class ShipmentWarning
{
    public const string LostKind = "shipment-lost";
    public const string ShortKind = "shipment-short";
    public const string UnpermittedKind = "counterparty-no-permit";
    private const string Model = "shipments/1";
    private const string PermitModel = "substance-permits/1";

    public static string KindOf(ShipmentStanding standing) => standing == ShipmentStanding.Lost ? LostKind : ShortKind;

    public static Finding Find(ShipmentRules rules, ShipmentStanding standing, Shipment shipment, ShipmentTrouble trouble)
    {
        bool lost = standing == ShipmentStanding.Lost;
        NamedShipment named = NamedShipment.Of(shipment);
        long allowed = rules.AllowedGrams(shipment.SentGrams);
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal)
        {
            ["shippedKg"] = shipment.SentGrams / 1000.0,
            ["receivedKg"] = shipment.ReceivedGrams / 1000.0,
            ["differenceKg"] = (shipment.ReceivedGrams - shipment.SentGrams) / 1000.0,
            ["allowedKg"] = allowed / 1000.0,
            ["withinHours"] = rules.ReceiveWithinHours,
            ["shipments"] = trouble.Count,
        };
        string hours = FigureText.Measured(rules.ReceiveWithinHours);
        string en = lost
            ? $"{English(named)} Its line of receiving did not come within {hours} h, though the receiver reports what it receives."
            : $"{English(named)} Received: {Kg(shipment.ReceivedGrams)} kg, {Kg(Math.Abs(shipment.ReceivedGrams - shipment.SentGrams))} kg {(shipment.ReceivedGrams < shipment.SentGrams ? "less" : "more")}; the meters' error is {Kg(allowed)} kg.";
        string zh = lost
            ? $"{Chinese(named)}收货方在{hours}小时内未上报收货，而其平时上报收货记录。"
            : $"{Chinese(named)}收货{Kg(shipment.ReceivedGrams)} kg，{(shipment.ReceivedGrams < shipment.SentGrams ? "短少" : "多出")}{Kg(Math.Abs(shipment.ReceivedGrams - shipment.SentGrams))} kg；计量误差为{Kg(allowed)} kg。";
        IReadOnlyList<NamedShipment> others = [.. trouble.Named.Where(other => !other.IsOf(shipment))];
        if (others.Count > 0)
        {
            en += $" Also: {string.Join("; ", others.Select(ShortEnglish))}.";
            zh += $"另有：{string.Join("；", others.Select(ShortEnglish))}。";
        }

        en += MoreEn(trouble.Count - others.Count - 1);
        zh += MoreZh(trouble.Count - others.Count - 1);
        return new Finding(
            KindOf(standing),
            lost ? rules.LostSeverity : rules.ShortSeverity,
            rules.Confidence,
            Model,
            new Explanation(en, zh),
            figures,
            lost ? $"received within {hours} h" : $"a difference of at most {Kg(allowed)} kg",
            rules.LegalSource);
    }

    public static Explanation Back(Shipment shipment) => new(
        $"Cleared: of waybill {shipment.Waybill} {shipment.Receiver} received {Kg(shipment.ReceivedGrams)} kg of {Kg(shipment.SentGrams)} kg.",
        $"已解除：运单{shipment.Waybill}，{shipment.Receiver}收货{Kg(shipment.ReceivedGrams)} kg，发货{Kg(shipment.SentGrams)} kg。");

    public static Finding Unpermitted(SubstancePermitRules rules, IReadOnlyList<UnpermittedReceiver> receivers)
    {
        // The newest stands last, and is what the warning was raised for.
        IEnumerable<UnpermittedReceiver> newest = receivers.Reverse();
        return new Finding(
            UnpermittedKind,
            rules.UnpermittedSeverity,
            rules.Confidence,
            PermitModel,
            new Explanation(
                string.Join(" ", newest.Select(it => $"{it.Substance} was sent to {it.Receiver} (waybill {it.Waybill}), which had no permit for it: {StorageWarning.StandingEn(it.Standing, it.Number, it.EdgeMs)}.")),
                string.Concat(newest.Select(it => $"向{it.Receiver}发送{it.Substance}（运单{it.Waybill}），对方无有效许可：{StorageWarning.StandingZh(it.Standing, it.Number, it.EdgeMs)}。"))),
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["receivers"] = receivers.Count },
            "a receiver with a valid permit for the substance",
            rules.LegalSource);
    }

    public static Explanation PermitBack(Shipment shipment) => new(
        $"Cleared: {shipment.Receiver} has a valid permit for {shipment.Substance}.",
        $"已解除：{shipment.Receiver}持有{shipment.Substance}的有效许可。");

    private static string English(in NamedShipment it) =>
        $"Waybill {it.Waybill}: {Kg(it.SentGrams)} kg of {it.Substance} sent to {it.Receiver} at {FigureText.Time(it.AtMs)}{(it.Plate.Length > 0 ? $" on {it.Plate}" : "")}.";

    private static string Chinese(in NamedShipment it) =>
        $"运单{it.Waybill}：{FigureText.Time(it.AtMs)}{(it.Plate.Length > 0 ? $"由{it.Plate}" : "")}向{it.Receiver}发送{it.Substance} {Kg(it.SentGrams)} kg。";

    private static string ShortEnglish(NamedShipment it) => $"{it.Waybill} {it.Substance} {Kg(it.ReceivedGrams)}/{Kg(it.SentGrams)} kg";
}
