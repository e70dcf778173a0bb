using Streaming.Models.Readings;

namespace Streaming.Models.Evasion;

/// <summary>A camera that sees what is about to pass a station.</summary>
public sealed record StationWatch
{
    /// <summary>Id of the camera.</summary>
    public string Camera { get; init; } = "";

    /// <summary>Id of the station. Where the road forks, one camera watches several, and a weighing at any of them is enough.</summary>
    public string Station { get; init; } = "";

    /// <summary>The weighing follows within this time of the sighting, seconds. Not verified: it depends on the road.</summary>
    public int WithinS { get; init; } = 300;
}

/// <summary>
/// When a vehicle is taken to have evaded being weighed. A way that has no rule here is not judged, so that a rulebook of before there was this section judges as it did. The ways are those seen in practice: straddling, snaking and
/// braking, axles added by reversing, entry and exit weights that differ; how sure each of them is, is not verified.
/// </summary>
public sealed record EvasionRules
{
    /// <summary>Where it comes from that evading is forbidden. Not verified.</summary>
    public string LegalSource { get; init; } = "公路安全保护条例 Art. 67 (not verified)";

    /// <summary>A weighing that shows less than this accuses nobody, kg: who is light has nothing to evade. Of two weighings the heavier counts. Not verified.</summary>
    public int MinimumKg { get; init; } = 12_000;

    /// <summary>Left and right wheels; null for not judged.</summary>
    public StraddlingRule? Straddling { get; init; }

    /// <summary>The speed on the scale; null for not judged.</summary>
    public SpeedRule? Speed { get; init; }

    /// <summary>Gross masses at two stations; null for not judged.</summary>
    public DisagreementRule? Disagreement { get; init; }

    /// <summary>The number of axles; null for not judged.</summary>
    public AxleCountRule? AxleCount { get; init; }

    /// <summary>Seen but not weighed; judged where a camera watches a station.</summary>
    public UnweighedRule Unweighed { get; init; } = new();

    /// <summary>Which camera watches which station, in the order of cameras and stations.</summary>
    public IReadOnlyList<StationWatch> Watches { get; init => field = Sorted(value); } = [];

    /// <summary>True where a weighing is to be judged at all.</summary>
    public bool JudgesWeighings => Straddling is not null || Speed is not null || Disagreement is not null || AxleCount is not null;

    /// <summary>
    /// True where a vehicle is one that has to be weighed: a goods vehicle, by its registration, else by what the camera took it for. Never what either calls a car or a bus, and nothing that neither knows.
    /// </summary>
    /// <param name="registered">Body as registered; unknown where nothing is.</param>
    /// <param name="registeredAxles">Axles as registered; 0 where unknown.</param>
    /// <param name="seen">Body as a camera or a scale has it.</param>
    public static bool IsToBeWeighed(VehicleClass registered, int registeredAxles, VehicleClass seen) =>
        registered is not (VehicleClass.Car or VehicleClass.Bus)
        && seen is not (VehicleClass.Car or VehicleClass.Bus)
        && (IsGoods(registered) || registeredAxles > 2 || IsGoods(seen));

    /// <summary>The stations that a camera watches: where they begin in <see cref="Watches"/>, and how many they are; 0 for none.</summary>
    /// <param name="camera">Its id, UTF-8.</param>
    public (int First, int Count) StationsOf(ReadOnlySpan<byte> camera)
    {
        if (Watches.Count == 0 || camera.Length > ModelLimits.StationIdBytes)
        {
            return default;
        }

        Span<char> text = stackalloc char[ModelLimits.StationIdBytes];
        ReadOnlySpan<char> id = text[..System.Text.Encoding.UTF8.GetChars(camera, text)];
        int low = 0;
        int high = Watches.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Watches[middle].Camera.AsSpan().SequenceCompareTo(id) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        int count = 0;
        while (low + count < Watches.Count && id.SequenceEqual(Watches[low + count].Camera))
        {
            count++;
        }

        return (low, count);
    }

