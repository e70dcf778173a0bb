using System.Security.Cryptography;

namespace Streaming.Grains.Rules;

/// <summary>
/// Limits, routing, workflows, calendars and model parameters of a city, as one immutable version. Changed only by a journaled message:
/// inputs before it are judged by the old version, later ones by the new.
/// </summary>
/// <remarks>
/// People keep it as a directory of JSON files; what is journaled is one canonical JSON text (<see cref="ToJson"/>), so that neither the files' layout
/// nor the order of their fields can make a replay differ. Both are read by the same validating code.
/// </remarks>
public sealed partial class Rulebook
{
    /// <summary>The department that gets what no rule names a department for, and what was returned.</summary>
    public const string CommandCentre = "command-centre";

    /// <summary>The workflow of what no rule names a workflow for.</summary>
    public const string SimpleWorkflow = "simple";

    private int version;
    private RulebookDecisions decisions = RulebookDecisions.None;
    private string? contentHash;

    /// <summary>Number of this version, from 1; 0 for a directory that the silo has not taken over yet.</summary>
    public int Version
    {
        get => version;
        init => version = value;
    }

    /// <summary>The city's name.</summary>
    public LocalName City { get; init; } = new("", "");

    /// <summary>The province of local plates: their first character, as <c>粤</c>.</summary>
    public string HomeProvince { get; init; } = "";

    public IReadOnlyList<District> Districts { get; init; } = [];

    public IReadOnlyList<Department> Departments { get; init; } = [];

    public IReadOnlyList<OutcomeCode> Outcomes { get; init; } = [];

    /// <summary>The responsibility matrix: the first rule that matches decides.</summary>
    public IReadOnlyList<RoutingRule> Routing { get; init; } = [];

    public IReadOnlyList<Workflow> Workflows { get; init; } = [];

    public WorkingCalendar Calendar { get; init; } = WorkingCalendar.WeekendsOnly;

    /// <summary>How many warnings of one cause become one case, and what holds warnings back.</summary>
    public StormRules Storms { get; init; } = new();

    /// <summary>What people decided over the API; none where it comes from files.</summary>
    public RulebookDecisions Decisions
    {
        get => decisions;
        init => decisions = value;
    }

    /// <summary>
    /// SHA-256 of the canonical JSON without its version number, in lower-case hexadecimal: equal exactly where two rulebooks say the same.
    /// </summary>
    public string ContentHash => contentHash ??= Convert.ToHexStringLower(SHA256.HashData(RulebookWriter.Write(this, version: 0)));

    /// <summary>
    /// Reads the rulebook's files from a directory; other files there are left alone. Null where there is a problem, and then <paramref name="problems"/> names every one found.
    /// </summary>
    public static Rulebook? Load(string directory, out IReadOnlyList<RulebookProblem> problems) =>
        RulebookFiles.Load(directory, out problems);

    /// <summary>Reads the rulebook from its files' texts by name (<c>routing.json</c>, ...); other names are left alone.</summary>
    public static Rulebook? Load(IReadOnlyDictionary<string, string> files, out IReadOnlyList<RulebookProblem> problems) =>
        RulebookFiles.Load(files, out problems);

    /// <summary>Names of a rulebook's files.</summary>
    public static IReadOnlyList<string> FileNames => RulebookFiles.Names;

    /// <summary>This rulebook with one of its files replaced by a text; null where there is a problem. Nothing is changed.</summary>
    /// <param name="file">One of <see cref="FileNames"/>.</param>
    /// <param name="text">What the file would say.</param>
    /// <param name="problems">Every problem found, in the file and between it and the rest.</param>
    public Rulebook? WithFile(string file, string text, out IReadOnlyList<RulebookProblem> problems) => RulebookFiles.Replace(this, file, text, out problems);

    /// <summary>Reads what <see cref="ToJson"/> wrote. Throws <see cref="InvalidDataException"/> where it does not hold: what is journaled was validated before.</summary>
    public static Rulebook Parse(ReadOnlySpan<byte> json) => RulebookFiles.Parse(json);

    /// <summary>The canonical form: the same rulebook gives the same bytes everywhere.</summary>
    public byte[] ToJson() => RulebookWriter.Write(this, version);

    /// <summary>Everything that is in force, also what no file says and is as it is shipped.</summary>
    public byte[] ToWholeJson() => RulebookWriter.Write(this, version, whole: true);

    /// <summary>The same content under another number.</summary>
    public Rulebook WithVersion(int number)
    {
        Rulebook copy = (Rulebook)MemberwiseClone();
        copy.version = number;
        return copy;
    }

    /// <summary>The same files' content with other decisions. What does not hold between the two is in <see cref="Check"/>.</summary>
    public Rulebook With(RulebookDecisions decided)
    {
        Rulebook copy = (Rulebook)MemberwiseClone();
        copy.decisions = decided;
        copy.contentHash = null;
        copy.judges = null;
        return copy;
    }

    /// <summary>Every problem between the parts of it: what one names and another does not have. Each part for itself was checked when it was read.</summary>
    public IReadOnlyList<RulebookProblem> Check()
    {
        List<RulebookProblem> problems = [];
        RulebookReferences.Check(this, problems);
        return problems;
    }

    /// <summary>Reads one rule of the responsibility matrix, as <c>routing.json</c> has them. Null where there is a problem, and then <paramref name="problems"/> names every one found.</summary>
    /// <param name="json">One JSON object.</param>
    /// <param name="problems">Empty where the rule holds by itself; whether what it names exists is seen in the rulebook (<see cref="Check"/>).</param>
    public static RoutingRule? ReadRoutingRule(string json, out IReadOnlyList<RulebookProblem> problems) => RulebookFiles.ReadRoutingRule(json, out problems);

    public bool HasDepartment(string id) => Departments.Any(department => department.Id == id);

    public bool HasDistrict(string id) => Districts.Any(district => district.Id == id);

    /// <summary>The workflow of this id, or null.</summary>
    public Workflow? FindWorkflow(string id) => Workflows.FirstOrDefault(workflow => workflow.Id == id);

    /// <summary>Name of a department in both languages; its id where the rulebook does not know it.</summary>
    public LocalName DepartmentName(string id) => Departments.FirstOrDefault(department => department.Id == id)?.Name ?? new LocalName(id, id);

    /// <summary>Name of a district or street in both languages; its id where the rulebook does not know it.</summary>
    public LocalName DistrictName(string id) => Districts.FirstOrDefault(district => district.Id == id)?.Name ?? new LocalName(id, id);
}
