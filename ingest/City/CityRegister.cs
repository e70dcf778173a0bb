using System.Text.Json;
using System.Text.Json.Serialization;

namespace Streaming.Ingest.City;

/// <summary>What the simulated city's authority has on its enterprises: the entries of the register of enterprises, so that people read names and not credit codes.</summary>
internal static class CityRegister
{
    /// <summary>The source that speaks of them.</summary>
    public const string Source = "city-enterprises";

    public const string Register = "enterprises";

    /// <summary>Entries as JSON lines. A register has one name an enterprise: here both languages', as on the sign at its gate.</summary>
    public static byte[] Lines(CityDefinition city)
    {
        using MemoryStream lines = new();
        foreach (CityEnterprise enterprise in city.Enterprises)
        {
            JsonSerializer.Serialize(lines, new Entry(enterprise.Id, $"{enterprise.Name.Zh} {enterprise.Name.En}", enterprise.District, enterprise.Latitude, enterprise.Longitude), CityRegisterJson.Default.Entry);
            lines.WriteByte((byte)'\n');
        }

        return lines.ToArray();
    }

    internal sealed record Entry(string CreditCode, string Name, string District, double Lat, double Lon);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CityRegister.Entry))]
internal sealed partial class CityRegisterJson : JsonSerializerContext;