    /// <summary>Within what time of a camera's sighting a station weighs, seconds; 0 where the camera does not watch it.</summary>
    /// <param name="camera">Id of the camera, UTF-8.</param>
    /// <param name="station">Id of the station, UTF-8.</param>
    public int WithinS(ReadOnlySpan<byte> camera, ReadOnlySpan<byte> station)
    {
        (int first, int count) = StationsOf(camera);
        for (int i = first; i < first + count; i++)
        {
            if (Encoding.Utf8Text.Is(station, Watches[i].Station))
            {
                return Watches[i].WithinS;
            }
        }

        return 0;
    }

    /// <summary>The longest time that any of a camera's stations has, seconds; 0 for a camera that watches none.</summary>
    /// <param name="camera">Id of the camera, UTF-8.</param>
    public int LongestS(ReadOnlySpan<byte> camera)
    {
        (int first, int count) = StationsOf(camera);
        int longest = 0;
        for (int i = first; i < first + count; i++)
        {
            longest = Math.Max(longest, Watches[i].WithinS);
        }

        return longest;
    }

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(LegalSource))
        {
            yield return "evasion.legalSource is empty: a warning has to cite where its limit comes from.";
        }

        if (MinimumKg is < 0 or > ModelLimits.GrossKg)
        {
            yield return $"evasion.minimumKg is {MinimumKg}; it must be 0 to {ModelLimits.GrossKg}.";
        }

        foreach (string problem in (Straddling?.Problems() ?? []).Concat(Speed?.Problems() ?? []).Concat(Disagreement?.Problems() ?? []).Concat(AxleCount?.Problems() ?? [])
            .Concat(Unweighed?.Problems() ?? ["evasion.unweighed is null."]))
        {
            yield return problem;
        }

        if (Watches is null || Watches.Count > ModelLimits.StationRules)
        {
            yield return $"evasion.watches must have at most {ModelLimits.StationRules} entries.";
            yield break;
        }

        for (int i = 0; i < Watches.Count; i++)
        {
            if (Watches[i] is not { Camera.Length: > 0, Station.Length: > 0 } watch)
            {
                yield return $"evasion.watches[{i}] must name a camera and a station.";
            }
            else if (i > 0 && Watches[i - 1].Camera == watch.Camera && Watches[i - 1].Station == watch.Station)
            {
                yield return $"evasion.watches[{i}] names camera {watch.Camera} and station {watch.Station} a second time.";
            }
            else if (watch.WithinS is < 1 or > ModelLimits.RuleSeconds)
            {
                yield return $"evasion.watches[{i}].withinS is {watch.WithinS}; it must be 1 to {ModelLimits.RuleSeconds}.";
            }
        }
    }

    internal static IEnumerable<string> Common(string where, int severity, double? confidence)
    {
        if (severity is < 1 or > 4)
        {
            yield return $"{where}.severity is {severity}; severities are 1 to 4.";
        }

        if (confidence is { } sure && !(sure > 0 && sure <= 1))
        {
            yield return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{where}.confidence is {sure}; it must be above 0 and at most 1.");
        }
    }

    private static bool IsGoods(VehicleClass body) => body is VehicleClass.Rigid or VehicleClass.Combination or VehicleClass.Tanker;

    /// <summary>The order in the file must make no difference, and a camera is looked for with every sighting.</summary>
    private static IReadOnlyList<StationWatch> Sorted(IReadOnlyList<StationWatch> watches)
    {
        if (watches is null || watches.Count == 0 || watches.Any(watch => watch is not { Camera: not null, Station: not null }))
        {
            return watches is { Count: 0 } ? [] : watches!;
        }

        return [.. watches.OrderBy(watch => watch.Camera, StringComparer.Ordinal).ThenBy(watch => watch.Station, StringComparer.Ordinal)];
    }
}
