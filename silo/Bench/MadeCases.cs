using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Bench;

/// <summary>
/// Cases with their warnings and work orders, as their actors would have shown them: over the days that lists keep, spread over districts and streets, kinds, severities, departments and states as a city's are, a few of each taking most of it. The same number gives the same case.
/// </summary>
internal sealed class MadeCases
{
    /// <summary>Days over which the cases are spread.</summary>
    public const int Days = 390;

    /// <summary>Of a hundred, those that are still open: the newest. Configuration of the measurement.</summary>
    private const int OpenPercent = 3;

    /// <summary>Hours that each has. Configuration of the measurement.</summary>
    private const int DeadlineHours = 48;

    /// <summary>Kinds by how many of a hundred cases they make.</summary>
    public static readonly (string Kind, int Percent)[] Kinds =
    [
        ("over-road-limit", 46), ("over-rated-load", 14), ("evasion", 8), ("tank-over-limit", 6), ("valve-open", 4), ("forbidden-zone", 4), ("speeding", 4), ("street-stall", 3), ("illegal-parking", 3), ("expired-permit", 2),
        ("storage-over-permit", 2), ("shipment-lost", 1), ("cloned-plate", 1), ("driving-time", 1), ("source-silent", 1),
    ];

    private static readonly string[] Provinces = ["粤", "粤", "粤", "粤", "粤", "湘", "桂", "赣", "闽", "冀"];
    private readonly Rulebook rules;
    private readonly long nowMs;
    private readonly int count;

    /// <param name="rules">Whose districts and departments the cases are of.</param>
    /// <param name="nowMs">When the newest was opened, ms since 1970.</param>
    /// <param name="count">How many there are; further ones are opened from then on, ten a second.</param>
    public MadeCases(Rulebook rules, long nowMs, int count)
    {
        this.rules = rules;
        this.nowMs = nowMs;
        this.count = count;
        Districts = [.. rules.Districts.SelectMany(district => DistrictPath.IsStreet(district.Id) ? [district.Id] : new[] { district.Id, $"{district.Id}.dock", $"{district.Id}.market", $"{district.Id}.north" }).Distinct()];
    }

    /// <summary>Districts and streets; the first has most cases.</summary>
    public IReadOnlyList<string> Districts { get; }

    public string District(int number) => Districts[Skewed(number, 11, Districts.Count)];

    public static string Kind(int number)
    {
        int left = Draw(number, 12, 100);
        foreach ((string kind, int percent) in Kinds)
        {
            left -= percent;
            if (left < 0)
            {
                return kind;
            }
        }

        return Kinds[0].Kind;
    }

    public static string Subject(int number) => $"{Provinces[Draw(number, 13, Provinces.Length)]}{(char)('A' + Draw(number, 14, 26))}{Draw(number, 15, 20_000):D5}-yellow";

    public static string Person(int number) => $"{(char)('a' + Draw(number, 44, 26))}.wang-{Draw(number, 45, 40)}";

    public string CaseId(int number) => $"{DistrictPath.DistrictOf(District(number))}-{number + 1}";

    /// <summary>Writes a case's records: its warning, its work orders as issued and as they are now, itself. Returns how many.</summary>
    public int Write(ByteWriter writer, int number)
    {
        long openedMs = number < count ? nowMs - ((long)(count - number) * Days * 86_400_000 / count) : nowMs + ((number - count) * 100L);
        bool open = number >= count * (100 - OpenPercent) / 100;
        DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(openedMs);
        (string subject, string kind, string district) = (Subject(number), Kind(number), District(number));
        int severity = 1 + Skewed(number, 16, 4);
        string id = CaseId(number);
        RoutingDecision route = rules.Route(kind, district, severity, subject[..1], openedMs);
        Evidence evidence = new(
            [new CitedReading($"S{Draw(number, 17, 51):D2}", $"r-{number}", at, $"https://pictures.example/{number}.jpg", new string('a', 64))],
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["grossKg"] = 40_000 + Draw(number, 18, 30_000), ["limitKg"] = 49_000, ["overPct"] = Draw(number, 19, 90) },
            "49,000 kg", "超限运输车辆行驶公路管理规定 Art. 3");
        Warning warning = new($"{subject}/{kind}/{number}", subject, "vehicle", kind, severity, 0.97, "road-limit/1", 1, district, at, at, 1, open, true, new Explanation($"{subject} was weighed over the limit of its axles.", $"{subject}超限。"), evidence) { Case = open ? null : id };
        int records = Show(writer, View.Warnings, warning.Id, warning);

