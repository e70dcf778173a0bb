namespace Streaming.Silo.Scenes;

/// <summary>Every bound of back-tests of scenes, in one place.</summary>
internal static class SceneLimits
{
    /// <summary>Longest range that is tried at a time, days.</summary>
    public const int RangeDays = 92;

    /// <summary>Range where the caller names none, days.</summary>
    public const int DefaultRangeDays = 14;

    /// <summary>Longest that one may take; what it found until then is kept, and says so.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(20);

    /// <summary>Work between two pauses.</summary>
    public static readonly TimeSpan Work = TimeSpan.FromMilliseconds(20);

    /// <summary>A pause, as long as the work before it: so a back-test takes half a core at most.</summary>
    public static readonly TimeSpan Pause = Work;

    /// <summary>Places and enterprises in memory, some 20 MB; more are put aside on disk.</summary>
    public const int Subjects = 20_000;

    /// <summary>Subjects with the most warnings that are named.</summary>
    public const int Top = 10;

    /// <summary>Districts and streets that are named.</summary>
    public const int Districts = 40;

    /// <summary>Subjects of which the warnings are counted apart; of further ones the warnings count, and they themselves do not.</summary>
    public const int SubjectsCounted = 100_000;

    /// <summary>Warnings that are shown with the readings that they cite.</summary>
    public const int Examples = 5;

    /// <summary>Quiet after which a warning of a scene that names none is taken to be over, minutes: its case is taken to be closed within a day.</summary>
    public const int AssumedQuietMinutes = 24 * 60;
}
