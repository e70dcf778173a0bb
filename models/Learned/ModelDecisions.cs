using System.Globalization;

namespace Streaming.Models.Learned;

/// <summary>A model file that somebody uploaded. The text is the file itself: so journal, checkpoint, replay and backtest have it by themselves.</summary>
public sealed record UploadedModel
{
    /// <summary>Kind and version, by the content of the file.</summary>
    public string Name { get; init; } = "";

    /// <summary>The file.</summary>
    public string File { get; init; } = "";

    /// <summary>When it was uploaded, ms since 1970.</summary>
    public long AtMs { get; init; }

    /// <summary>By whom: the name of a token.</summary>
    public string By { get; init; } = "";
}

/// <summary>A model that somebody gave a part to.</summary>
public sealed record ChosenModel
{
    /// <summary>Kind and version of the model; empty for what the files of the rulebook name, which may be none.</summary>
    public string Model { get; init; } = "";

    /// <summary>From this score on it says yes, 0 to 1; null for the model's own.</summary>
    public double? Threshold { get; init; }

    /// <summary>When it was decided, ms since 1970.</summary>
    public long AtMs { get; init; }

    /// <summary>By whom: the name of a token.</summary>
    public string By { get; init; } = "";

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";

    /// <summary>True where it was promoted without having been in shadow; otherwise absent.</summary>
    public bool? Overridden { get; init; }
}

/// <summary>What was decided on the models of one kind.</summary>
public sealed record KindModels
{
    /// <summary>The kind of warning (<see cref="LearnedKind"/>), as <c>over-road-limit</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Who judges; null for what the files of the rulebook name.</summary>
    public ChosenModel? Judge { get; init; }

    /// <summary>Who scores the same in shadow; null for nobody.</summary>
    public ChosenModel? Shadow { get; init; }

    /// <summary>Who judged before, the last of them last: what a roll-back goes back to. At most <see cref="ModelLimits.EarlierJudges"/>.</summary>
    public IReadOnlyList<ChosenModel> Earlier { get; init; } = [];
}

/// <summary>
/// What people decided on learned models while the city ran: files that they uploaded, which model judges each kind, and which one scores in shadow. Part of the rulebook and journaled with it, so it is in force from its record on and a replay judges by the same.
/// </summary>
/// <remarks>Every change is a pure function from one value to the next, or to a sentence that says why not.</remarks>
public sealed record ModelDecisions
{
    /// <summary>Nothing decided.</summary>
    public static ModelDecisions None { get; } = new();

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<UploadedModel> Uploaded { get; init; } = [];

    /// <summary>By kind, in the order in which they were first decided on.</summary>
    public IReadOnlyList<KindModels> Kinds { get; init; } = [];

    /// <summary>True where nothing was decided.</summary>
    public bool IsEmpty => Uploaded.Count == 0 && Kinds.Count == 0;

    /// <summary>What was decided on a kind; null for nothing.</summary>
    public KindModels? Of(string kind)
    {
        foreach (KindModels decided in Kinds)
        {
            if (decided.Kind == kind)
            {
                return decided;
            }
        }

        return null;
    }

    /// <summary>True where the model is shipped or uploaded.</summary>
    public bool Has(string name) => TrainedModels.Shipped.Find(name) is not null || Uploaded.Any(model => model.Name == name);

    /// <summary>An uploaded model, read from its file; null where there is none of that name, or this build cannot read it: then nobody judges, and never another.</summary>
    public LearnedModel? Read(string name) => Uploaded.FirstOrDefault(model => model.Name == name) is { } file ? Read(Utf8(file.File), out _) : null;

    /// <summary>Reads a file and scores its golden rows. Null, and why, where it does not hold.</summary>
    public static LearnedModel? Read(ReadOnlyMemory<byte> file, out string problem)
    {
        LearnedModel? model = ModelFile.Read(file, out IReadOnlyList<string> problems);
        problem = model is null ? string.Join(" ", problems) : model.Verify() ?? "";
        return problem.Length == 0 ? model : null;
    }

    /// <summary>Adds a file that was read before (<see cref="Read(ReadOnlyMemory{byte}, out string)"/>).</summary>
    public ModelDecisions? Upload(UploadedModel file, out string problem)
    {
        int bytes = Utf8(file.File).Length;
        long all = bytes + Uploaded.Sum(model => (long)Utf8(model.File).Length);
        problem = Has(file.Name) ? $"There is a model {file.Name} already: the same file."
            : bytes > ModelLimits.UploadedModelBytes ? string.Create(CultureInfo.InvariantCulture, $"The file has {bytes} bytes; at most {ModelLimits.UploadedModelBytes} are taken.")
            : Uploaded.Count >= ModelLimits.UploadedModels ? string.Create(CultureInfo.InvariantCulture, $"{Uploaded.Count} models are uploaded, which is as many as are kept. Remove one that nothing refers to.")
            : all > ModelLimits.UploadedModelsBytes ? string.Create(CultureInfo.InvariantCulture, $"With this file the uploaded models would have {all} bytes; at most {ModelLimits.UploadedModelsBytes} are kept. Remove one that nothing refers to.")
            : "";
        return problem.Length > 0 ? null : this with { Uploaded = [.. Uploaded, file] };
    }

    /// <summary>Removes a file that has no part in any kind and is not what a roll-back would go back to.</summary>
    public ModelDecisions? Remove(string name, out string problem)
    {
        string? user = Kinds.Where(kind => kind.Judge?.Model == name || kind.Shadow?.Model == name || kind.Earlier.Any(earlier => earlier.Model == name)).Select(kind => kind.Kind).FirstOrDefault();
        problem = Uploaded.All(model => model.Name != name) ? $"No model {name} is uploaded."
            : user is not null ? $"The model {name} judges {user}, is in shadow there, or is what a roll-back would go back to."
            : "";
        return problem.Length > 0 ? null : this with { Uploaded = [.. Uploaded.Where(model => model.Name != name)] };
    }

