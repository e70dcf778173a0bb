using Streaming.Grains.Rules;

namespace Streaming.Grains.Messages;

/// <summary>Command to a scene: its wording. A wording that says nothing else than before changes nothing.</summary>
/// <param name="Rule">What it is to say; its revision is given by the scene.</param>
/// <param name="By">Name of the token.</param>
/// <param name="Expected">State of the scene that the writer had read (<see cref="SceneRow.Version"/>); null for one that is new.</param>
public sealed record SceneDrafted(SceneRule Rule, string By, long? Expected);

/// <summary>Command to a scene: what a back-test of a revision found.</summary>
public sealed record SceneTested(SceneTest Test);

/// <summary>Command to a scene: a step of its life.</summary>
/// <param name="Action">One of <see cref="SceneActions"/>.</param>
/// <param name="By">Name of the token.</param>
/// <param name="Expected">State of the scene that the caller had read.</param>
/// <param name="Note">Why; a return needs it.</param>
/// <param name="Rulebook">Of an approval: the version of the rulebook that has it in force.</param>
public sealed record SceneAction(string Action, string By, long? Expected, string? Note = null, int Rulebook = 0);

/// <summary>Steps in the life of a scene. Persisted and published: names are never reused.</summary>
public static class SceneActions
{
    public const string Change = "change";
    public const string BackTest = "back-test";
    public const string Propose = "propose";
    public const string Approve = "approve";
    public const string Return = "return";
    public const string Withdraw = "withdraw";
}

/// <summary>States of a scene's newest revision. Persisted and published: names are never reused.</summary>
public static class SceneStates
{
    /// <summary>Written, and not tried yet.</summary>
    public const string Draft = "draft";

    /// <summary>Tried on the recorded journal.</summary>
    public const string Tested = "tested";

    /// <summary>The centre has it to decide.</summary>
    public const string Proposed = "proposed";

    /// <summary>The centre gave it back with a reason.</summary>
    public const string Returned = "returned";

    /// <summary>In force.</summary>
    public const string Approved = "approved";

    /// <summary>Over for ever.</summary>
    public const string Withdrawn = "withdrawn";
}

/// <summary>What a back-test of one revision found.</summary>
/// <param name="Revision">Revision that was tried.</param>
/// <param name="By">Name of the token that asked for it.</param>
/// <param name="At">When it ended.</param>
/// <param name="Rulebook">Version of the rulebook that it ran under, beside the scene.</param>
/// <param name="From">Beginning of the range.</param>
/// <param name="To">End of the range, itself not in it.</param>
/// <param name="ReachesBackTo">Time of the oldest record that the journal still had; null where it had none. The range before it was not tried.</param>
/// <param name="Events">Camera events that were held against it.</param>
/// <param name="Counted">Those of them that counted for it.</param>
/// <param name="Warnings">Warnings that there would have been.</param>
/// <param name="QuietMinutes">Quiet after which a warning was taken to be over, minutes.</param>
/// <param name="QuietAssumed">True where the scene names none: its warnings end with their cases, which nobody closed here.</param>
/// <param name="Districts">Warnings by district or street.</param>
/// <param name="Days">Warnings by local day.</param>
/// <param name="Subjects">How many subjects had any.</param>
/// <param name="Top">Those with the most.</param>
/// <param name="Examples">The first warnings, with the readings that they cite.</param>
/// <param name="Stopped">Why it ended before the end of the range; null where it did not.</param>
/// <param name="TookMs">How long it took, ms.</param>
public sealed record SceneTest(
    int Revision,
    string By,
    DateTimeOffset At,
    int Rulebook,
    DateTimeOffset From,
    DateTimeOffset To,
    DateTimeOffset? ReachesBackTo,
    long Events,
    long Counted,
    long Warnings,
    int QuietMinutes,
    bool QuietAssumed,
    SceneCount[] Districts,
    SceneCount[] Days,
    long Subjects,
    SceneCount[] Top,
    SceneExample[] Examples,
    string? Stopped,
    long TookMs);

/// <summary>How many warnings a district, a day or a subject has.</summary>
public sealed record SceneCount(string Of, long Warnings);

/// <summary>One warning of a back-test.</summary>
public sealed record SceneExample(string Subject, string SubjectKind, string District, DateTimeOffset At, Explanation Explanation, CitedReading[] Readings);

/// <summary>One step in a scene's history.</summary>
public sealed record SceneStep(DateTimeOffset At, string By, string Action, int Revision, string? Note);

/// <summary>A scene as it is shown: its newest revision, and the one in force.</summary>
/// <param name="State">One of <see cref="SceneStates"/>, of the newest revision.</param>
/// <param name="Version">Rises with every change of anything here; a caller names the one that it read.</param>
/// <param name="Allowed">Of <see cref="SceneActions"/>, what can be done now.</param>
/// <param name="Scene">The newest revision.</param>
/// <param name="InForce">The revision in force; null where none is.</param>
/// <param name="Rulebook">Version of the rulebook that took it into force; null where none is.</param>
/// <param name="Test">Back-test of the newest revision; null where there is none.</param>
/// <param name="Note">Why it was returned or withdrawn; null otherwise.</param>
public sealed record SceneRow(
    string Id,
    LocalName Name,
    string Department,
    string State,
    int Revision,
    long Version,
    string[] Allowed,
    SceneRule Scene,
    SceneRule? InForce,
    int? Rulebook,
    SceneTest? Test,
    string? Note,
    SceneStep[] History);
