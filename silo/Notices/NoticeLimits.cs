namespace Streaming.Silo.Notices;

/// <summary>Every bound of notices outside turns, in one place.</summary>
internal static class NoticeLimits
{
    /// <summary>Gateways of the city.</summary>
    public const int Gateways = 16;

    /// <summary>Bytes of the file that names them.</summary>
    public const long FileBytes = 256 * 1024;

    /// <summary>Characters of a gateway's name.</summary>
    public const int NameChars = 40;

    /// <summary>The shortest secret that requests are signed with, bytes: as many as its hash has bits of strength to lose.</summary>
    public const int SecretBytes = 16;

    /// <summary>Bytes of a file that a secret is read from.</summary>
    public const long SecretFileBytes = 4096;

    /// <summary>Networks that one gateway may be in though they are not public.</summary>
    public const int Networks = 16;

    /// <summary>Notices of one gateway that are on their way at a time; each gateway has its own, so one that hangs holds nobody else up.</summary>
    public const int SentAtOnce = 8;

    /// <summary>A request's body, bytes. A notice is some 4 KiB; this is what it could come to with the longest texts.</summary>
    public const int RequestBytes = 64 * 1024;

    /// <summary>Headers of a gateway's answer, KiB. Of the body nothing is read: the status says all.</summary>
    public const int AnswerHeaderKib = 16;

    /// <summary>Of an answer's body that is taken off the connection so that it can be used again, bytes; past that the connection is closed.</summary>
    public const int AnswerDrainBytes = 16 * 1024;

    /// <summary>From the first byte to the answer's status, s, where the gateway's entry does not say.</summary>
    public const int TimeoutSeconds = 10;

    /// <summary>The longest that an entry may say, s.</summary>
    public const int MostTimeoutSeconds = 60;

    /// <summary>Attempts on one channel: with the pauses between them, some eight hours.</summary>
    public const int Attempts = 12;

    /// <summary>The picture of an answer, bytes: what a telephone takes, at less than its best.</summary>
    public const int PictureBytes = 5 * 1024 * 1024;

    /// <summary>All pictures together, bytes; past that an answer is taken without one.</summary>
    public const long PicturesBytes = 4L * 1024 * 1024 * 1024;

    /// <summary>Body of an answer: the picture, the note, and what a form puts around them.</summary>
    public const long AnswerBytes = PictureBytes + (64 * 1024);

    /// <summary>Answers that are taken in at a time; each may have a whole picture in memory.</summary>
    public const int AnswersAtOnce = 8;

    /// <summary>Pause before the second attempt; it doubles with each further one.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause between two attempts.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromHours(2);

    /// <summary>How long is waited before the journal or the lists are asked again after they could not be used.</summary>
    public static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(1);

    /// <summary>How long a lane sleeps at most where it has something to do later: a clock that is set is noticed within it.</summary>
    public static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    /// <summary>How long a connection to a gateway is used before its name is resolved, and its address checked, anew.</summary>
    public static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>The pause after an attempt, from 1.</summary>
    public static TimeSpan PauseAfter(int attempt) => TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(attempt - 1, 20)));
}
