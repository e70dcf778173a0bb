using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Ingest.Formats;

/// <summary>A device as the endpoint sees it while it is connected: its registration, with what every record needs as UTF-8.</summary>
public sealed class SourceContext
{
    public SourceContext(SourceRegistration registration)
    {
        Registration = registration;
        Source = System.Text.Encoding.UTF8.GetBytes(registration.Id);
        District = System.Text.Encoding.UTF8.GetBytes(registration.District);
        AccuracyHundredthPct = (int)Math.Round((registration.AccuracyPct ?? ClassPct(registration.AccuracyClass) ?? registration.Station?.AccuracyPct ?? 0) * 100);
        CalibrationDueMs = registration.Station?.CalibrationDue?.ToUnixTimeMilliseconds() ?? 0;
        Position = registration is { Latitude: { } latitude, Longitude: { } longitude }
            ? new GeoPosition((int)Math.Round(latitude * 1e6), (int)Math.Round(longitude * 1e6))
            : GeoPosition.Unknown;
        Enterprise = System.Text.Encoding.UTF8.GetBytes(registration.Enterprise ?? "");
        Place = System.Text.Encoding.UTF8.GetBytes(registration.Place ?? "");
        Records = RegisterMap.Of(registration);
        SourceHash = StableHash.Of(Source.Span);
        SourcePartition = Partition.Of(ActorKind.Source, Source.Span);
    }

    public SourceRegistration Registration { get; }

    public ReadOnlyMemory<byte> Source { get; }

    public ReadOnlyMemory<byte> District { get; }

    /// <summary>Of its own registration, by percentage or class; else that of the register of stations; 0 where nobody says.</summary>
    public int AccuracyHundredthPct { get; }

    /// <summary>When its calibration runs out by the register of stations, ms since 1970; 0 where that is not said.</summary>
    public long CalibrationDueMs { get; }

    /// <summary>Where it stands; unknown where it was registered without a position.</summary>
    public GeoPosition Position { get; }

    /// <summary>What is asked of its readings.</summary>
    public IReadingRules Rules { get; init; } = FixedReadingRules.Shipped;

    /// <summary>Key of the enterprise that the source watches, UTF-8; empty where it watches none.</summary>
    internal ReadOnlyMemory<byte> Enterprise { get; }

    /// <summary>Key of the place that the source watches, UTF-8; empty where none is registered.</summary>
    internal ReadOnlyMemory<byte> Place { get; }

    /// <summary>What its records mean; null where it is no register's source.</summary>
    internal RegisterMap? Records { get; }

    /// <summary>Half of every reading's identity.</summary>
    internal ulong SourceHash { get; }

    /// <summary>Partition of every record of this source.</summary>
    internal byte SourcePartition { get; }

    private static double? ClassPct(string? name) =>
        name is not null && Models.Limits.AccuracyClass.TryParse(name, out Models.Limits.AccuracyClass found) && found.GrossPct > 0 ? found.GrossPct : null;
}
