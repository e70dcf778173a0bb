namespace Streaming.Models.Readings;

/// <summary>What a reading is about. Persisted: numbers are never reused.</summary>
public enum ReadingKind : byte
{
    /// <summary>A weigh-in-motion record: <see cref="WeighReading"/>.</summary>
    Weigh = 1,

    /// <summary>A video-analytics event: <see cref="VideoReading"/>.</summary>
    Video = 2,

    /// <summary>Tank-truck telemetry: <see cref="TruckReading"/>.</summary>
    Truck = 3,

    /// <summary>Tank or process-unit telemetry of an enterprise: <see cref="PlantReading"/>.</summary>
    Plant = 4,

    /// <summary>A line of an enterprise's ledger: <see cref="LedgerReading"/>.</summary>
    Ledger = 5,

    /// <summary>A source saying that it is online or offline: <see cref="StatusReading"/>.</summary>
    Status = 6,

    /// <summary>A statement about an entry of a register: <see cref="Registers.RegisterStatement"/>.</summary>
    Register = 7,
}

/// <summary>The body of a vehicle as a scale or camera sees it. Persisted: numbers are never reused.</summary>
public enum VehicleClass : byte
{
    Unknown = 0,
    Rigid = 1,
    Combination = 2,
    /// <summary>A tank truck of which nothing is said about rigid or combination.</summary>
    Tanker = 3,
    Car = 4,
    Bus = 5,
    Other = 6,
}

/// <summary>What a camera saw. Persisted: numbers are never reused.</summary>
public enum VideoEvent : byte
{
    Vehicle = 1,
    Smoke = 2,
    Fire = 3,
    Leak = 4,
    Intrusion = 5,
    IllegalParking = 6,
    StreetStall = 7,
    Construction = 8,
    Crowding = 9,
}

/// <summary>Position of a valve as telemetry reports it. Persisted: numbers are never reused.</summary>
public enum ValveState : byte
{
    Unknown = 0,
    Closed = 1,
    Open = 2,
}

/// <summary>What a ledger line records. Persisted: numbers are never reused.</summary>
public enum LedgerAction : byte
{
    Produce = 1,
    Purchase = 2,
    Use = 3,
    Ship = 4,
    Receive = 5,
    Store = 6,
    Dispose = 7,
}
