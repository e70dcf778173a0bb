namespace Streaming.Ingest;

/// <summary>Every bound of what comes in, in one place. Ranges of figures are generous: they tell a broken device from a strange truck, and judge no reading.</summary>
internal static class IngestLimits
{
    /// <summary>One payload, an array of readings included. A larger one is quarantined unread.</summary>
    public const int PayloadBytes = 2 * 1024 * 1024;

    /// <summary>One reading: a payload that is not an array, or one element of an array.</summary>
    public const int ReadingBytes = 64 * 1024;

    /// <summary>How much is kept of what is too large or damaged.</summary>
    public const int QuarantinedBytes = 64 * 1024;

    /// <summary>Elements of one array: an hour's backlog of a station that weighs nearly three vehicles a second.</summary>
    public const int ReadingsPerPayload = 10_000;

    /// <summary>
    /// The longest record that one payload can make: twice the payload (its bytes, and its texts decoded), and for each element either what a reading repeats of topic and
    /// source or a reason with what it cites.
    /// </summary>
    public const int RecordBytes = (2 * PayloadBytes) + (ReadingsPerPayload * 512) + (128 * 1024);

    /// <summary>How deep objects and arrays may be nested within one field. Native readings need one level.</summary>
    public const int JsonDepth = 16;

    /// <summary>The name of a field, as written; a longer one is unknown in any case.</summary>
    public const int FieldNameBytes = 96;

    /// <summary>How much of an offending value the reason cites.</summary>
    public const int CitedBytes = 40;

    /// <summary>Decoded elements that a thread keeps room for between payloads; what one huge backlog needed beyond that is given back.</summary>
    public const int ScratchBytes = 1024 * 1024;

    /// <summary>Texts of one element that had escapes, undone, and the subject's key.</summary>
    public const int ScratchTextBytes = 16 * 1024;

    /// <summary>One level of a topic: a station, lane, camera, enterprise, unit or source.</summary>
    public const int TopicLevelBytes = 64;

    /// <summary>The source's own id of a reading.</summary>
    public const int IdBytes = 64;

    /// <summary>An RFC 3339 time with nine digits of fraction has 35.</summary>
    public const int TimeBytes = 64;

    /// <summary>A plate, colour suffix included.</summary>
    public const int PlateBytes = 48;

    /// <summary>One of a few fixed words: an event, an action, a colour, a class, a valve's position.</summary>
    public const int WordBytes = 32;

    /// <summary>The orange plate, as <c>X423/1428</c>.</summary>
    public const int HazardPlateBytes = 16;

    /// <summary>Driver, waybill, substance, counterparty.</summary>
    public const int NameBytes = 64;

    /// <summary>Address of a picture.</summary>
    public const int UrlBytes = 1024;

    /// <summary>How far a device's clock may run ahead of ours, ms: ten minutes. Actors rely on it.</summary>
    public const long FutureMs = Grains.GrainLimits.ClockAheadMs;

    /// <summary>Age at which a reading is refused, ms: 400 days, a year and the month in which it is settled.</summary>
    public const long PastMs = 400L * 24 * 60 * 60 * 1000;

    /// <summary>The shipped limit below which a plate, per mille, makes no vehicle; in a silo the rulebook's takes its place (<see cref="IReadingRules"/>).</summary>
    public const int PlatePermille = 600;

    /// <summary>Mass of one axle, kg. The heaviest axle lines of self-propelled transporters stay below half of it.</summary>
    public const int AxleKg = 100_000;

    /// <summary>Gross mass, kg.</summary>
    public const int GrossKg = 1_000_000;

    /// <summary>Distance of an axle behind the first, mm.</summary>
    public const int AxleOffsetMm = 100_000;

    /// <summary>How far the stated gross mass may differ from the sum of the axles, percent of the gross mass.</summary>
    public const int GrossDifferencePct = 10;

    /// <summary>Speed, tenths of km/h.</summary>
    public const int SpeedTenthKmh = 4_000;

    /// <summary>Left over right wheel load, per mille.</summary>
    public const int LeftRightPermille = 10_000;

    /// <summary>Lowest gauge pressure, kPa: a vacuum, with some room for the sensor's error.</summary>
    public const double PressureLowKpa = -105;

    /// <summary>Highest gauge pressure, kPa: 1,000 bar.</summary>
    public const double PressureHighKpa = 100_000;

    /// <summary>Lowest temperature, degrees Celsius: absolute zero.</summary>
    public const double TemperatureLowC = -273.15;

    /// <summary>Highest temperature, degrees Celsius.</summary>
    public const double TemperatureHighC = 2_000;

    /// <summary>Content of a tank, and a movement in a ledger, kg: ten times the largest storage tanks.</summary>
    public const int ContentKg = 1_000_000_000;

    /// <summary>Toxic gas, ppm: nothing but gas.</summary>
    public const double GasPpm = 1_000_000;

    /// <summary>Combustible gas, percent of the lower explosive limit.</summary>
    public const double GasPctLel = 1_000;

    /// <summary>The earliest time that a register may name, ms since 1970: 1900-01-01T00:00Z.</summary>
    public const long EarliestMs = -2_208_988_800_000;

    /// <summary>The first time that is too late for one, ms since 1970: 3000-01-01T00:00Z.</summary>
    public const long LatestMs = 32_503_680_000_000;

    /// <summary>Records of one table: ten times a city's vehicles.</summary>
    public const int LoadRecords = 2_000_000;

    /// <summary>Records of a table that become one record of the journal: as many as the quarantine lists of one, should none of them fit.</summary>
    public const int LoadRecordsAtOnce = 100;

    /// <summary>Bytes of a table after which the next record begins another record of the journal.</summary>
    public const int LoadBytes = 512 * 1024;

    /// <summary>Problems of a table that its loader is told one by one; all are counted.</summary>
    public const int LoadProblems = 1_000;

    /// <summary>One line of a recorded MON file.</summary>
    public const int MonLineBytes = 1_024;
}
