using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Dispatch;

/// <summary>
/// Storms: warnings of one cause join the case of the first (<see cref="StormGroup"/>). Each keeps a row of its own as if it had a case, so that its later changes find the case, and each is a numbered member of the case, so that its subject is told when the case closes.
/// </summary>
/// <remarks>
/// A turn never walks over all members: their rows stay when the case closes, and are passed over because the case's own row is gone; they are taken off some at a time, each in a turn that a reminder begins. So it does no harm how far that is, and a warning
/// that comes meanwhile opens the next case.
/// </remarks>
public sealed partial class Dispatcher
{
    private const byte MarkedRowVersion = 2;
    private const string GoOnReminder = "go-on";

    private StormState Storms => state.Storms ??= new StormState();

    /// <summary>The case that a warning is part of; null where there is none that is open.</summary>
    private static OpenRow? FindOpen(scoped in Turn turn, string row)
    {
        if (turn.Rows.Find(row) is not { } bytes)
        {
            return null;
        }

        OpenRow open = OpenOf(bytes);
        return open.IsMember && turn.Rows.Find(StormKey(open.Number)) is null ? null : open;
    }

    /// <summary>True where the warning joins the case of another.</summary>
    private bool JoinsStorm(scoped in Turn turn, string row, WarningChanged changed)
    {
        if (GroupOf(turn.Rules, changed.Warning) is not { } group
            || FindRow(turn, GroupKey(group, changed.Warning), DispatchJson.Default.StormGroupRow) is not { } open
            || turn.NowMs - open.LastMs > group.WithinMinutes * 60_000L
            || FindRow(turn, StormKey(open.Number), DispatchJson.Default.StormCase) is not { Members: < GrainLimits.StormMembers } storm)
        {
            return false;
        }

        Warning warning = changed.Warning;
        int member = storm.Members + 1;
        PutRow(turn, GroupKey(group, warning), open with { LastMs = turn.NowMs }, DispatchJson.Default.StormGroupRow);
        PutRow(turn, StormKey(open.Number), storm with { Members = member }, DispatchJson.Default.StormCase);
        PutRow(turn, MemberKey(open.Number, member), new StormMember(changed.SubjectKind, warning.Subject, warning.Kind, warning.Id), DispatchJson.Default.StormMember);
        turn.Rows.Put(row, RowOf(new OpenRow(open.Number, OpenMarks.Member)));
        Count(turn, row, changed);
        string id = CaseId(turn.Key, open.Number);
        turn.Effects.Tell(ActorKind.Case, id, MessageKind.WarningGrouped, new WarningGrouped(Silenced(turn, changed), group.Name, IsHeld: false));
        turn.Effects.Show(View.Handlings, warning.Id, new WarningHandling(id, group.Name, null));
        return true;
    }

    /// <summary>A member's warning was over and it warns anew: the end of the case has to name this warning too, or its subject would have it for ever.</summary>
    private static void NoteMemberAgain(scoped in Turn turn, OpenRow open, WarningChanged changed)
    {
        if (changed.Change == WarningChange.Opened && open.IsMember && FindRow(turn, StormKey(open.Number), DispatchJson.Default.StormCase) is { Members: < GrainLimits.StormMembers } storm)
        {
            Warning warning = changed.Warning;
            PutRow(turn, StormKey(open.Number), storm with { Members = storm.Members + 1 }, DispatchJson.Default.StormCase);
            PutRow(turn, MemberKey(open.Number, storm.Members + 1), new StormMember(changed.SubjectKind, warning.Subject, warning.Kind, warning.Id), DispatchJson.Default.StormMember);
            turn.Effects.Show(View.Handlings, warning.Id, new WarningHandling(CaseId(turn.Key, open.Number), GroupOf(turn.Rules, warning)?.Name, null));
        }
    }

    /// <summary>A case was opened: the next of its group joins it.</summary>
    private void NoteOpened(scoped in Turn turn, string row, WarningChanged changed, long number)
    {
        if (GroupOf(turn.Rules, changed.Warning) is { } group)
        {
            string key = GroupKey(group, changed.Warning);
            PutRow(turn, key, new StormGroupRow(number, turn.NowMs), DispatchJson.Default.StormGroupRow);
            PutRow(turn, StormKey(number), new StormCase(key, 0), DispatchJson.Default.StormCase);
        }

        Count(turn, row, changed);
    }