    /// <summary>Puts a model into shadow; an empty name takes the one that is there out.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="chosen">The model, and who says so.</param>
    /// <param name="judging">Name of the model that judges; null where none does.</param>
    /// <param name="problem">Why not, as a sentence.</param>
    public ModelDecisions? PutInShadow(string kind, ChosenModel chosen, string? judging, out string problem)
    {
        KindModels before = Of(kind) ?? new KindModels { Kind = kind };
        problem = chosen.Model.Length == 0 ? before.Shadow is null ? $"Nothing is in shadow for {kind}." : ""
            : Problem(kind, chosen)
                ?? (chosen.Model == judging ? $"The model {chosen.Model} judges already."
                : chosen.Model == before.Shadow?.Model ? $"The model {chosen.Model} is in shadow already." : "");
        return problem.Length > 0 ? null : With(before with { Shadow = chosen.Model.Length == 0 ? null : chosen });
    }

    /// <summary>
    /// Lets a model judge that is in shadow, or any where that is overridden. The learned model that judged so far goes into shadow in its place: so the two go on being compared, and whoever thinks of going back sees by what.
    /// </summary>
    /// <param name="kind">The kind.</param>
    /// <param name="chosen">The model, and who says so.</param>
    /// <param name="judging">Name of the model that judges; null where none does.</param>
    /// <param name="problem">Why not, as a sentence.</param>
    public ModelDecisions? Promote(string kind, ChosenModel chosen, string? judging, out string problem)
    {
        KindModels before = Of(kind) ?? new KindModels { Kind = kind };
        bool inShadow = before.Shadow?.Model == chosen.Model;
        problem = Problem(kind, chosen)
            ?? (chosen.Model == judging ? $"The model {chosen.Model} judges already."
            : !inShadow && chosen.Overridden != true ? $"The model {chosen.Model} is not in shadow for {kind}: put it there first and compare it on later cases, or promote it with \"override\": true and a reason."
            : "");
        if (problem.Length > 0)
        {
            return null;
        }

        ChosenModel judge = chosen with { Overridden = inShadow ? null : chosen.Overridden, Threshold = chosen.Threshold ?? (inShadow ? before.Shadow!.Threshold : null) };
        ChosenModel? shadow = judging is null ? inShadow ? null : before.Shadow : new ChosenModel { Model = judging, Threshold = before.Judge?.Threshold, AtMs = chosen.AtMs, By = chosen.By, Reason = chosen.Reason };
        return With(before with { Judge = judge, Shadow = shadow, Earlier = Kept([.. before.Earlier, before.Judge ?? new ChosenModel()]) });
    }

    /// <summary>Lets judge again who did before the last promotion. The model that is rolled back has no part any more; it may be put into shadow again.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="chosen">Who says so, when and why.</param>
    /// <param name="named">Name of the model that the files of the rulebook name; null where they name none.</param>
    /// <param name="problem">Why not, as a sentence.</param>
    public ModelDecisions? RollBack(string kind, ChosenModel chosen, string? named, out string problem)
    {
        KindModels? before = Of(kind);
        problem = before is { Earlier.Count: > 0 } ? "" : $"No model was promoted for {kind} that could be rolled back.";
        if (problem.Length > 0)
        {
            return null;
        }

        ChosenModel last = before!.Earlier[^1];
        ChosenModel? judge = last.Model.Length == 0 ? null : chosen with { Model = last.Model, Threshold = last.Threshold, Overridden = null };

        // Who judges again is no shadow of itself.
        ChosenModel? shadow = before.Shadow?.Model == (judge?.Model ?? named) ? null : before.Shadow;
        return With(before with { Judge = judge, Shadow = shadow, Earlier = [.. before.Earlier.SkipLast(1)] });
    }

    /// <summary>What is wrong with the decisions, one sentence each; empty where nothing is. That a model is not in this build is nothing wrong: a rulebook outlives builds.</summary>
    public IEnumerable<string> Problems()
    {
        if (Uploaded.Count > ModelLimits.UploadedModels)
        {
            yield return $"decisions.models.uploaded has {Uploaded.Count} models; at most {ModelLimits.UploadedModels} are kept.";
        }

        foreach (KindModels decided in Kinds)
        {
            if (LearnedKind.Of(decided.Kind) is null)
            {
                yield return $"decisions.models.kinds names \"{decided.Kind}\"; it must be one of {string.Join(", ", LearnedKind.All.Select(kind => kind.Name))}.";
            }
        }
    }

    private string? Problem(string kind, ChosenModel chosen) =>
        !Has(chosen.Model) ? $"There is no model {chosen.Model}. Upload it (POST /api/models), or name one that GET /api/models lists."
        : LearnedKind.Of(kind)?.Has(chosen.Model) != true ? $"The model {chosen.Model} is not one of {kind}."
        : chosen.Threshold is { } threshold && !(threshold > 0 && threshold <= 1) ? "A threshold is above 0 and at most 1."
        : null;

    private ModelDecisions With(KindModels changed) =>
        this with { Kinds = Of(changed.Kind) is null ? [.. Kinds, changed] : [.. Kinds.Select(kind => kind.Kind == changed.Kind ? changed : kind)] };

    private static IReadOnlyList<ChosenModel> Kept(IReadOnlyList<ChosenModel> earlier) => [.. earlier.Skip(Math.Max(0, earlier.Count - ModelLimits.EarlierJudges))];

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
