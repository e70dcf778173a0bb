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

/// <summary>Reads the sections of a rulebook, whichever file they stand in, and puts them together.</summary>
internal sealed class RulebookSections
{
    private LocalName city = new("", "");
    private string homeProvince = "";
    private District[] districts = [];
    private Department[] departments = [];
    private OutcomeCode[] outcomes = [];
    private Workflow[] workflows = [];
    private RoutingRule[] routing = [];
    private WorkingCalendar calendar = WorkingCalendar.WeekendsOnly;

    private RoadLimits roadLimits = new();
    private RatedLoads ratedLoads = new();
    private EvasionRules evasion = new();
    private LearnedRules learned = new();
    private BalanceRules balances = new();
    private ShipmentRules shipments = new();
    private MajorHazardRules majorHazards = new();
    private SubstancePermitRules substancePermits = new();
    private EnterpriseRules enterprises = new();
    private SourceRules sources = new();
    private TankLimits tankLimits = new();
    private TankForecasts tankForecasts = new();
    private TankAnomalies tankAnomalies = new();
    private UnloadingRules unloading = new();
    private WaybillRules waybills = new();
    private VideoRules videoRules = new();
    private ClonedPlates clonedPlates = new();
    private VehicleRules vehicles = new();
    private MergingRules merging = new();
    private ExpiryRules expiry = new();
    private RegisterRules registers = new();
    private StormRules storms = new();
    private SupervisionRules supervision = new();
    private int minimumPlatePermille = Defaults.MinimumPlatePermille;
    private int lateAfterS = Defaults.LateAfterS;
    private RulebookDecisions decisions = RulebookDecisions.None;

    private static Rulebook Defaults { get; } = new();

    public Rulebook Build(int version) => new()
    {
        Version = version,
        City = city,
        HomeProvince = homeProvince,
        Districts = districts,
        Departments = departments,
        Outcomes = outcomes,
        Routing = routing,
        Workflows = workflows,
        Calendar = calendar,
        RoadLimits = roadLimits,
        RatedLoads = ratedLoads,
        Evasion = evasion,
        Learned = learned,
        Balances = balances,
        Shipments = shipments,
        MajorHazards = majorHazards,
        SubstancePermits = substancePermits,
        Enterprises = enterprises,
        Sources = sources,
        TankLimits = tankLimits,
        TankForecasts = tankForecasts,
        TankAnomalies = tankAnomalies,
        Unloading = unloading,
        Waybills = waybills,
        VideoRules = videoRules,
        ClonedPlates = clonedPlates,
        Vehicles = vehicles,
        Merging = merging,
        Expiry = expiry,
        Registers = registers,
        Storms = storms,
        Supervision = supervision,
        MinimumPlatePermille = minimumPlatePermille,
        LateAfterS = lateAfterS,
        Decisions = decisions,
    };

    public void ReadDistricts(RuleReader reader)
    {
        city = Name(reader, "city");
        homeProvince = reader.Text("homeProvince");
        districts = ReadList(reader, "districts", item => new District(item.DistrictId("id"), Name(item, "name")), district => district.Id);
    }

    public void ReadDepartments(RuleReader reader)
    {
        departments = ReadList(
            reader,
            "departments",
            item => new Department(Unreserved(item, Stage.LeadDepartment, Stage.RoutedCoHandlers), Name(item, "name")),
            department => department.Id);
        if (departments.Length > GrainLimits.Departments)
        {
            reader.Problem("departments", $"{departments.Length} departments", $"at most {GrainLimits.Departments}", "A department has a feed for each district; it need not be several departments.");
        }
    }

    public void ReadWorkflows(RuleReader reader)
    {
        outcomes = ReadList(
            reader,
            "outcomes",
            item => new OutcomeCode(item.Id("code"), Name(item, "name"), item.Flag("result", otherwise: true), item.Has("found") ? item.Flag("found", otherwise: false) : null),
            outcome => outcome.Code,
            idField: "code");
        workflows = ReadList(reader, "workflows", ReadWorkflow, workflow => workflow.Id);
    }

    public void ReadRouting(RuleReader reader)
    {
        routing = ReadList(reader, "rules", ReadRule, rule => rule.Name, idField: "name");
        storms = SectionReader.Read(reader, "storms", storms);
    }

