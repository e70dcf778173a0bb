using Streaming.Models.Driving;
using Streaming.Models.Enterprises;
using Streaming.Models.Evasion;
using Streaming.Models.Learned;
using Streaming.Models.Ledgers;
using Streaming.Models.Limits;
using Streaming.Models.Reports;
using Streaming.Models.Sources;
using Streaming.Models.Tanks;
using Streaming.Models.Vehicles;
using Streaming.Models.Video;

namespace Streaming.Grains.Rules;

/// <summary>What the subjects' warnings are judged by. Every figure has the shipped default until a city sets its own.</summary>
public sealed partial class Rulebook
{
    /// <summary>Gross limits of the road.</summary>
    public RoadLimits RoadLimits { get; init; } = new();

    /// <summary>The rated loads of vehicles.</summary>
    public RatedLoads RatedLoads { get; init; } = new();

    /// <summary>When a vehicle is taken to have evaded being weighed.</summary>
    public EvasionRules Evasion { get; init; } = new();

    /// <summary>The learned models that judge.</summary>
    public LearnedRules Learned { get; init; } = new();

    /// <summary>When a ledger and what is stored differ.</summary>
    public BalanceRules Balances { get; init; } = new();

    /// <summary>When a shipment is lost or came short.</summary>
    public ShipmentRules Shipments { get; init; } = new();

    /// <summary>Grades of major hazards, and which are warned of.</summary>
    public MajorHazardRules MajorHazards { get; init; } = new();

    /// <summary>Warnings by the permits of enterprises for substances.</summary>
    public SubstancePermitRules SubstancePermits { get; init; } = new();

    /// <summary>Warnings about enterprises beside their tanks, ledgers and stocks.</summary>
    public EnterpriseRules Enterprises { get; init; } = new();

    /// <summary>Warnings about sources themselves.</summary>
    public SourceRules Sources { get; init; } = new();

    /// <summary>Limits of tanks, of trucks and plants.</summary>
    public TankLimits TankLimits { get; init; } = new();

    /// <summary>When a tank is said to be heading for its limits.</summary>
    public TankForecasts TankForecasts { get; init; } = new();

    /// <summary>When a tank is said to behave unusually.</summary>
    public TankAnomalies TankAnomalies { get; init; } = new();

    /// <summary>When a truck is said to unload outside an unloading place.</summary>
    public UnloadingRules Unloading { get; init; } = new();

    /// <summary>What trucks are held to by their waybills.</summary>
    public WaybillRules Waybills { get; init; } = new();

    /// <summary>Rules on what cameras see.</summary>
    public VideoRules VideoRules { get; init; } = new();

    /// <summary>When a plate is on two vehicles.</summary>
    public ClonedPlates ClonedPlates { get; init; } = new();

    /// <summary>What vehicles are held to on the road.</summary>
    public VehicleRules Vehicles { get; init; } = new();

    /// <summary>When reports are about one event.</summary>
    public MergingRules Merging { get; init; } = new();

    /// <summary>When actors are forgotten.</summary>
    public ExpiryRules Expiry { get; init; } = new();

    /// <summary>Whose word counts where several sources speak of one subject of a register.</summary>
    public RegisterRules Registers { get; init; } = new();

    /// <summary>What supervision counts as hasty.</summary>
    public SupervisionRules Supervision { get; init; } = new();

    /// <summary>
    /// A plate read with less confidence names no vehicle, 0 to 1000 per mille: it creates none and accuses none, whether a station or a camera read it. Not verified. Decoding goes by the rulebook in force and leaves such a
    /// reading with its source, which counts it; a vehicle looks once more, by the rulebook in force at its turn.
    /// </summary>
    public int MinimumPlatePermille { get; init; } = 600;

    /// <summary>A reading that comes in later than this after it was taken, in seconds, raises no live alert.</summary>
    public int LateAfterS { get; init; } = 600;

    /// <summary>The models that this version names, found once.</summary>
    public ModelsInForce Judges => judges ??= ModelsInForce.Of(Learned, TankAnomalies, Decisions.Models);

    private ModelsInForce? judges;

    /// <summary>The same rulebook with other models, for who listens to what is scored. It says nothing of them.</summary>
    public Rulebook WithJudges(ModelsInForce models)
    {
        Rulebook copy = (Rulebook)MemberwiseClone();
        copy.judges = models;
        return copy;
    }

    /// <summary>What is wrong with the sections on subjects, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> SubjectProblems()
    {
        foreach (string problem in (RoadLimits?.Problems() ?? ["roadLimits is null."])
            .Concat(RatedLoads?.Problems() ?? ["ratedLoads is null."])
            .Concat(Evasion?.Problems() ?? ["evasion is null."])
            .Concat(Learned?.Problems() ?? ["learned is null."])
            .Concat(Balances?.Problems() ?? ["balances is null."])
            .Concat(Shipments?.Problems() ?? ["shipments is null."])
            .Concat(MajorHazards?.Problems() ?? ["majorHazards is null."])
            .Concat(SubstancePermits?.Problems() ?? ["substancePermits is null."])
            .Concat(Enterprises?.Problems() ?? ["enterprises is null."])
            .Concat(Sources?.Problems() ?? ["sources is null."])
            .Concat(TankLimits?.Problems() ?? ["tankLimits is null."])
            .Concat(TankForecasts?.Problems() ?? ["tankForecasts is null."])
            .Concat(TankAnomalies?.Problems() ?? ["tankAnomalies is null."])
            .Concat(Unloading?.Problems() ?? ["unloading is null."])
            .Concat(Waybills?.Problems() ?? ["waybills is null."])
            .Concat(VideoRules?.Problems() ?? ["video is null."])
            .Concat(ClonedPlates?.Problems() ?? ["clonedPlates is null."])
            .Concat(Vehicles?.Problems() ?? ["vehicles is null."])
            .Concat(Merging?.Problems() ?? ["merging is null."])
            .Concat(Expiry?.Problems() ?? ["expiry is null."])
            .Concat(Registers?.Problems() ?? ["registers is null."])
            .Concat(Supervision?.Problems() ?? ["supervision is null."])
            .Concat(Decisions.Models.Problems()))
        {
            yield return problem;
        }

        if (MinimumPlatePermille is < 0 or > 1000)
        {
            yield return $"minimumPlatePermille is {MinimumPlatePermille}; it must be 0 to 1000.";
        }

        for (int i = 0; i < Evasion?.Watches?.Count; i++)
        {
            // It is known only after that time that nothing was weighed: the sighting would always be late by then.
            if (Evasion.Watches[i]?.WithinS >= LateAfterS)
            {
                yield return $"evasion.watches[{i}].withinS is {Evasion.Watches[i].WithinS}; it must be below lateAfterS, {LateAfterS}, or its warnings would never be live.";
            }
        }

        if (LateAfterS is < 1 or > Models.ModelLimits.RuleSeconds)
        {
            yield return $"lateAfterS is {LateAfterS}; it must be 1 to {Models.ModelLimits.RuleSeconds}.";
        }
    }
}
