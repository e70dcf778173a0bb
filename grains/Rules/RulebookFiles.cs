using System.Text;
using System.Text.Json;

namespace Streaming.Grains.Rules;

/// <summary>
/// Reads a rulebook: from its files, or from the canonical text that holds all their sections in one object.
/// </summary>
internal static class RulebookFiles
{
    /// <summary>Each file and what it holds, for the message that it is missing.</summary>
    private static readonly (string Name, string Holds, Action<RuleReader, RulebookSections> Read)[] Files =
    [
        ("districts.json", "the city's name, home province and districts", (reader, sections) => sections.ReadDistricts(reader)),
        ("departments.json", "the departments", (reader, sections) => sections.ReadDepartments(reader)),
        ("workflows.json", "outcome codes and workflows", (reader, sections) => sections.ReadWorkflows(reader)),
        ("routing.json", "the responsibility matrix", (reader, sections) => sections.ReadRouting(reader)),
        ("calendar.json", "weekends, holidays and the offset from UTC", (reader, sections) => sections.ReadCalendar(reader)),
        ("limits.json", "legal limits and the models' parameters", (reader, sections) => sections.ReadLimits(reader)),
    ];

    /// <summary>Names of the files.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Files.Select(file => file.Name)];

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false, MaxDepth = 32 };

    public static Rulebook? Load(string directory, out IReadOnlyList<RulebookProblem> problems)
    {
        List<RulebookProblem> found = [];
        Dictionary<string, string> texts = [];
        foreach ((string name, _, _) in Files)
        {
            string path = Path.Combine(directory, name);
            try
            {
                if (new FileInfo(path) is { Exists: true } file)
                {
                    if (file.Length > GrainLimits.RuleFileBytes)
                    {
                        found.Add(new RulebookProblem(name, "$", $"{file.Length} bytes", $"at most {GrainLimits.RuleFileBytes}", "Shorten the file."));
                        texts.Add(name, "{}");
                        continue;
                    }

#pragma warning disable RS0030 // Read by whoever starts the process, before any turn.
                    texts.Add(name, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)));
#pragma warning restore RS0030
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or DecoderFallbackException)
            {
                found.Add(new RulebookProblem(name, "$", failure.Message, "a readable UTF-8 file", "Check the file and who may read it."));
                texts.Add(name, "{}");
            }
        }

        if (found.Count > 0)
        {
            problems = found;
            return null;
        }

        return Load(texts, out problems);
    }

    public static Rulebook? Load(IReadOnlyDictionary<string, string> files, out IReadOnlyList<RulebookProblem> problems)
    {
        List<RulebookProblem> found = [];
        RulebookSections sections = new();
        foreach ((string name, string holds, Action<RuleReader, RulebookSections> read) in Files)
        {
            if (!files.TryGetValue(name, out string? text))
            {
                found.Add(new RulebookProblem(name, "$", "no such file", $"a file that holds {holds}", "Add it; deploy/city has one to begin with."));
                continue;
            }

            if (TryParse(name, text, found) is { } document)
            {
                using (document)
                {
                    RuleReader reader = new(name, "$", document.RootElement, found);
                    read(reader, sections);
                    reader.Done();
                }
            }
        }

        problems = found;
        if (found.Count > 0)
        {
            return null;
        }

        Rulebook rulebook = sections.Build(version: 0);
        RulebookReferences.Check(rulebook, found);
        return found.Count > 0 ? null : rulebook;
    }

    /// <summary>The rulebook in force with one of its files replaced, and everything else, decisions included, as it is. Null where there is a problem.</summary>
    /// <param name="inForce">The rulebook that the other files are taken from.</param>
    /// <param name="file">Name of the file, as <c>routing.json</c>; one of <see cref="Names"/>.</param>
    /// <param name="text">What it would say.</param>
    /// <param name="problems">Every problem found, in the file and between it and the others.</param>
    public static Rulebook? Replace(Rulebook inForce, string file, string text, out IReadOnlyList<RulebookProblem> problems)
    {
        List<RulebookProblem> found = [];
        problems = found;
        using JsonDocument? replaced = TryParse(file, text, found);
        if (replaced is null)
        {
            return null;
        }

        using JsonDocument canonical = JsonDocument.Parse(inForce.ToJson());
        List<RulebookProblem> ofOthers = [];
        RuleReader others = new("rulebook", "$", canonical.RootElement, ofOthers);
        RulebookSections sections = new();
        foreach ((string name, _, Action<RuleReader, RulebookSections> read) in Files)
        {
            if (name == file)
            {
                RuleReader reader = new(name, "$", replaced.RootElement, found);
                read(reader, sections);
                reader.Done();
            }
            else
            {
                read(others, sections);
            }
        }

        sections.ReadDecisions(others);
        found.AddRange(ofOthers);
        if (found.Count > 0)
        {
            return null;
        }

        Rulebook rulebook = sections.Build(version: inForce.Version);
        RulebookReferences.Check(rulebook, found);
        return found.Count > 0 ? null : rulebook;
    }

    public static Rulebook Parse(ReadOnlySpan<byte> json)
    {
        List<RulebookProblem> found = [];
        const string name = "rulebook";
        if (TryParse(name, Encoding.UTF8.GetString(json), found) is { } document)
        {
            using (document)
            {
                RuleReader reader = new(name, "$", document.RootElement, found);
                RulebookSections sections = new();
                int version = reader.Number("version", 0, int.MaxValue);
                foreach ((_, _, Action<RuleReader, RulebookSections> read) in Files)
                {
                    read(reader, sections);
                }

                sections.ReadDecisions(reader);
                reader.Done();
                if (found.Count == 0)
                {
                    Rulebook parsed = sections.Build(version);

                    // Models are read now, by whoever brings the version, and not in the first turn that needs one.
                    _ = parsed.Judges;
                    return parsed;
                }
            }
        }

        throw new InvalidDataException("The rulebook does not hold: " + string.Join("; ", found));
    }

    public static RoutingRule? ReadRoutingRule(string json, out IReadOnlyList<RulebookProblem> problems)
    {
        List<RulebookProblem> found = [];
        problems = found;
        if (TryParse("rule", json, found) is not { } document)
        {
            return null;
        }

        using (document)
        {
            RuleReader reader = new("rule", "$", document.RootElement, found);
            RoutingRule rule = RulebookSections.ReadRule(reader);
            reader.Done();
            return found.Count == 0 ? rule : null;
        }
    }

    private static JsonDocument? TryParse(string name, string text, List<RulebookProblem> found)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(text, Lenient);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            found.Add(new RulebookProblem(name, "$", RuleReader.Describe(document.RootElement), "an object", "Write { ... }."));
            document.Dispose();
        }
        catch (JsonException failure)
        {
            found.Add(new RulebookProblem(
                name,
                "$",
                failure.LineNumber is { } line ? $"text that is not JSON at line {line + 1}, byte {failure.BytePositionInLine + 1}: {failure.Message}" : failure.Message,
                "a JSON object, each field once",
                "Correct the file there."));
        }

        return null;
    }
}
