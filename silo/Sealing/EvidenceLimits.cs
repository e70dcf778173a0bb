namespace Streaming.Silo.Sealing;

/// <summary>Every bound of evidence outside turns, in one place.</summary>
internal static class EvidenceLimits
{
    /// <summary>All copies and attachments together, bytes; past that a copy fails and says so, and an attachment is refused.</summary>
    public const long StoreBytes = 64L * 1024 * 1024 * 1024;

    /// <summary>A payload that is copied, bytes.</summary>
    public const int PayloadBytes = 1024 * 1024;

    /// <summary>A picture that is fetched, bytes.</summary>
    public const int PictureBytes = 10 * 1024 * 1024;

    /// <summary>An attached file, bytes: what a telephone takes, or a scanned document of some pages.</summary>
    public const int FileBytes = 10 * 1024 * 1024;

    /// <summary>Files of one call together, with what a form puts around them, bytes.</summary>
    public const long FormBytes = (3L * FileBytes) + (64 * 1024);

    /// <summary>Calls with files that are taken in at a time; each may have them in memory.</summary>
    public const int FormsAtOnce = 4;

    /// <summary>Pictures that are fetched at a time.</summary>
    public const int PicturesAtOnce = 8;

    /// <summary>Other copies that are made in one round, before their cases are told.</summary>
    public const int CopiesARound = 64;

    /// <summary>Copies that a case is told of in one command: an entry and a row of the lists each, well below the effects of a turn.</summary>
    public const int CopiesTold = 16;

    /// <summary>
    /// The part of the time of one core that copying takes where there is always more to copy: a flood of warnings waits its turn, which costs nothing while the journal keeps what is to be copied, and neither acknowledgements nor alerts wait for it.
    /// </summary>
    public const double CopyingShare = 0.2;

    /// <summary>Records of a subject that are gone through for one reading, newest first.</summary>
    public const int RecordsLooked = 20_000;

    /// <summary>Attempts at a picture; with the pauses between them some half an hour.</summary>
    public const int Attempts = 7;

    /// <summary>Entries of a register that are copied for one vehicle.</summary>
    public const int RegisterEntries = 20;

    /// <summary>Hosts that pictures may be fetched from.</summary>
    public const int Hosts = 256;

    /// <summary>Bytes of the file that names them.</summary>
    public const long HostsFileBytes = 256 * 1024;

    /// <summary>From the first byte to the last of a picture, s, where its host's entry does not say.</summary>
    public const int TimeoutSeconds = 10;

    /// <summary>Headers of an answer, KiB.</summary>
    public const int AnswerHeaderKib = 16;

    /// <summary>Why a copy failed, characters.</summary>
    public const int ReasonChars = 200;

    /// <summary>Signatures of heads that are remembered, so that all readers of an alert get the same.</summary>
    public const int SignaturesKept = 4096;

    /// <summary>Looks into a case that its dossier lists, newest first.</summary>
    public const int LooksListed = 500;

    /// <summary>Copies of one dossier that go into it as base 64, bytes; what does not fit is named by its hash alone.</summary>
    public const long DossierBytes = 96L * 1024 * 1024;

    /// <summary>Dossiers that are made at a time.</summary>
    public const int DossiersAtOnce = 2;

    /// <summary>Bytes of a dossier that is checked.</summary>
    public const long DossierFileBytes = 512L * 1024 * 1024;

    /// <summary>Pause before the second attempt; it doubles with each further one.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(15);

    /// <summary>How long is waited before the journal or the lists are asked again after they could not be used.</summary>
    public static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(1);

    /// <summary>How long the loop sleeps at most where it has something to do later.</summary>
    public static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    /// <summary>How long a connection to a host of pictures is used before its name is resolved, and its address checked, anew.</summary>
    public static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>The pause after an attempt, from 1.</summary>
    public static TimeSpan PauseAfter(int attempt) => TimeSpan.FromTicks(FirstPause.Ticks << Math.Min(attempt - 1, 10));
}