        // A quarter of the warnings are of subjects that are caught more than once, and of no case of their own.
        if (number % 4 == 0)
        {
            string again = $"{subject}/{kind}/{number}b";
            records += Show(writer, View.Warnings, again, warning with { Id = again, Open = false });
        }

        string[] departments = [route.Lead, .. route.CoHandlers];
        WorkOrderRow[] orders = new WorkOrderRow[departments.Length];
        for (int i = 0; i < departments.Length; i++)
        {
            string state = open ? (Draw(number, 20 + i, 3) switch { 0 => "accepted", 1 => "parked", _ => "issued" }) : Draw(number, 30 + i, 12) == 0 ? "returned" : "completed";
            WorkOrderRow issued = new(
                string.Create(CultureInfo.InvariantCulture, $"{id}-w{i + 1}"), id, departments[i], district, i == 0 ? "lead" : "co-handler", "review", "issued", subject, kind, severity, at, at.AddHours(DeadlineHours), false, null, null, null, ["accept", "return", "complete"]);
            records += Show(writer, View.WorkOrders, issued.Id, issued);
            bool late = open ? state != "parked" && openedMs + (DeadlineHours * 3_600_000L) < nowMs : Draw(number, 43 + i, 10) == 0;
            orders[i] = state == "issued" ? issued with { Overdue = late } : issued with { Overdue = late, Assignee = Draw(number, 46 + i, 3) == 0 ? Person(number) : null, State = state, AcceptedBy = $"desk-{Draw(number, 41, 40)}", Outcome = state == "completed" ? "penalty" : null, Allowed = ["comment"], Note = "Weighed again on the static scale; the driver was heard and has signed." };
            if (state != "issued" || late)
            {
                records += Show(writer, View.WorkOrders, issued.Id, orders[i]);
            }
        }

        HistoryEntry[] history = [.. Enumerable.Range(0, 5).Select(i => new HistoryEntry(at.AddHours(i), "comment", "desk-3", "The driver was asked for the waybill, and the loading site for its record of the weighing.", orders[0].Id))];
        CaseRow row = new(
            id, subject, "vehicle", kind, district, open ? "open" : Draw(number, 42, 5) == 0 ? "archived" : "closed", "review", route.Workflow, severity, 0.97, route.Lead, departments, at, at.AddHours(DeadlineHours), open && Array.Exists(orders, order => order.Overdue), open ? null : "penalty", 1, orders, history, warning, route.Reason);
        return records + Show(writer, View.Cases, id, row);
    }

    /// <summary>Writes one shown row as the journal has it.</summary>
    public static int Show<T>(ByteWriter writer, View view, string key, T row)
    {
        int start = Record.Begin(writer, InputKind.Shown, 0);
        new Cause(1, 1, 0).Write(writer);
        writer.WriteByte((byte)view);
        writer.WriteText(key);
        writer.WriteRaw(JsonSerializer.SerializeToUtf8Bytes(row, (JsonTypeInfo<T>)GrainsJson.Default.GetTypeInfo(typeof(T))!));
        Record.End(writer, start);
        return 1;
    }

    /// <summary>A number below <paramref name="below"/>, the same for the same case and purpose.</summary>
    public static int Draw(int number, int purpose, int below)
    {
        ulong mixed = ((ulong)number * 0x9E37_79B9_7F4A_7C15) ^ ((ulong)purpose * 0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return (int)((mixed ^ (mixed >> 31)) % (ulong)below);
    }

    /// <summary>As <see cref="Draw"/>, smaller numbers more often.</summary>
    private static int Skewed(int number, int purpose, int below) => Math.Min(Draw(number, purpose, below), Draw(number, purpose + 100, below));
}
