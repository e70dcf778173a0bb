using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Streaming.Grains.Rules;

/// <summary>
/// Reads a section whose shape is a record of parameters. The record's own properties say which fields there are and of what type, so that a mistyped name or value
/// is named with its place, as everywhere else in the rulebook; what is left out keeps the record's default.
/// </summary>
internal static class SectionReader
{
    /// <summary>Reading goes by the properties' own setters, which is what lets absent fields keep their defaults. Writing is source-generated, in a fixed order.</summary>
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        RespectNullableAnnotations = true,
    };

    /// <summary>The section as a record; <paramref name="otherwise"/> where it is absent or has problems, which are noted.</summary>
    public static T Read<T>(RuleReader reader, string name, T otherwise)
        where T : class
    {
        if (reader.Element(name) is not { } element)
        {
            return otherwise;
        }

        int before = reader.ProblemCount;
        Check(reader, name, element, typeof(T));
        if (reader.ProblemCount > before)
        {
            return otherwise;
        }

        try
        {
            return element.Deserialize<T>(Options) ?? otherwise;
        }
        catch (JsonException failure)
        {
            reader.Problem(name, failure.Message, "a section of the shipped form", "Compare it with deploy/city/limits.json.");
            return otherwise;
        }
    }

    private static void Check(RuleReader reader, string path, JsonElement element, Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            type = inner;
        }

        JsonTypeInfo shape = Options.GetTypeInfo(type);
        switch (shape.Kind)
        {
            case JsonTypeInfoKind.Object when Is(reader, path, element, JsonValueKind.Object, "an object"):
                CheckFields(reader, path, element, shape);
                break;
            case JsonTypeInfoKind.Dictionary when Is(reader, path, element, JsonValueKind.Object, "an object"):
                foreach (JsonProperty entry in element.EnumerateObject())
                {
                    Check(reader, $"{path}.{entry.Name}", entry.Value, shape.ElementType!);
                }

                break;
            case JsonTypeInfoKind.Enumerable when Is(reader, path, element, JsonValueKind.Array, "a list"):
                int i = 0;
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Check(reader, $"{path}[{i++}]", item, shape.ElementType!);
                }

                break;
            case JsonTypeInfoKind.None:
                CheckValue(reader, path, element, type);
                break;
        }
    }

    private static void CheckFields(RuleReader reader, string path, JsonElement element, JsonTypeInfo shape)
    {
        JsonPropertyInfo[] fields = [.. shape.Properties.Where(field => field.Set is not null)];
        foreach (JsonProperty given in element.EnumerateObject())
        {
            JsonPropertyInfo? field = Array.Find(fields, candidate => candidate.Name == given.Name);
            if (field is null)
            {
                if (given.Name != RuleReader.NoteField)
                {
                    reader.Unknown($"{path}.{given.Name}", given.Name, [.. fields.Select(candidate => candidate.Name)]);
                }
            }
            else if (given.Value.ValueKind != JsonValueKind.Null)
            {
                Check(reader, $"{path}.{given.Name}", given.Value, field.PropertyType);
            }
            else if (!field.IsSetNullable || (field.PropertyType.IsValueType && Nullable.GetUnderlyingType(field.PropertyType) is null))
            {
                reader.Problem($"{path}.{given.Name}", "null", "a value", "Leave the field out to keep its default.");
            }
        }
    }

    private static void CheckValue(RuleReader reader, string path, JsonElement element, Type type)
    {
        try
        {
            element.Deserialize(type, Options);
        }
        catch (Exception failure) when (failure is JsonException or FormatException or InvalidOperationException)
        {
            string expected = type == typeof(string) ? "a text"
                : type == typeof(bool) ? "true or false"
                : type == typeof(double) ? "a number"
                : "a whole number";
            reader.Problem(path, RuleReader.Describe(element), expected, type == typeof(string) ? "Put it in quotes." : "Write it without quotes.");
        }
    }

    private static bool Is(RuleReader reader, string path, JsonElement element, JsonValueKind kind, string expected)
    {
        if (element.ValueKind == kind)
        {
            return true;
        }

        reader.Problem(path, RuleReader.Describe(element), expected, kind == JsonValueKind.Object ? "Write { ... }." : "Write [ ... ].");
        return false;
    }
}
