namespace Streaming.Grains.Turns;

/// <summary>What anybody may ask of an actor, whoever runs it. What changes one is an input, and goes through the journal.</summary>
public interface IActor
{
    /// <summary>The state as one JSON object, UTF-8; null where nothing has happened to the actor. It shows everything that was acknowledged to anybody before the call.</summary>
    ValueTask<byte[]?> DescribeAsync(CancellationToken cancellation = default);
}
