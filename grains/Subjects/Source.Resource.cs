using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Subjects;

/// <summary>The source as a resource of the catalogue: its state, its row, and its way back.</summary>
public sealed partial class Source
{
    /// <summary>First level of the names of the feeds of resources. No department is called so: names do not begin with it.</summary>
    public const string WaysBack = "$resources";

    private const string RowReminder = "row";
    private const string SilenceReminder = "silence";

    private bool silent;

    /// <summary>When the next look for silence is due, ms; 0 where none is.</summary>
    private long silenceDueMs;

    /// <summary>When the row was shown last, ms; 0 where it never was.</summary>
    private long rowShownMs;

    /// <summary>True while a reminder to show the row is outstanding.</summary>
    private bool rowDue;

    /// <summary>Number of the newest item of the way back.</summary>
    private long told;

    private string State =>
        registration?.Disabled == true ? ResourceStates.Disabled
        : publishes == 0 ? ResourceStates.Never
        : silent ? ResourceStates.Silent
        : ResourceStates.Live;

    /// <summary>
    /// It was heard. A look for silence is set once and looks by itself whether it came too early, and so is the next row: a publish that changes no state costs nothing but the counting.
    /// </summary>
    private void Hear(scoped in Turn turn)
    {
        if (registration is null)
        {
            return;
        }

        bool changes = silent || publishes == 1 || rowShownMs == 0;
        silent = false;
        if (silenceDueMs == 0 && registration is { Disabled: not true, Expected: { } expected } && expected.SilentAfterMs() is { } afterMs)
        {
            LookForSilence(turn, turn.NowMs + afterMs);
        }

        if (changes || (!rowDue && turn.NowMs - rowShownMs >= GrainLimits.ResourceRowEveryMs))
        {
            ShowRow(turn);
        }
        else if (!rowDue)
        {
            rowDue = true;
            turn.Effects.RemindAt(RowReminder, rowShownMs + GrainLimits.ResourceRowEveryMs);
        }
    }

    /// <summary>What is expected is another thing now, or may be: the look for silence begins anew.</summary>
    private void Await(scoped in Turn turn)
    {
        if (silenceDueMs != 0)
        {
            silenceDueMs = 0;
            turn.Effects.Forget(SilenceReminder);
        }

        silent = false;
        if (publishes > 0 && registration is { Disabled: not true, Expected: { } expected } && expected.SilentAfterMs() is { } afterMs)
        {
            silent = turn.NowMs - lastSeenMs >= afterMs;
            if (!silent)
            {
                LookForSilence(turn, lastSeenMs + afterMs);
            }
        }

        ShowRow(turn);
    }

    /// <summary>A version without a catalogue registered it. Nobody knows what it would have been found to be, so it gets its time from now on.</summary>
    private void TakeUp(scoped in Turn turn)
    {
        if (registration is null)
        {
            turn.Effects.Reply(ReplyStatus.NotFound, $"There is no registration of '{turn.Key}'.");
            return;
        }

        if (rowShownMs == 0)
        {
            meter.Begin(turn.NowMs);
            if (publishes > 0 && silenceDueMs == 0 && registration is { Disabled: not true, Expected: { } expected } && expected.SilentAfterMs() is { } afterMs)
            {
                LookForSilence(turn, turn.NowMs + afterMs);
            }

            ShowRow(turn);
        }

        turn.Effects.Reply(ReplyStatus.Done);
    }

    private void Remind(scoped in Turn turn, scoped in Message message)
    {
        switch (Encoding.UTF8.GetString(message.Body))
        {
            case RowReminder:
                rowDue = false;
                ShowRow(turn);
                break;
            case SilenceReminder:
                JudgeSilence(turn);
                break;
            case CalibrationReminder:
                stationDueMs = 0;
                JudgeStation(turn);
                break;
            case AgainReminder:
                LookAgain(turn);
                break;
        }
    }

    /// <summary>
    /// Silent, where nothing came since the threshold; else the look is set to when that would be. One that comes long after it was due says that this process did not run: then nobody could be heard, and each gets its time once more
    /// instead of the whole city being called silent at every start.
    /// </summary>
    private void JudgeSilence(scoped in Turn turn)
    {
        long lateMs = turn.NowMs - silenceDueMs;
        silenceDueMs = 0;
        if (registration is not { Disabled: not true, Expected: { } expected } || expected.SilentAfterMs() is not { } afterMs || silent)
        {
            return;
        }

        if (turn.NowMs - lastSeenMs < afterMs)
        {
            // The look was set by what was heard after the silence: that was one whole threshold ago.
            warnings?.Clear(turn, ActorKind.Source, SourceWarning.SilenceKind, turn.NowMs, SourceWarning.SilenceBack(afterMs));
            LookForSilence(turn, lastSeenMs + afterMs);
        }
        else if (lateMs > GrainLimits.SilenceLateMs)
        {
            LookForSilence(turn, turn.NowMs + afterMs);
        }
        else
        {
            silent = true;
            ShowRow(turn);
            WarnOfSilence(turn, afterMs);
        }
    }

    private void LookForSilence(scoped in Turn turn, long dueMs)
    {
        silenceDueMs = dueMs;
        turn.Effects.RemindAt(SilenceReminder, dueMs);
    }

    private void ShowRow(scoped in Turn turn)
    {
        rowShownMs = turn.NowMs;
        if (rowDue)
        {
            rowDue = false;
            turn.Effects.Forget(RowReminder);
        }

        (long accepted24H, long rejected24H) = meter.Within24H(turn.NowMs);
        turn.Effects.Show(View.Resources, turn.Key, new ResourceRow(
            turn.Key,
            registration!.Kind,
            registration.Owner,
            registration.District,
            registration.Register,
            State,
            publishes > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(lastSeenMs) : null,
            registration.Expected,
            publishes,
            accepted,
            rejected,
            unidentified,
            accepted24H,
            rejected24H,
            registration.Expected?.Within(meter.Measured24HMs(turn.NowMs)),
            [.. meter.Late],
            registration.Joined,
            told,
            DateTimeOffset.FromUnixTimeMilliseconds(turn.NowMs)));
    }

    /// <summary>Numbers an item of the way back and shows it, in one turn, as a department does with its alerts. One that is no longer asked for is dropped: entries that were told of the wish do not know that it has ended.</summary>
    private void TellJoined(scoped in Turn turn, EntryJoined joined)
    {
        if (registration is not { Joined: true })
        {
            return;
        }

        told++;
        JoinedItem item = new(told, JoinedItem.Joined, turn.Key, registration.District, DateTimeOffset.FromUnixTimeMilliseconds(turn.NowMs), joined.Register, joined.Key, joined.By, joined.Changed, joined.Spans);
        turn.Effects.Show(View.Feed, $"{WaysBack}/{turn.Key}/{told}", item);
    }

    private void WriteResource(ByteWriter writer)
    {
        writer.WriteBool(silent);
        writer.WriteSigned(silenceDueMs);
        writer.WriteSigned(rowShownMs);
        writer.WriteBool(rowDue);
        writer.WriteVar((ulong)told);
    }

    private void ReadResource(ref ByteReader reader)
    {
        silent = reader.ReadBool();
        silenceDueMs = reader.ReadSigned();
        rowShownMs = reader.ReadSigned();
        rowDue = reader.ReadBool();
        told = (long)reader.ReadVar();
    }

    private void DescribeResource(Utf8JsonWriter json)
    {
        if (registration is null)
        {
            return;
        }

        json.WriteString("state", State);
        if (told > 0)
        {
            json.WriteNumber("told", told);
        }
    }
}