    /// <summary>A case was closed: nothing joins it any more, its other subjects are told, and what waited for its warning is looked at.</summary>
    private void EndStorm(scoped in Turn turn, OpenRow open, CaseClosed closed)
    {
        if (ForgetGroup(turn, open.Number) is { Members: > 0 } storm)
        {
            Storms.Ended.Add(new EndedStorm { Number = open.Number, Outcome = closed.Outcome, Members = storm.Members });
            turn.Effects.RemindAt(GoOnReminder, turn.NowMs);
        }

        Uncount(turn, open, closed.Kind);
        Release(turn, closed.SubjectKind, closed.Subject, closed.Kind);
    }

    /// <summary>Nothing joins a case by its group any more. What the case was to its group; null where it was nothing.</summary>
    private static StormCase? ForgetGroup(scoped in Turn turn, long number)
    {
        if (FindRow(turn, StormKey(number), DispatchJson.Default.StormCase) is not { } storm)
        {
            return null;
        }

        turn.Rows.Remove(StormKey(number));
        if (FindRow(turn, storm.Group, DispatchJson.Default.StormGroupRow)?.Number == number)
        {
            turn.Rows.Remove(storm.Group);
        }

        return storm;
    }

    /// <summary>Tells the next subjects of closed storms; true where there are more.</summary>
    private bool TellEnded(scoped in Turn turn, ref int left)
    {
        while (Storms.Ended is [var ended, ..])
        {
            for (; ended.Next <= ended.Members && left > 0; ended.Next++, left--)
            {
                string key = MemberKey(ended.Number, ended.Next);
                if (FindRow(turn, key, DispatchJson.Default.StormMember) is not { } member)
                {
                    continue;
                }

                turn.Rows.Remove(key);
                string row = RowKey(member.SubjectKind, member.Subject, member.Kind);
                if (turn.Rows.Find(row) is { } bytes && OpenOf(bytes) is { IsMember: true } open && open.Number == ended.Number)
                {
                    turn.Rows.Remove(row);
                    Uncount(turn, open, member.Kind);
                }

                turn.Effects.Tell(member.SubjectKind, member.Subject, MessageKind.CaseClosed, new CaseClosed(CaseId(turn.Key, ended.Number), member.Subject, member.SubjectKind, member.Kind, member.WarningId, ended.Outcome));
                Release(turn, member.SubjectKind, member.Subject, member.Kind);
            }

            if (ended.Next <= ended.Members)
            {
                return true;
            }

            Storms.Ended.RemoveAt(0);
        }

        return false;
    }

    private static StormGroup? GroupOf(Rulebook rules, Warning warning) =>
        Array.Find(rules.Storms.Groups, group => Array.Exists(group.Kinds, pattern => KindPattern.Fits(pattern, warning.Kind)));

    private static string GroupKey(StormGroup group, Warning warning) => group.By switch
    {
        StormGroup.Subject => $"group/{group.Name}/{warning.SubjectKind}/{warning.Subject}",
        StormGroup.Street => $"group/{group.Name}/{warning.District}",
        _ => $"group/{group.Name}/{DistrictPath.DistrictOf(warning.District)}",
    };

    private static string StormKey(long number) => string.Create(CultureInfo.InvariantCulture, $"storm/{number}");

    private static string MemberKey(long number, int member) => string.Create(CultureInfo.InvariantCulture, $"member/{number}/{member}");

    private static byte[] RowOf(OpenRow open)
    {
        if (open.Marks == OpenMarks.None)
        {
            return RowOf(open.Number);
        }

        ByteWriter writer = new(16);
        writer.WriteByte(MarkedRowVersion);
        writer.WriteVar((ulong)open.Number);
        writer.WriteByte((byte)open.Marks);
        return writer.Written.ToArray();
    }

    private static T? FindRow<T>(scoped in Turn turn, string key, JsonTypeInfo<T> type)
        where T : class
    {
        if (turn.Rows.Find(key) is not { } bytes)
        {
            return null;
        }

        ByteReader reader = new(bytes);
        return StateJson.Read(ref reader, RowVersion, type);
    }

    private static void PutRow<T>(scoped in Turn turn, string key, T value, JsonTypeInfo<T> type)
        where T : class
    {
        ByteWriter writer = new(256);
        StateJson.Write(writer, RowVersion, value, type);
        turn.Rows.Put(key, writer.Written.ToArray());
    }
}
