using System.Reflection;

namespace Streaming.Models.Learned;

/// <summary>The learned models that come with the program: files of <c>models/trained</c>, embedded in this assembly. Each is read and checked once and never changes, so a turn may use it as it may use a constant.</summary>
public static class ShippedModels
{
    private static readonly Lazy<LearnedModel> TankBehaviourModel = new(() => Load("tank-behaviour"));

    /// <summary>How a tank moves: <see cref="Features.TankBehaviourFeatures"/>.</summary>
    public static LearnedModel TankBehaviour => TankBehaviourModel.Value;

    /// <summary>Reads the file of a kind. One that is missing or wrong is a broken build, so it throws.</summary>
    private static LearnedModel Load(string kind)
    {
        string name = $"trained/{kind}{ModelFile.Extension}";
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new InvalidDataException($"The program was built without {name}.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        LearnedModel model = ModelFile.Read(bytes, out IReadOnlyList<string> problems) ?? throw new InvalidDataException($"{name}: {string.Join(" ", problems)}");
        return model.Features.Kind == kind && model.Verify() is null ? model : throw new InvalidDataException($"{name}: {model.Verify() ?? $"it is of kind {model.Features.Kind}."}");
    }
}
