using Microsoft.ML;
using Microsoft.ML.Data;

namespace Streaming.Models.MlNet;

/// <summary>A row as ML.NET takes it.</summary>
internal sealed class MlNetRow
{
    public float[] Features { get; set; } = [];

    public bool Label { get; set; }
}

/// <summary>A score as ML.NET gives it.</summary>
internal sealed class MlNetScore
{
    /// <summary>Where the model is calibrated.</summary>
    public float Probability { get; set; }

    /// <summary>Where it is not.</summary>
    public float Score { get; set; }
}

/// <summary>An anomaly as ML.NET gives it: it has no probability.</summary>
internal sealed class MlNetAnomaly
{
    public float Score { get; set; }
}

/// <summary>Passes rows to ML.NET. Every training has a context of its own, seeded: a context that was used before draws other numbers.</summary>
internal static class MlNetRows
{
    public const int Seed = 20_260;

    /// <summary>Of the packages.</summary>
    public static string Version { get; } = $"ML.NET {typeof(MLContext).Assembly.GetName().Version?.ToString(3)}";

    public static MLContext Context() => new(Seed);

    public static IDataView View(MLContext context, IEnumerable<MlNetRow> rows, int features)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(MlNetRow));
        schema[nameof(MlNetRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        return context.Data.LoadFromEnumerable(rows, schema);
    }

    /// <summary>ML.NET's own score of one row.</summary>
    public static PredictionEngine<MlNetRow, TScore> Engine<TScore>(MLContext context, ITransformer model, int features)
        where TScore : class, new()
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(MlNetRow));
        schema[nameof(MlNetRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        return context.Model.CreatePredictionEngine<MlNetRow, TScore>(model, inputSchemaDefinition: schema);
    }
}
