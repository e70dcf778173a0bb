namespace Streaming.Silo.Api;

/// <summary>Every bound of the HTTP interface, in one place.</summary>
internal static class ApiLimits
{
    /// <summary>Bytes of a request's body.</summary>
    public const long BodyBytes = 1024 * 1024;

    /// <summary>Rows of a page where the caller names no limit.</summary>
    public const int DefaultPageRows = 100;

    /// <summary>Lines of one page of a subject's history.</summary>
    public const int HistoryPageLines = 1000;

    /// <summary>Records of the subject that one page of its history goes through; where none of them is wanted, the page is empty and says where to go on.</summary>
    public const int HistoryPageRecords = 20_000;

    /// <summary>Lines of one table of a subject's history, some 200 MB; where there are more, its last line says where to go on.</summary>
    public const int HistoryTableLines = 1_000_000;

    /// <summary>Live streams open at the same time.</summary>
    public const int LiveStreams = 2000;

    /// <summary>Feed items read and written in one go.</summary>
    public const int FeedItemsPerWrite = 100;

    /// <summary>UTF-8 bytes of an id of a device, a department, a district, a token's name.</summary>
    public const int NameBytes = 48;

    /// <summary>Topic filters of a device.</summary>
    public const int Topics = 64;

    /// <summary>UTF-8 bytes of a topic filter.</summary>
    public const int TopicBytes = 256;

    /// <summary>Characters of other short texts: kind, enterprise, place, owner, outcome.</summary>
    public const int TextLength = 120;

    /// <summary>Label sets of one metric; further ones are counted together.</summary>
    public const int LabelSets = 1000;

    /// <summary>Browsers signed in at the same time, over all holders of tokens.</summary>
    public const int BrowserSessions = 1000;

    /// <summary>Browsers signed in at the same time with one token.</summary>
    public const int BrowserSessionsOfOne = 10;

    /// <summary>Characters of a session's id; a longer cookie is nobody's.</summary>
    public const int BrowserSessionIdChars = 64;

    /// <summary>A browser has to sign in again after this long: a working day.</summary>
    public static readonly TimeSpan BrowserSessionLifetime = TimeSpan.FromHours(12);

    /// <summary>
    /// How long a call that changed something waits for the lists to show it. What it did is durable by then, so past this the answer is given all the same.
    /// </summary>
    public static readonly TimeSpan ListsWait = TimeSpan.FromSeconds(10);

    /// <summary>A comment is sent on a live stream that had nothing to say for this long, so that both ends know it is alive.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>A live stream whose reader takes nothing for this long is closed; the feed keeps its place.</summary>
    public static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(30);
}