    public void ReadCalendar(RuleReader reader)
    {
        RuleReader item = reader.Object("calendar");
        int offset = item.Number("utcOffsetMinutes", -12 * 60, 14 * 60);
        List<DayOfWeek> weekend = [];
        string[] names = item.Texts("weekend");
        for (int i = 0; i < names.Length; i++)
        {
            int day = Array.IndexOf(WeekendConverter.Names, names[i]);
            if (day < 0)
            {
                item.Problem($"weekend[{i}]", $"\"{names[i]}\"", "one of " + string.Join(", ", WeekendConverter.Names), "Use the English name of the day in lower case.");
            }
            else
            {
                weekend.Add((DayOfWeek)day);
            }
        }

        if (weekend.Count == 7)
        {
            item.Problem("weekend", "all seven days", "at least one working day", "A limit in working hours would never end; remove a day.");
        }

        List<Holiday> holidays = [];
        foreach (RuleReader holiday in item.Objects("holidays", required: false))
        {
            Holiday read = new(Name(holiday, "name"), holiday.Day("from"), holiday.Day("to"));
            if (read.To < read.From || read.To.DayNumber - read.From.DayNumber > GrainLimits.HolidayDays)
            {
                holiday.Problem("to", $"{read.To:yyyy-MM-dd}", $"a day from {read.From:yyyy-MM-dd} to {GrainLimits.HolidayDays} days later", "Correct the holiday's first or last day.");
            }

            holiday.Done();
            holidays.Add(read);
        }

        calendar = new WorkingCalendar(offset, [.. weekend], [.. holidays], item.Days("workedDays"));
        item.Done();
    }

    public void ReadLimits(RuleReader reader)
    {
        roadLimits = SectionReader.Read(reader, "roadLimits", roadLimits);
        ratedLoads = SectionReader.Read(reader, "ratedLoads", ratedLoads);
        evasion = SectionReader.Read(reader, "evasion", evasion);
        learned = SectionReader.Read(reader, "learned", learned);
        balances = SectionReader.Read(reader, "balances", balances);
        shipments = SectionReader.Read(reader, "shipments", shipments);
        majorHazards = SectionReader.Read(reader, "majorHazards", majorHazards);
        substancePermits = SectionReader.Read(reader, "substancePermits", substancePermits);
        enterprises = SectionReader.Read(reader, "enterprises", enterprises);
        sources = SectionReader.Read(reader, "sources", sources);
        tankLimits = SectionReader.Read(reader, "tankLimits", tankLimits);
        tankForecasts = SectionReader.Read(reader, "tankForecasts", tankForecasts);
        tankAnomalies = SectionReader.Read(reader, "tankAnomalies", tankAnomalies);
        unloading = SectionReader.Read(reader, "unloading", unloading);
        waybills = SectionReader.Read(reader, "waybills", waybills);
        videoRules = SectionReader.Read(reader, "video", videoRules);
        clonedPlates = SectionReader.Read(reader, "clonedPlates", clonedPlates);
        vehicles = SectionReader.Read(reader, "vehicles", vehicles);
        merging = SectionReader.Read(reader, "merging", merging);
        expiry = SectionReader.Read(reader, "expiry", expiry);
        registers = SectionReader.Read(reader, "registers", registers);
        supervision = SectionReader.Read(reader, "supervision", supervision);
        minimumPlatePermille = reader.OptionalNumber("minimumPlatePermille", 0, 1000) ?? minimumPlatePermille;
        lateAfterS = reader.OptionalNumber("lateAfterS", 1, Models.ModelLimits.RuleSeconds) ?? lateAfterS;
    }

    /// <summary>What was decided over the API: in the canonical text only, never in files.</summary>
    public void ReadDecisions(RuleReader reader)
    {
        if (reader.OptionalObject("decisions") is { } decided)
        {
            decisions = new RulebookDecisions
            {
                Routing = ReadList(decided, "routing", ReadDecidedRule, decision => decision.Rule.Name, idField: "rule.name", required: false),
                Models = SectionReader.Read(decided, "models", ModelDecisions.None),
                Scenes = SectionReader.Read<SceneRule[]>(decided, "scenes", []),
                Silences = SectionReader.Read<Silence[]>(decided, "silences", []),
                DismissedOffers = SectionReader.Read<DismissedOffer[]>(decided, "dismissedOffers", []),
            };
            decided.Done();
        }
    }

