using Streaming.Models.Ledgers;
using Streaming.Models.Limits;
using Streaming.Models.Tanks;
using Streaming.Models.Video;

namespace Streaming.Grains.Rules;

/// <summary>What the subjects' warnings are judged by. Every figure has the shipped default until a city sets its own.</summary>
public sealed partial class Rulebook
{
    /// <summary>Gross limits of the road.</summary>
    public RoadLimits RoadLimits { get; init; } = new();

    /// <summary>The rated loads of vehicles.</summary>
    public RatedLoads RatedLoads { get; init; } = new();

    /// <summary>When a ledger and what is stored differ.</summary>
    public BalanceRules Balances { get; init; } = new();

    /// <summary>When a shipment is lost or came short.</summary>
    public ShipmentRules Shipments { get; init; } = new();

    /// <summary>Grades of major hazards, and which are warned of.</summary>
    public MajorHazardRules MajorHazards { get; init; } = new();

    /// <summary>Warnings by the permits of enterprises for substances.</summary>
    public SubstancePermitRules SubstancePermits { get; init; } = new();

    /// <summary>Limits of tanks, of trucks and plants.</summary>
    public TankLimits TankLimits { get; init; } = new();

    /// <summary>Rules on what cameras see.</summary>
    public VideoRules VideoRules { get; init; } = new();

    /// <summary>When actors are forgotten.</summary>
    public ExpiryRules Expiry { get; init; } = new();

    /// <summary>Whose word counts where several sources speak of one subject of a register.</summary>
    public RegisterRules Registers { get; init; } = new();

    /// <summary>
    /// A plate read with less confidence names no vehicle, 0 to 1000 per mille: it creates none and accuses none, whether a station or a camera read it. Not verified. Decoding goes by the rulebook in force and leaves such a
    /// reading with its source, which counts it; a vehicle looks once more, by the rulebook in force at its turn.
    /// </summary>
    public int MinimumPlatePermille { get; init; } = 600;

    /// <summary>A reading that comes in later than this after it was taken, in seconds, raises no live alert.</summary>
    public int LateAfterS { get; init; } = 600;

    /// <summary>What is wrong with the sections on subjects, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> SubjectProblems()
    {
        foreach (string problem in (RoadLimits?.Problems() ?? ["roadLimits is null."])
            .Concat(RatedLoads?.Problems() ?? ["ratedLoads is null."])
            .Concat(Balances?.Problems() ?? ["balances is null."])
            .Concat(Shipments?.Problems() ?? ["shipments is null."])
            .Concat(MajorHazards?.Problems() ?? ["majorHazards is null."])
            .Concat(SubstancePermits?.Problems() ?? ["substancePermits is null."])
            .Concat(TankLimits?.Problems() ?? ["tankLimits is null."])
            .Concat(VideoRules?.Problems() ?? ["video is null."])
            .Concat(Expiry?.Problems() ?? ["expiry is null."])
            .Concat(Registers?.Problems() ?? ["registers is null."]))
        {
            yield return problem;
        }

        if (MinimumPlatePermille is < 0 or > 1000)
        {
            yield return $"minimumPlatePermille is {MinimumPlatePermille}; it must be 0 to 1000.";
        }

        if (LateAfterS is < 1 or > Models.ModelLimits.RuleSeconds)
        {
            yield return $"lateAfterS is {LateAfterS}; it must be 1 to {Models.ModelLimits.RuleSeconds}.";
        }
    }
}
