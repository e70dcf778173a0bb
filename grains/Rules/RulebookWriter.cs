using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Streaming.Grains.Messages;
using Streaming.Models.Driving;
using Streaming.Models.Encoding;
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

/// <summary>Writes the canonical JSON: fixed order of fields, no white space, Chinese as itself.</summary>
internal static class RulebookWriter
{
    /// <param name="rulebook">What is written.</param>
    /// <param name="version">Its version.</param>
    /// <param name="whole">Also the sections that are as they are where nothing is said: for people and programs that go by them. Without, a rulebook from before there was a section stays the same to the byte.</param>
    public static byte[] Write(Rulebook rulebook, int version, bool whole = false)
    {
        ByteWriter bytes = new(16 * 1024);
        using (Utf8JsonWriter json = new(bytes, GrainsJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteNumber("version", version);
            Write(json, "city", rulebook.City);
            json.WriteString("homeProvince", rulebook.HomeProvince);
            Write<District[]>(json, "districts", [.. rulebook.Districts]);
            Write<Department[]>(json, "departments", [.. rulebook.Departments]);
            Write<OutcomeCode[]>(json, "outcomes", [.. rulebook.Outcomes]);
            Write<Workflow[]>(json, "workflows", [.. rulebook.Workflows]);
            Write<RoutingRule[]>(json, "rules", [.. rulebook.Routing]);
            Write(json, "calendar", rulebook.Calendar);
            Write(json, "roadLimits", rulebook.RoadLimits);
            WriteUnlessDefault(json, "ratedLoads", rulebook.RatedLoads, whole);
            WriteUnlessDefault(json, "evasion", rulebook.Evasion, whole);
            WriteUnlessDefault(json, "learned", rulebook.Learned, whole);
            WriteUnlessDefault(json, "balances", rulebook.Balances, whole);
            WriteUnlessDefault(json, "shipments", rulebook.Shipments, whole);
            WriteUnlessDefault(json, "majorHazards", rulebook.MajorHazards, whole);
            WriteUnlessDefault(json, "substancePermits", rulebook.SubstancePermits, whole);
            WriteUnlessDefault(json, "enterprises", rulebook.Enterprises, whole);
            WriteUnlessDefault(json, "sources", rulebook.Sources, whole);
            Write(json, "tankLimits", rulebook.TankLimits);
            WriteUnlessDefault(json, "tankForecasts", rulebook.TankForecasts, whole);
            WriteUnlessDefault(json, "tankAnomalies", rulebook.TankAnomalies, whole);
            WriteUnlessDefault(json, "unloading", rulebook.Unloading, whole);
            WriteUnlessDefault(json, "waybills", rulebook.Waybills, whole);
            Write(json, "video", rulebook.VideoRules);
            WriteUnlessDefault(json, "clonedPlates", rulebook.ClonedPlates, whole);
            WriteUnlessDefault(json, "vehicles", rulebook.Vehicles, whole);
            WriteUnlessDefault(json, "merging", rulebook.Merging, whole);
            Write(json, "expiry", rulebook.Expiry);
            if (whole || rulebook.Registers.Precedence.Count > 0)
            {
                Write(json, "registers", rulebook.Registers);
            }

            WriteUnlessDefault(json, "storms", rulebook.Storms, whole);
            WriteUnlessDefault(json, "supervision", rulebook.Supervision, whole);
            json.WriteNumber("minimumPlatePermille", rulebook.MinimumPlatePermille);
            json.WriteNumber("lateAfterS", rulebook.LateAfterS);
            WriteDecisions(json, rulebook.Decisions);
            json.WriteEndObject();
        }

        return bytes.Written.ToArray();
    }

    /// <summary>Absent where nothing was decided, and so is each list in it.</summary>
    private static void WriteDecisions(Utf8JsonWriter json, RulebookDecisions decisions)
    {
        if (decisions.IsEmpty)
        {
            return;
        }

        json.WriteStartObject("decisions");
        if (decisions.Routing.Count > 0)
        {
            Write<DecidedRule[]>(json, "routing", [.. decisions.Routing]);
        }

        if (!decisions.Models.IsEmpty)
        {
            Write(json, "models", decisions.Models);
        }

        if (decisions.Scenes.Count > 0)
        {
            Write<SceneRule[]>(json, "scenes", [.. decisions.Scenes]);
        }

        if (decisions.Silences.Count > 0)
        {
            Write<Silence[]>(json, "silences", [.. decisions.Silences]);
        }

        if (decisions.DismissedOffers.Count > 0)
        {
            Write<DismissedOffer[]>(json, "dismissedOffers", [.. decisions.DismissedOffers]);
        }

        json.WriteEndObject();
    }

    /// <summary>Absent where it is the default, so that a rulebook from before there was this section stays the same to the byte. Compared as written: records with tables in them are never equal otherwise.</summary>
    private static void WriteUnlessDefault<T>(Utf8JsonWriter json, string name, T value, bool whole)
        where T : new()
    {
        JsonTypeInfo<T> type = (JsonTypeInfo<T>)RulebookJson.Default.GetTypeInfo(typeof(T))!;
        if (whole || !JsonSerializer.SerializeToUtf8Bytes(value, type).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(new T(), type)))
        {
            Write(json, name, value);
        }
    }

