namespace Streaming.Models.Ledgers;

/// <summary>What was received of a shipment, against what was shipped.</summary>
public enum ShipmentMatch : byte
{
    /// <summary>Nothing was received.</summary>
    Nothing = 0,

    /// <summary>As much as was shipped, within the error of the meters.</summary>
    Equal = 1,

    /// <summary>Less.</summary>
    Less = 2,

    /// <summary>More.</summary>
    More = 3,
}

/// <summary>When a shipment is lost, and when it came short. No figure was verified.</summary>
public sealed record ShipmentRules
{
    /// <summary>The receiver's line has so long from when the shipper's came in, hours: late lines accuse nobody. Not verified.</summary>
    public double ReceiveWithinHours { get; init; } = 48;

    /// <summary>Error of the two meters together, percent of what was shipped. Not verified.</summary>
    public double MeterErrorPct { get; init; } = 1;

    /// <summary>A difference up to this is none, kg. Not verified.</summary>
    public double FloorKg { get; init; } = 50;

    /// <summary>Severity of a lost shipment, 1 to 4.</summary>
    public int LostSeverity { get; init; } = 3;

    /// <summary>Severity of a shipment that came short, or with more than was shipped, 1 to 4.</summary>
    public int ShortSeverity { get; init; } = 2;

    /// <summary>How sure it is that what has no line was not received, 0 to 1. Not verified.</summary>
    public double Confidence { get; init; } = 0.8;

    /// <summary>Where the duty to account for a shipment comes from.</summary>
    public string LegalSource { get; init; } = "危险货物道路运输安全管理办法 Art. 24";

    /// <summary>The difference that is none, grams.</summary>
    public long AllowedGrams(long shippedGrams) => BalanceRules.MeterGrams(MeterErrorPct, FloorKg, shippedGrams);

    /// <summary>Compares what was shipped and what was received, both in grams.</summary>
    public ShipmentMatch Match(long shippedGrams, long receivedGrams)
    {
        long difference = receivedGrams - shippedGrams;
        return receivedGrams <= 0 ? ShipmentMatch.Nothing
            : Math.Abs(difference) <= AllowedGrams(shippedGrams) ? ShipmentMatch.Equal
            : difference < 0 ? ShipmentMatch.Less
            : ShipmentMatch.More;
    }

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(ReceiveWithinHours is > 0 and <= ModelLimits.LedgerHours))
        {
            yield return $"shipments.receiveWithinHours is {ReceiveWithinHours}; it must be above 0 and at most {ModelLimits.LedgerHours}.";
        }

        foreach (string problem in BalanceRules.MeterProblems("shipments", MeterErrorPct, FloorKg))
        {
            yield return problem;
        }

        if (LostSeverity is < 1 or > 4 || ShortSeverity is < 1 or > 4)
        {
            yield return $"shipments.lostSeverity and shortSeverity are {LostSeverity} and {ShortSeverity}; severities are 1 to 4.";
        }

        if (!(Confidence is > 0 and <= 1))
        {
            yield return $"shipments.confidence is {Confidence}; it must be above 0 and at most 1.";
        }

        if (string.IsNullOrWhiteSpace(LegalSource))
        {
            yield return "shipments.legalSource is empty: a warning has to cite where its limit comes from.";
        }
    }
}
