using System.Reflection;
using System.Security.Cryptography;

namespace Streaming.Models.Learned;

/// <summary>A model that is shipped.</summary>
/// <param name="Name">Kind and version, as <c>axle-signature/0123456789ab</c>; the version is the beginning of the SHA-256 of its file, so that no other file can have the name.</param>
/// <param name="Model">The model. Its golden rows were scored as its trainer scored them.</param>
public sealed record TrainedModel(string Name, LearnedModel Model);

/// <summary>
/// The models of <c>models/trained</c>, which the build puts into this assembly. They are read once, checked, and never change: a turn that scores by one sees the same in every process of the same build. Files are added there and none is taken away,
/// so that an older rulebook is judged by the model that it names.
/// </summary>
public sealed class TrainedModels
{
    private const int VersionDigits = 12;

    private TrainedModels(IReadOnlyList<TrainedModel> all, IReadOnlyList<string> problems) => (All, Problems) = (all, problems);

    /// <summary>What this build has.</summary>
    public static TrainedModels Shipped { get; } = Read(Embedded());

    /// <summary>Every model that is sound, by name.</summary>
    public IReadOnlyList<TrainedModel> All { get; }

    /// <summary>What is wrong with the others, a sentence each: they are not used, and whoever starts the process says so.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>The model of a name; null where this build has none such that is sound.</summary>
    public LearnedModel? Find(string name)
    {
        for (int i = 0; i < All.Count; i++)
        {
            if (All[i].Name == name)
            {
                return All[i].Model;
            }
        }

        return null;
    }

    /// <summary>Name of a model by its file: kind and version.</summary>
    public static string NameOf(LearnedModel model, ReadOnlySpan<byte> file) => $"{model.Features.Kind}/{VersionOf(file)}";

    /// <summary>Reads files, and leaves out those that do not hold or do not score as their trainers did.</summary>
    /// <param name="files">Each with a name for what is said of it.</param>
    public static TrainedModels Read(IEnumerable<(string File, byte[] Bytes)> files)
    {
        List<TrainedModel> models = [];
        List<string> problems = [];
        foreach ((string file, byte[] bytes) in files)
        {
            LearnedModel? model = ModelFile.Read(bytes, out IReadOnlyList<string> wrong);
            string? problem = model is null ? string.Join(" ", wrong) : model.Verify();
            if (problem is not null)
            {
                problems.Add($"The model file {file} is not used: {problem}");
                continue;
            }

            models.Add(new TrainedModel(NameOf(model!, bytes), model!));
        }

        return new TrainedModels([.. models.OrderBy(model => model.Name, StringComparer.Ordinal)], problems);
    }

    /// <summary>Version of a file: the first digits of its SHA-256. The end of its line does not count, which tools change.</summary>
    private static string VersionOf(ReadOnlySpan<byte> file) => Convert.ToHexStringLower(SHA256.HashData(file.TrimEnd("\r\n"u8)))[..VersionDigits];

    private static IEnumerable<(string File, byte[] Bytes)> Embedded()
    {
        Assembly assembly = typeof(TrainedModels).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.EndsWith(ModelFile.Extension, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            yield return (name, bytes);
        }
    }
}