    private static void Write<T>(Utf8JsonWriter json, string name, T value)
    {
        json.WritePropertyName(name);
        JsonSerializer.Serialize(json, value, (JsonTypeInfo<T>)RulebookJson.Default.GetTypeInfo(typeof(T))!);
    }
}

/// <summary>JSON of the rulebook's sections.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(LocalName))]
[JsonSerializable(typeof(District[]))]
[JsonSerializable(typeof(Department[]))]
[JsonSerializable(typeof(OutcomeCode[]))]
[JsonSerializable(typeof(Workflow[]))]
[JsonSerializable(typeof(Workflow))]
[JsonSerializable(typeof(RoutingRule[]))]
[JsonSerializable(typeof(DecidedRule[]))]
[JsonSerializable(typeof(ModelDecisions))]
[JsonSerializable(typeof(SceneRule[]))]
[JsonSerializable(typeof(SceneRule))]
[JsonSerializable(typeof(StormRules))]
[JsonSerializable(typeof(Silence[]))]
[JsonSerializable(typeof(WorkingCalendar))]
[JsonSerializable(typeof(RoadLimits))]
[JsonSerializable(typeof(RatedLoads))]
[JsonSerializable(typeof(EvasionRules))]
[JsonSerializable(typeof(LearnedRules))]
[JsonSerializable(typeof(BalanceRules))]
[JsonSerializable(typeof(ShipmentRules))]
[JsonSerializable(typeof(MajorHazardRules))]
[JsonSerializable(typeof(SubstancePermitRules))]
[JsonSerializable(typeof(EnterpriseRules))]
[JsonSerializable(typeof(SourceRules))]
[JsonSerializable(typeof(TankLimits))]
[JsonSerializable(typeof(TankForecasts))]
[JsonSerializable(typeof(TankAnomalies))]
[JsonSerializable(typeof(UnloadingRules))]
[JsonSerializable(typeof(WaybillRules))]
[JsonSerializable(typeof(VideoRules))]
[JsonSerializable(typeof(ClonedPlates))]
[JsonSerializable(typeof(VehicleRules))]
[JsonSerializable(typeof(ExpiryRules))]
[JsonSerializable(typeof(RegisterRules))]
[JsonSerializable(typeof(SupervisionRules))]
[JsonSerializable(typeof(DismissedOffer[]))]
[JsonSerializable(typeof(MergingRules))]
internal sealed partial class RulebookJson : JsonSerializerContext;

/// <summary>Days of the week by their English names in lower case, which is how the calendar's file has them.</summary>
internal sealed class WeekendConverter : JsonConverter<DayOfWeek[]>
{
    /// <summary>By number of <see cref="DayOfWeek"/>.</summary>
    public static readonly string[] Names = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    public override DayOfWeek[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("The rulebook is read by its own reader.");

    public override void Write(Utf8JsonWriter writer, DayOfWeek[] value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (DayOfWeek day in value)
        {
            writer.WriteStringValue(Names[(int)day]);
        }

        writer.WriteEndArray();
    }
}