    private static DecidedRule ReadDecidedRule(RuleReader reader)
    {
        RuleReader rule = reader.Object("rule");
        DecidedRule read = new(ReadRule(rule), reader.Text("by"), reader.Instant("at"), reader.Text("reason"));
        rule.Done();
        return read;
    }

    private static Workflow ReadWorkflow(RuleReader reader)
    {
        string id = reader.Id("id");
        LocalName name = Name(reader, "name");
        Stage[] stages = ReadList(reader, "stages", ReadStage, stage => stage.Id);
        if (stages.Length is 0 or > GrainLimits.StagesPerWorkflow)
        {
            reader.Problem("stages", $"{stages.Length} stages", $"1 to {GrainLimits.StagesPerWorkflow}", "A workflow needs at least one stage, and people need to see where they are.");
        }

        return new Workflow(id, name, stages);
    }

    private static Stage ReadStage(RuleReader reader)
    {
        Stage stage = new(
            Unreserved(reader, Stage.Close),
            Name(reader, "name"),
            reader.Text("department"),
            reader.Texts("coHandlers", required: false),
            reader.Flag("jointSignOff", otherwise: false),
            ReadDeadline(reader.OptionalObject("deadline")),
            ReadDeadline(reader.OptionalObject("coHandlerDeadline")),
            [.. ReadOutcomes(reader)],
            reader.OptionalText("defaultOutcome"),
            reader.Texts("coHandlerOutcomes", required: false),
            ReadOverdue(reader.Object("overdue")),
            ReadNotice(reader.OptionalObject("notice")),
            ReadDeadline(reader.OptionalObject("acceptWithin")),
            reader.OptionalText("onReturn"),
            reader.OptionalText("onLapse"),
            ReadRecord(reader));
        if (stage.Outcomes.Length == 0)
        {
            reader.Problem("outcomes", "an empty list", "at least one outcome", "Without an outcome the stage could never end.");
        }

        CheckCoHandlers(reader, stage.CoHandlers);
        return stage;
    }

    private static RecordField[]? ReadRecord(RuleReader reader)
    {
        if (!reader.Has("record"))
        {
            return null;
        }

        RecordField[] record = ReadList(
            reader,
            "record",
            field => new RecordField(field.Id("id"), Name(field, "name"), field.Has("choices") ? field.Texts("choices") : null, field.Has("outcomes") ? field.Texts("outcomes") : null),
            field => field.Id);
        if (record.Length > GrainLimits.RecordFields)
        {
            reader.Problem("record", $"{record.Length} fields", $"at most {GrainLimits.RecordFields}", "Ask what somebody reads.");
        }

        return record;
    }

    private static List<StageOutcome> ReadOutcomes(RuleReader reader)
    {
        List<StageOutcome> outcomes = [];
        foreach (RuleReader item in reader.Objects("outcomes"))
        {
            StageOutcome outcome = new(item.Text("code"), item.Text("next"));
            item.Done();
            if (outcomes.Exists(other => other.Code == outcome.Code))
            {
                item.Problem("code", $"\"{outcome.Code}\" again", "each code once in a stage", "Remove one of the two.");
            }

            outcomes.Add(outcome);
        }

        return outcomes;
    }

    private static Deadline? ReadDeadline(RuleReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        Deadline deadline = new(
            reader.Number("hours", 1, GrainLimits.DeadlineHours),
            reader.Choice("calendar", "clock", "working") == "working" ? DeadlineCalendar.Working : DeadlineCalendar.Clock,
            reader.Choice("from", "stage", "capture") == "capture" ? DeadlineStart.Capture : DeadlineStart.Stage);
        reader.Done();
        return deadline;
    }

    private static StageNotice? ReadNotice(RuleReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        StageNotice notice = new(reader.Number("answerHours", 1, GrainLimits.MostNoticeAnswerHours), reader.Has("text") ? Name(reader, "text") : null);
        reader.Done();
        return notice;
    }

