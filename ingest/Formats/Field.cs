namespace Streaming.Ingest.Formats;

/// <summary>The fields of native readings. A field's bit tells whether an object has had it already.</summary>
internal enum Field : byte
{
    Unknown = 0,
    Id = 1,
    At = 2,
    Plate = 3,
    PlateColor = 4,
    PlateConfidence = 5,
    SpeedKmh = 6,
    Axles = 7,
    MassKg = 8,
    OffsetM = 9,
    GrossKg = 10,
    VehicleClass = 11,
    LeftRightRatio = 12,
    Image = 13,
    Url = 14,
    Sha256 = 15,
    Event = 16,
    HazardPlate = 17,
    Confidence = 18,
    Position = 19,
    Lat = 20,
    Lon = 21,
    Tank = 22,
    PressureKpa = 23,
    TemperatureC = 24,
    LevelPct = 25,
    Valve = 26,
    Driver = 27,
    Waybill = 28,
    Substance = 29,
    GasPpm = 30,
    GasPctLel = 31,
    Action = 32,
    Counterparty = 33,
    Online = 34,
    ValidFrom = 35,
    ValidTo = 36,
    Removed = 37,

    /// <summary>A field that a register's schema names; which one, the reader of the element knows.</summary>
    Column = 38,
    Waste = 39,
    AlarmBits = 40,
}

/// <summary>The fields' names in JSON.</summary>
internal static class FieldNames
{
    private static readonly string[] Names =
    [
        "", "id", "at", "plate", "plateColor", "plateConfidence", "speedKmh", "axles", "massKg", "offsetM", "grossKg", "vehicleClass", "leftRightRatio", "image", "url", "sha256", "event",
        "hazardPlate", "confidence", "position", "lat", "lon", "tank", "pressureKpa", "temperatureC", "levelPct", "valve", "driver", "waybill", "substance", "gasPpm", "gasPctLel",
        "action", "counterparty", "online", "validFrom", "validTo", "removed", "", "waste", "alarmBits",
    ];

    public static string Of(Field field) => Names[(int)field];

    public static Field Parse(ReadOnlySpan<byte> name)
    {
        switch (name.Length)
        {
            case 2:
                return name.SequenceEqual("id"u8) ? Field.Id : name.SequenceEqual("at"u8) ? Field.At : Field.Unknown;
            case 3:
                return name.SequenceEqual("lat"u8) ? Field.Lat : name.SequenceEqual("lon"u8) ? Field.Lon : name.SequenceEqual("url"u8) ? Field.Url : Field.Unknown;
            case 4:
                return name.SequenceEqual("tank"u8) ? Field.Tank : Field.Unknown;
            case 5:
                return name.SequenceEqual("plate"u8) ? Field.Plate
                    : name.SequenceEqual("axles"u8) ? Field.Axles
                    : name.SequenceEqual("image"u8) ? Field.Image
                    : name.SequenceEqual("event"u8) ? Field.Event
                    : name.SequenceEqual("valve"u8) ? Field.Valve
                    : name.SequenceEqual("waste"u8) ? Field.Waste
                    : Field.Unknown;
            case 6:
                return name.SequenceEqual("massKg"u8) ? Field.MassKg
                    : name.SequenceEqual("sha256"u8) ? Field.Sha256
                    : name.SequenceEqual("gasPpm"u8) ? Field.GasPpm
                    : name.SequenceEqual("driver"u8) ? Field.Driver
                    : name.SequenceEqual("action"u8) ? Field.Action
                    : name.SequenceEqual("online"u8) ? Field.Online
                    : Field.Unknown;
            case 7:
                return name.SequenceEqual("validTo"u8) ? Field.ValidTo : name.SequenceEqual("removed"u8) ? Field.Removed : name.SequenceEqual("offsetM"u8) ? Field.OffsetM
                    : name.SequenceEqual("grossKg"u8) ? Field.GrossKg
                    : name.SequenceEqual("waybill"u8) ? Field.Waybill
                    : Field.Unknown;
            case 8:
                return name.SequenceEqual("speedKmh"u8) ? Field.SpeedKmh
                    : name.SequenceEqual("levelPct"u8) ? Field.LevelPct
                    : name.SequenceEqual("position"u8) ? Field.Position
                    : Field.Unknown;
            case 9:
                return name.SequenceEqual("alarmBits"u8) ? Field.AlarmBits : name.SequenceEqual("validFrom"u8) ? Field.ValidFrom : name.SequenceEqual("substance"u8) ? Field.Substance : name.SequenceEqual("gasPctLel"u8) ? Field.GasPctLel : Field.Unknown;
            case 10:
                return name.SequenceEqual("plateColor"u8) ? Field.PlateColor : name.SequenceEqual("confidence"u8) ? Field.Confidence : Field.Unknown;
            case 11:
                return name.SequenceEqual("pressureKpa"u8) ? Field.PressureKpa : name.SequenceEqual("hazardPlate"u8) ? Field.HazardPlate : Field.Unknown;
            case 12:
                return name.SequenceEqual("vehicleClass"u8) ? Field.VehicleClass
                    : name.SequenceEqual("temperatureC"u8) ? Field.TemperatureC
                    : name.SequenceEqual("counterparty"u8) ? Field.Counterparty
                    : Field.Unknown;
            case 14:
                return name.SequenceEqual("leftRightRatio"u8) ? Field.LeftRightRatio : Field.Unknown;
            case 15:
                return name.SequenceEqual("plateConfidence"u8) ? Field.PlateConfidence : Field.Unknown;
            default:
                return Field.Unknown;
        }
    }
}
