using Streaming.Models.Readings;

namespace Streaming.Models.Scenes;

/// <summary>One event that counts for a scene.</summary>
/// <param name="AtMs">When it was seen, ms.</param>
/// <param name="Permille">How sure the camera was, per mille.</param>
/// <param name="Event">What it saw.</param>
public readonly record struct SceneHit(long AtMs, int Permille, VideoEvent Event);

/// <summary>The most events that lie within a scene's time of one another.</summary>
/// <param name="Events">How many they are.</param>
/// <param name="Permille">The greatest confidence among them, per mille.</param>
/// <param name="FirstMs">The oldest of them, ms.</param>
/// <param name="LastMs">The newest of them, ms.</param>
public readonly record struct SceneWindow(int Events, int Permille, long FirstMs, long LastMs)
{
    /// <summary>Looks for the fullest span; of equally full ones the newest.</summary>
    /// <param name="hits">Events, their times rising.</param>
    /// <param name="withinMinutes">Length of the span, minutes, both ends included.</param>
    /// <param name="among">Place of an event that has to be among them; -1 for any.</param>
    public static SceneWindow Fullest(ReadOnlySpan<SceneHit> hits, int withinMinutes, int among = -1)
    {
        SceneWindow fullest = default;
        long spanMs = withinMinutes * 60_000L;
        for (int first = 0; first < hits.Length && (among < 0 || first <= among); first++)
        {
            int permille = 0;
            int last = first;
            for (int i = first; i < hits.Length && hits[i].AtMs - hits[first].AtMs <= spanMs; i++)
            {
                permille = Math.Max(permille, hits[i].Permille);
                last = i;
            }

            if (last >= among && last - first + 1 >= fullest.Events)
            {
                fullest = new SceneWindow(last - first + 1, permille, hits[first].AtMs, hits[last].AtMs);
            }
        }

        return fullest;
    }
}