    private static OverduePolicy ReadOverdue(RuleReader reader)
    {
        OverduePolicy policy = new(
            reader.Number("urgeEveryHours", 1, GrainLimits.DeadlineHours),
            reader.Number("escalateAfterHours", 1, GrainLimits.DeadlineHours),
            reader.OptionalNumber("warnBeforeHours", 1, GrainLimits.DeadlineHours));
        reader.Done();
        return policy;
    }

    public static RoutingRule ReadRule(RuleReader reader)
    {
        RoutingRule rule = new(
            reader.Id("name"),
            reader.Texts("kinds", required: false),
            reader.Texts("districts", required: false),
            reader.OptionalNumber("minSeverity", 1, 4) ?? 1,
            reader.Texts("homeProvinces", required: false),
            reader.Text("lead"),
            reader.Texts("coHandlers", required: false),
            reader.Text("workflow"),
            reader.Flag("opensWhenLate", otherwise: false))
        {
            Hours = reader.Has("hours") ? [.. reader.Objects("hours").Select(ReadHours)] : null,
            OfferedTo = reader.Has("offeredTo") ? reader.Texts("offeredTo") : null,
        };
        for (int i = 0; i < rule.Kinds.Length; i++)
        {
            if (rule.Kinds[i].AsSpan(0, rule.Kinds[i].Length - 1).Contains('*'))
            {
                reader.Problem($"kinds[{i}]", $"\"{rule.Kinds[i]}\"", "a kind, or its beginning with one * at the end", "Move the * to the end.");
            }
        }

        CheckCoHandlers(reader, rule.CoHandlers);
        if (rule.Hours?.Length > GrainLimits.DutySpans)
        {
            reader.Problem("hours", $"{rule.Hours.Length} spans", $"at most {GrainLimits.DutySpans}", "Write two rules.");
        }

        if (rule.OfferedTo?.Length > GrainLimits.CoHandlers)
        {
            reader.Problem("offeredTo", $"{rule.OfferedTo.Length} departments", $"at most {GrainLimits.CoHandlers}", "Name those whose work it may be.");
        }

        return rule;
    }

    private static DutyHours ReadHours(RuleReader reader)
    {
        DutyHours hours = new(reader.Number("from", 0, 23), reader.Number("to", 1, 24), !reader.Has("days") ? DutyDays.Any : reader.Choice("days", "any", "working", "off") switch { "working" => DutyDays.Working, "off" => DutyDays.Off, _ => DutyDays.Any });
        reader.Done();
        return hours;
    }

    /// <summary>An id that is none of the words which stand for something else where ids are used.</summary>
    private static string Unreserved(RuleReader reader, params string[] words)
    {
        string id = reader.Id("id");
        if (Array.IndexOf(words, id) >= 0)
        {
            reader.Problem("id", $"\"{id}\"", "an id other than " + string.Join(" and ", words), "The word has a meaning of its own in workflows; choose another.");
        }

        return id;
    }

    private static void CheckCoHandlers(RuleReader reader, string[] coHandlers)
    {
        if (coHandlers.Length > GrainLimits.CoHandlers)
        {
            reader.Problem("coHandlers", $"{coHandlers.Length} departments", $"at most {GrainLimits.CoHandlers}", "Name those who have work to do; the others can read the case.");
        }
    }

    private static LocalName Name(RuleReader reader, string field)
    {
        RuleReader item = reader.Object(field);
        LocalName name = new(item.Text("en"), item.Text("zh"));
        item.Done();
        return name;
    }

    private static T[] ReadList<T>(RuleReader reader, string field, Func<RuleReader, T> read, Func<T, string> idOf, string idField = "id", bool required = true)
    {
        List<T> items = [];
        foreach (RuleReader item in reader.Objects(field, required))
        {
            T value = read(item);
            item.Done();
            if (items.Exists(other => idOf(other) == idOf(value)) && idOf(value).Length > 0)
            {
                item.Problem(idField, $"\"{idOf(value)}\" again", "each once", "Rename or remove one of the two.");
            }

            items.Add(value);
        }

        return [.. items];
    }
}
