namespace Streaming.Models.Tanks;

/// <summary>How what was seen of a truck stands to its waybills. Persisted: numbers are never reused.</summary>
public enum WaybillFault : byte
{
    /// <summary>A waybill covers it.</summary>
    None = 0,

    /// <summary>No waybill covers the time.</summary>
    Missing = 1,

    /// <summary>The waybill that the truck reports is of another time.</summary>
    Time = 2,

    /// <summary>The truck reports a number that is not the one registered for the time.</summary>
    Number = 3,

    /// <summary>Other goods than the waybill's.</summary>
    Substance = 4,

    /// <summary>It was unloaded elsewhere than the waybill says.</summary>
    Place = 5,
}

/// <summary>What was seen of a truck, to be held against its waybills. Texts are UTF-8, empty where nothing was said.</summary>
public readonly ref struct WaybillClaim
{
    /// <summary>When, ms since 1970.</summary>
    public required long AtMs { get; init; }

    /// <summary>UN number as <c>UN1203</c>.</summary>
    public ReadOnlySpan<byte> Substance { get; init; }

    /// <summary>The waybill's number, as the truck reports it.</summary>
    public ReadOnlySpan<byte> Number { get; init; }

    /// <summary>Key of the registered site that it was unloaded at.</summary>
    public ReadOnlySpan<byte> UnloadedAt { get; init; }
}

/// <summary>What a vehicle knows of one waybill of its. Texts are UTF-8 as registered, empty where nothing is said.</summary>
/// <param name="Number">Its number.</param>
/// <param name="FromMs">The first moment that the entry holds for.</param>
/// <param name="ToMs">The first moment that it does not hold for any more.</param>
/// <param name="DepartureMs">Departure; <see cref="long.MinValue"/> where nothing is said.</param>
/// <param name="ArrivalMs">Arrival; <see cref="long.MaxValue"/> where nothing is said.</param>
/// <param name="Substance">UN number.</param>
/// <param name="LoadSite">Loading place.</param>
/// <param name="UnloadSite">Unloading place.</param>
public sealed record RegisteredWaybill(byte[] Number, long FromMs, long ToMs, long DepartureMs, long ArrivalMs, byte[] Substance, byte[] LoadSite, byte[] UnloadSite)
{
    /// <summary>When the trip begins.</summary>
    public long StartMs => Math.Max(FromMs, DepartureMs);

    /// <summary>When it ends at the latest, ms; of one without an arrival so many hours after its departure.</summary>
    public long EndMs(WaybillRules rules)
    {
        long arrivalMs = ArrivalMs != long.MaxValue || StartMs == long.MinValue ? ArrivalMs : StartMs + (rules.TripHours * 3_600_000L);
        return Math.Min(ToMs, arrivalMs);
    }

    /// <summary>True where a moment lies within the trip, give or take the tolerance.</summary>
    public bool Covers(long atMs, WaybillRules rules)
    {
        long toleranceMs = rules.ToleranceS * 1000L;
        return atMs >= Shift(StartMs, -toleranceMs) && atMs <= Shift(EndMs(rules), toleranceMs);
    }

    /// <summary>Holds a claim against the waybills of a vehicle. Allocates nothing.</summary>
    /// <param name="waybills">All that are known.</param>
    /// <param name="claim">What was seen.</param>
    /// <param name="rules">What is held against what.</param>
    /// <param name="against">The waybill that covers or is contradicted; null where none is.</param>
    public static WaybillFault Judge(ReadOnlySpan<RegisteredWaybill> waybills, scoped in WaybillClaim claim, WaybillRules rules, out RegisteredWaybill? against)
    {
        against = null;
        RegisteredWaybill? covering = null, named = null;
        WaybillFault best = WaybillFault.None;
        foreach (RegisteredWaybill waybill in waybills)
        {
            bool isNamed = claim.Number.Length > 0 && claim.Number.SequenceEqual(waybill.Number);
            named = isNamed ? waybill : named;
            if (!waybill.Covers(claim.AtMs, rules))
            {
                continue;
            }

            WaybillFault fault = waybill.Fault(claim, rules);
            if (isNamed)
            {
                against = waybill;
                return fault;
            }

            // Without a number, of several waybills the one that fits counts.
            if (covering is null || fault < best)
            {
                (covering, best) = (waybill, fault);
            }
        }

        against = named ?? covering;
        return named is not null ? WaybillFault.Time
            : covering is null ? WaybillFault.Missing
            : claim.Number.Length > 0 ? WaybillFault.Number
            : best;
    }

    private WaybillFault Fault(scoped in WaybillClaim claim, WaybillRules rules) =>
        claim.Substance.Length > 0 && Substance.Length > 0 && !claim.Substance.SequenceEqual(Substance) ? WaybillFault.Substance
        : rules.UnloadSiteIsKey && claim.UnloadedAt.Length > 0 && UnloadSite.Length > 0 && !claim.UnloadedAt.SequenceEqual(UnloadSite) ? WaybillFault.Place
        : WaybillFault.None;

    private static long Shift(long ms, long byMs) => ms is long.MinValue or long.MaxValue ? ms : ms + byMs;
}
