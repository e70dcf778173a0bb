namespace Streaming.Silo.Api;

/// <summary>Every bound of the HTTP interface, in one place.</summary>
internal static class ApiLimits
{
    /// <summary>Differences between two rulebooks that are named.</summary>
    public const int RulebookChanges = 1_000;

    /// <summary>Characters that are searched for.</summary>
    public const int SearchChars = 64;

    /// <summary>Things that one search finds at most.</summary>
    public const int SearchItems = 100;

    /// <summary>Columns, and words, of a source's mapping to a register.</summary>
    public const int MappedNames = 256;

    /// <summary>Readings a minute that may be expected of a source.</summary>
    public const int ExpectedPerMinute = 600_000;

    /// <summary>Readings or records a day that may be expected of a source.</summary>
    public const int ExpectedPerDay = 900_000_000;

    /// <summary>The shortest silence that may be asked for, s: each look for it is a record.</summary>
    public const int LeastSilenceS = 30;

    /// <summary>The longest, s: 400 days.</summary>
    public const int MostSilenceS = 400 * 24 * 60 * 60;

    /// <summary>Rows of what is sent and unregistered, of each kind.</summary>
    public const int UnregisteredRows = 1_000;

    /// <summary>Values by which the entries of a register are asked for at a time.</summary>
    public const int RegisterFilters = 4;

    /// <summary>Bytes of a table that is loaded into a register: a million records of some hundred bytes.</summary>
    public const long LoadBodyBytes = 1024L * 1024 * 1024;

    /// <summary>Memory for a table that may have to be read twice; what is beyond it is in a temporary file meanwhile.</summary>
    public const int LoadBufferBytes = 1024 * 1024;

    /// <summary>How long rights may be given to another for, days.</summary>
    public const int DelegationDays = 31;

    /// <summary>Others that one token may have given rights to at a time.</summary>
    public const int Delegations = 16;

    /// <summary>Names that one token may have given rights to, those included that have ended: each is kept, for the audit.</summary>
    public const int DelegationNames = 256;

    /// <summary>Refused calls of one token that each have an entry of their own in the audit, if they come at once; further ones are counted in the next entry.</summary>
    public const int RefusalsAudited = 60;

    /// <summary>After so long one more refused call of a token has an entry of its own.</summary>
    public static readonly TimeSpan RefusalAuditedEvery = TimeSpan.FromSeconds(10);

    /// <summary>Characters of what an entry of the audit says was asked for.</summary>
    public const int AuditAskedChars = 500;

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

    /// <summary>Work orders of one bulk action.</summary>
    public const int BulkWorkOrders = 200;

    /// <summary>The least bytes a second that a device's registration may allow: enough for its own keep alive and a reading now and then.</summary>
    public const int LeastBytesPerSecond = 64;

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

    /// <summary>The command centre's newest cases on which a rule of the responsibility matrix is tried.</summary>
    public const int RoutingCasesTried = 2000;

    /// <summary>Rulings that are offered as rules at a time, those ruled most often.</summary>
    public const int RoutingOffers = 100;

    /// <summary>Of the cases that a rule would have caught, so many are named.</summary>
    public const int RoutingCasesShown = 20;

    /// <summary>Bytes of a report's body: four pictures of 5 MiB as base64, and its text.</summary>
    public const long ReportBodyBytes = 28 * 1024 * 1024;

    /// <summary>Reports that are taken in at a time: each may be in memory with its pictures.</summary>
    public const int ReportsAtOnce = 16;

    /// <summary>A position is in the district of the nearest registered device that is no farther away than this, m.</summary>
    public const int DistrictNearM = 2_000;

    /// <summary>How often the lists are looked at again for what another actor shows a few turns later.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    /// <summary>A comment is sent on a live stream that had nothing to say for this long, so that both ends know it is alive.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>The city's figures are sent at least this often: some of them change all the time.</summary>
    public static readonly TimeSpan FiguresEvery = TimeSpan.FromSeconds(10);

    /// <summary>A live stream whose reader takes nothing for this long is closed; the feed keeps its place.</summary>
    public static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(30);
}
