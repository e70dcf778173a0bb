using Orleans;

namespace Streaming.Grains.Orleans;

/// <summary>A warning was opened, changed or cleared. Published to the stream <c>warnings</c> of its district once it is in the lists.</summary>
/// <param name="Id">Id of the warning, <c>{subject key}/{kind}/{number}</c>.</param>
/// <param name="Subject">The subject's key alone.</param>
/// <param name="Kind">As <c>over-road-limit</c>.</param>
/// <param name="Severity">1 (notice) to 4 (danger to life).</param>
/// <param name="Open">False once cleared.</param>
/// <param name="Live">False where the reading came in over ten minutes late.</param>
/// <param name="Json">The whole row of the list, UTF-8.</param>
[GenerateSerializer, Immutable, Alias("streaming.WarningShown")]
public sealed record WarningShown(
    [property: Id(0)] string Id,
    [property: Id(1)] string Subject,
    [property: Id(2)] string Kind,
    [property: Id(3)] int Severity,
    [property: Id(4)] bool Open,
    [property: Id(5)] bool Live,
    [property: Id(6)] byte[] Json);

/// <summary>A department's feed has grown. Published to the stream <c>departments</c> of the feed; it says only up to where there is something to read.</summary>
/// <param name="Feed"><c>{department}/{district}</c>.</param>
/// <param name="Number">The highest number that can be read.</param>
[GenerateSerializer, Immutable, Alias("streaming.FeedGrown")]
public sealed record FeedGrown([property: Id(0)] string Feed, [property: Id(1)] long Number);
