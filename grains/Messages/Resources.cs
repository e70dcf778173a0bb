namespace Streaming.Grains.Messages;

/// <summary>How much is expected of a source. At most one of the two rates is given.</summary>
/// <param name="PerMinute">Readings a minute.</param>
/// <param name="PerDay">Readings, or records, a day of 24 hours.</param>
/// <param name="SilentAfterS">How long nothing may come before it is silent, s; null to derive it from the rate.</param>
public sealed record ResourceExpectation(int? PerMinute = null, int? PerDay = null, int? SilentAfterS = null)
{
    private const long MinuteMs = 60_000;
    private const long DayMs = 24 * 60 * MinuteMs;

    /// <summary>How long nothing may come before it is silent, ms: as given, else three times as long as one reading takes on average, and no less than <see cref="GrainLimits.SilenceDerivedMs"/>. Null where nothing is expected.</summary>
    public long? SilentAfterMs() =>
        SilentAfterS is { } given ? given * 1000L
        : PerMinute is { } minutely ? Math.Max(3 * MinuteMs / minutely, GrainLimits.SilenceDerivedMs)
        : PerDay is { } daily ? Math.Max(3 * DayMs / daily, GrainLimits.SilenceDerivedMs)
        : null;

    /// <summary>How many are expected within a time, rounded down; null where no rate is given.</summary>
    public long? Within(long ms) =>
        PerMinute is { } minutely ? ms * minutely / MinuteMs
        : PerDay is { } daily ? (ms / 1000) * daily / (DayMs / 1000)
        : null;
}

/// <summary>States of a resource. They are part of rows: a name is never reused.</summary>
public static class ResourceStates
{
    /// <summary>Heard, and not silent. One of which nothing is expected stays so once it was heard.</summary>
    public const string Live = "live";

    /// <summary>Nothing came for longer than is expected.</summary>
    public const string Silent = "silent";

    /// <summary>Registered, and never heard.</summary>
    public const string Never = "never";

    /// <summary>An administrator has cut it off.</summary>
    public const string Disabled = "disabled";

    public static readonly string[] All = [Live, Silent, Never, Disabled];
}

/// <summary>A resource as the catalogue lists it: its registration, and what was measured when the row was shown last.</summary>
/// <param name="State">One of <see cref="ResourceStates"/>; a change of it is shown at once, figures at most every five minutes.</param>
/// <param name="LastSeen">When it published last; null where it never did.</param>
/// <param name="Accepted24H">Readings accepted in the 24 clock hours (UTC) up to and with the one of <paramref name="AsOf"/>.</param>
/// <param name="Expected24H">What was expected in that time, as far as it was measured; null where no rate is given.</param>
/// <param name="Late">Readings by how late they came in, as <see cref="LatenessBands"/>.</param>
/// <param name="Told">Items of its way back.</param>
/// <param name="AsOf">When the row was shown.</param>
public sealed record ResourceRow(
    string Id,
    string Kind,
    string? Owner,
    string District,
    string? Register,
    string State,
    DateTimeOffset? LastSeen,
    ResourceExpectation? Expected,
    long Publishes,
    long Accepted,
    long Rejected,
    long Unidentified,
    long Accepted24H,
    long Rejected24H,
    long? Expected24H,
    long[] Late,
    bool? Joined,
    long Told,
    DateTimeOffset AsOf);

/// <summary>Body of <see cref="MessageKind.EntryJoined"/>: what an entry says now that another source has spoken.</summary>
/// <param name="Register">Name of the register.</param>
/// <param name="Key">The entry's key within it.</param>
/// <param name="By">The source whose word changed it.</param>
/// <param name="Changed">Fields that hold otherwise than before, or by another's word, or that others contradict now or no longer; ordinal.</param>
/// <param name="Spans">Everything that holds now, who says so, and who says otherwise.</param>
public sealed record EntryJoined(string Register, string Key, string By, string[] Changed, EntrySpan[] Spans);

/// <summary>An item of a resource's way back. The number is the feed's, rising by one without a hole.</summary>
/// <param name="Type"><see cref="Joined"/>; <see cref="Withheld"/> where the reader may not see the entry; <c>gap</c> in place of items that are not kept any more. Of the latter two only resource, district and time are given, and of a gap a text.</param>
/// <param name="Resource">The source whose way back it is.</param>
/// <param name="District">Its district.</param>
/// <param name="At">When it was joined.</param>
public sealed record JoinedItem(
    long Number, string Type, string Resource, string District, DateTimeOffset At, string? Register = null, string? Key = null, string? By = null, string[]? Changed = null, EntrySpan[]? Spans = null, Explanation? Text = null)
{
    /// <summary>Type of an item that tells of an entry.</summary>
    public const string Joined = "joined";

    /// <summary>Type of an item whose entry the reader may not see.</summary>
    public const string Withheld = "withheld";
}
