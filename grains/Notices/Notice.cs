using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Notices;

/// <summary>
/// A notice to the subject of a case: what is warned of, until when to answer, by which channels it went out, whether it was opened, and the answer. It decides what is open; sending is done outside turns, by what its row says is to be
/// done (<see cref="NoticeRow.Errands"/>), and what became of that comes back as a command.
/// </summary>
/// <remarks>
/// A channel counts as delivered only by a command that says so, which is sent after the channel has taken the notice; so a crash between the two repeats a delivery and never claims one. An attempt is known by its number, so
/// the same outcome told twice counts once.
/// </remarks>
public sealed class Notice : Actor
{
    private const byte StateVersion = 1;
    private const string Deadline = "until";
    private NoticeState? state;

    public override bool Exists => state is not null;

    private NoticeState Now => state ?? throw new InvalidOperationException("The notice has not been issued.");

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        if (message.Kind == MessageKind.IssueNotice)
        {
            Issue(turn, message.Read<NoticeIssued>());
            return;
        }

        if (state is null)
        {
            // Whoever has the link of a notice that was forgotten since, or made its number up.
            turn.Effects.Reply(ReplyStatus.NotFound, $"There is no notice {turn.Key}.");
            return;
        }

        switch (message.Kind)
        {
            case MessageKind.AddressNotice:
                Address(turn, message.Read<NoticeAddressed>());
                break;
            case MessageKind.AttemptNotice:
                Attempt(turn, message.Read<NoticeAttempted>());
                break;
            case MessageKind.OpenNotice:
                Open(turn);
                break;
            case MessageKind.AnswerNotice:
                Answer(turn, message.Read<NoticeAnswered>());
                break;
            case MessageKind.WithdrawNotice:
                Finish(turn, NoticeStates.Withdrawn);
                break;
            case MessageKind.Reminded:
                Remind(turn, Encoding.UTF8.GetString(message.Body));
                break;
            default:
                throw new InvalidDataException($"A notice does not handle {message.Kind}.");
        }
    }

    public override bool IsExpired(long idleMs, Rulebook rules) => !Now.IsOpen && !rules.Expiry.Keeps(idleMs, onceSeen: false, warned: true);

    public override void Write(ByteWriter writer) => StateJson.WriteOrForgotten(writer, StateVersion, state, NoticesJson.Default.NoticeState);

    public override void Read(ref ByteReader reader) => state = StateJson.ReadOrForgotten(ref reader, StateVersion, NoticesJson.Default.NoticeState);

    public override void Describe(Utf8JsonWriter json, string key) => JsonSerializer.Serialize(json, Row(), GrainsJson.Default.NoticeRow);

    private void Issue(scoped in Turn turn, NoticeIssued issued)
    {
        if (state is not null)
        {
            throw new InvalidDataException($"Notice {turn.Key} was issued before: its case gives each number once.");
        }

        state = new NoticeState { Issued = issued, IssuedMs = turn.NowMs };
        turn.Effects.RemindAt(Deadline, issued.Until.ToUnixTimeMilliseconds());
        Show(turn);
    }

    private void Address(scoped in Turn turn, NoticeAddressed addressed)
    {
        if (Now.IsAddressed || !Now.IsOpen)
        {
            turn.Effects.Reply(ReplyStatus.Done);
            return;
        }

        if (addressed.Channels.Length > GrainLimits.NoticeChannels || addressed.Channels.Any(name => name.Length is 0 or > GrainLimits.NoticeChannelChars))
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"A notice goes out by at most {GrainLimits.NoticeChannels} channels, with names of at most {GrainLimits.NoticeChannelChars} characters.");
            return;
        }

        Now.LinkSha256 = addressed.LinkSha256;
        foreach (string name in addressed.Channels.Distinct(StringComparer.Ordinal))
        {
            Now.Channels.Add(new Channel { Name = name, SinceMs = turn.NowMs, NextMs = turn.NowMs });
        }

        Show(turn);
        turn.Effects.Reply(ReplyStatus.Done);
    }

    private void Attempt(scoped in Turn turn, NoticeAttempted attempted)
    {
        turn.Effects.Reply(ReplyStatus.Done);
        if (Now.Channels.Find(each => each.Name == attempted.Channel) is not { State: NoticeStates.Waiting or NoticeStates.Dropped } channel || attempted.Attempt != channel.Attempts + 1)
        {
            return;
        }

        bool delivered = attempted.Outcome == NoticeOutcomes.Delivered;
        bool again = attempted is { Outcome: NoticeOutcomes.Retry, Next: not null } && channel.State == NoticeStates.Waiting;
        channel.Attempts++;
        channel.SinceMs = turn.NowMs;
        channel.Reason = delivered ? null : Cut(attempted.Reason);
        channel.NextMs = again ? Math.Max(turn.NowMs, attempted.Next!.Value.ToUnixTimeMilliseconds()) : null;
        if (!again)
        {
            // What was on its way when the notice ended may still have arrived; what has not is of no interest any more.
            channel.State = delivered ? NoticeStates.Delivered : channel.State == NoticeStates.Dropped ? NoticeStates.Dropped : NoticeStates.Failed;
        }

        if (delivered)
        {
            Tell(turn, NoticeStates.Delivered, channel.Name);
        }
        else if (Now.IsOpen && channel.State == NoticeStates.Failed && Now.Channels.TrueForAll(each => each.State == NoticeStates.Failed))
        {
            Tell(turn, NoticeStates.Failed, string.Join("; ", Now.Channels.Select(each => $"{each.Name}: {each.Reason}")));
        }

        Show(turn);
    }

    private void Open(scoped in Turn turn)
    {
        turn.Effects.Reply(ReplyStatus.Done);
        if (!Now.IsOpen || Now.OpenedMs is not null)
        {
            return;
        }

        Now.OpenedMs = turn.NowMs;
        Tell(turn, NoticeStates.Opened, null);
        Show(turn);
    }

    private void Answer(scoped in Turn turn, NoticeAnswered answer)
    {
        if (!Now.IsOpen || turn.NowMs >= Now.Issued.Until.ToUnixTimeMilliseconds())
        {
            turn.Effects.Reply(ReplyStatus.Conflict, $"Notice {turn.Key} is over.");
            return;
        }

        if (answer.Note?.Length > GrainLimits.NoteChars)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"The note has {answer.Note.Length} characters; at most {GrainLimits.NoteChars} are kept.");
            return;
        }

        Now.OpenedMs ??= turn.NowMs;
        Now.Answer = answer;
        turn.Effects.Forget(Deadline);
        End(turn, NoticeStates.Answered);
        Tell(turn, NoticeStates.Answered, answer.Note, answer.PictureSha256);
        Show(turn);
        turn.Effects.Reply(ReplyStatus.Done, $"Notice {turn.Key} is answered.");
    }

    private void Remind(scoped in Turn turn, string name)
    {
        if (name != Deadline)
        {
            throw new InvalidDataException($"Notice {turn.Key} set no reminder {name}.");
        }

        if (Now.IsOpen && turn.NowMs >= Now.Issued.Until.ToUnixTimeMilliseconds())
        {
            Finish(turn, NoticeStates.Expired);
            Tell(turn, NoticeStates.Expired, null);
        }
    }

    /// <summary>Ends it without an answer.</summary>
    private void Finish(scoped in Turn turn, string end)
    {
        if (!Now.IsOpen)
        {
            return;
        }

        turn.Effects.Forget(Deadline);
        End(turn, end);
        Show(turn);
    }

    private void End(scoped in Turn turn, string end)
    {
        Now.End = end;
        Now.EndedMs = turn.NowMs;
        foreach (Channel channel in Now.Channels.Where(each => each.State == NoticeStates.Waiting))
        {
            channel.State = NoticeStates.Dropped;
            channel.NextMs = null;
        }
    }

    private void Tell(scoped in Turn turn, string what, string? note, string? picture = null) =>
        turn.Effects.Tell(ActorKind.Case, Now.Issued.Case, MessageKind.NoticeChanged, new NoticeChanged(Now.Issued.Id, Now.Issued.WorkOrder, what, note, picture));

    private void Show(scoped in Turn turn) => turn.Effects.Show(View.Notices, turn.Key, Row());

    private NoticeRow Row() => new(
        Now.Issued.Id,
        Now.Issued.Case,
        Now.Issued.WorkOrder,
        Now.Issued.Department,
        Now.Issued.District,
        Now.Issued.Stage,
        Now.Issued.Warning.Subject,
        Now.Issued.Warning.SubjectKind,
        Now.Issued.Warning.Kind,
        StateName(),
        Now.IsOpen,
        Now.Issued.By,
        Time(Now.IssuedMs),
        Now.Issued.Until,
        Now.Issued.Text,
        [.. Now.Channels.Select(each => new NoticeChannel(each.Name, each.State, each.Attempts, each.Reason, Time(each.SinceMs), each.NextMs is { } next ? Time(next) : null))],
        Now.OpenedMs is { } opened ? Time(opened) : null,
        Now.Answer is { } answer ? new NoticeReply(Time(Now.EndedMs!.Value), answer.Note, answer.PictureSha256, answer.PictureType) : null,
        Now.EndedMs is { } ended ? Time(ended) : null,
        Now.Issued.Warning,
        Errands(),
        Now.LinkSha256);

    private string StateName() =>
        Now.End
        ?? (Now.OpenedMs is not null ? NoticeStates.Opened
            : Now.Channels.Exists(each => each.State == NoticeStates.Delivered) ? NoticeStates.Delivered
            : Now.Channels.Count > 0 && Now.Channels.TrueForAll(each => each.State == NoticeStates.Failed) ? NoticeStates.Failed
            : NoticeStates.Issued);

    private NoticeErrand[] Errands() =>
        !Now.IsOpen ? []
        : !Now.IsAddressed ? [new NoticeErrand(NoticeErrand.Addressing, Now.IssuedMs)]
        : [.. Now.Channels.Where(each => each.NextMs is not null).Select(each => new NoticeErrand(each.Name, each.NextMs!.Value))];

    private static string? Cut(string? reason) => reason?.Length > GrainLimits.NoticeReasonChars ? reason[..GrainLimits.NoticeReasonChars] : reason;

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
