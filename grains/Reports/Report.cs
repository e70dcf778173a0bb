using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Reports;

/// <summary>
/// Something that a person or another system reported: the text as it came, who reported it, and the case that it is in. It never goes into another report: two of one event are in one case, each with its reporter, who is called back.
/// </summary>
/// <remarks>
/// Its id is made of the channel and the other system's reference, or of the client's own key, where there is one. So what is sent again is known here, however late: it is done once, and answered as the first time.
/// </remarks>
public sealed class Report : Actor
{
    private const byte StateVersion = 1;
    private ReportState? state;

    public override bool Exists => state is not null;

    private ReportState Now => state ?? throw new InvalidOperationException("The report has not been filed.");

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        if (message.Kind == MessageKind.FileReport)
        {
            File(turn, message.Read<ReportFiled>());
            return;
        }

        if (state is null)
        {
            throw new InvalidDataException($"Report {turn.Key} was never filed, and got {message.Kind}.");
        }

        switch (message.Kind)
        {
            case MessageKind.ReportChanged:
                Change(turn, message.Read<ReportChanged>());
                break;
            case MessageKind.SplitOffReport:
                SplitOff(turn, message.Read<ReportSplitOff>());
                break;
            case MessageKind.CaseClosed:
                // Of a case that it opened and is the subject of. The case tells all of its reports, this one too.
                break;
            default:
                throw new InvalidDataException($"A report does not handle {message.Kind}.");
        }
    }

    public override bool IsExpired(long idleMs, Rulebook rules) => Now.State is ReportStates.Closed or ReportStates.CalledBack && !rules.Expiry.Keeps(idleMs, onceSeen: false, warned: true);

    public override void Write(ByteWriter writer) => StateJson.WriteOrForgotten(writer, StateVersion, state, ReportsJson.Default.ReportState);

    public override void Read(ref ByteReader reader) => state = StateJson.ReadOrForgotten(ref reader, StateVersion, ReportsJson.Default.ReportState);

    public override void Describe(Utf8JsonWriter json, string key) => JsonSerializer.Serialize(json, Row(), GrainsJson.Default.ReportRow);

    private void File(scoped in Turn turn, ReportFiled filed)
    {
        if (state is not null)
        {
            if (state.Filed.Digest == filed.Digest)
            {
                turn.Effects.Reply(ReplyStatus.Done, "Filed already.", made: turn.Key);
            }
            else
            {
                turn.Effects.Reply(ReplyStatus.Conflict, "Something else was reported under this reference or key before. Send what is new under a reference of its own.");
            }

            return;
        }

        state = new ReportState { Filed = filed, FiledMs = turn.NowMs };
        turn.Effects.Tell(ActorKind.Dispatcher, DistrictPath.DistrictOf(filed.Facts.District), MessageKind.PlaceReport, new ReportToPlace(filed.Facts));
        Show(turn);
        turn.Effects.Reply(ReplyStatus.Done, made: turn.Key);
    }

    private void Change(scoped in Turn turn, ReportChanged changed)
    {
        if (Now.Case is { } before && before != changed.Case)
        {
            if (changed.Reason is null)
            {
                // From a case that it has left meanwhile.
                return;
            }

            Now.EarlierCases.Add(before);
            if (Now.EarlierCases.Count > GrainLimits.EarlierCasesOfReport)
            {
                Now.EarlierCases.RemoveAt(0);
            }
        }

        Now.Case = changed.Case;
        Now.State = changed.State;
        Now.Reason = changed.Reason ?? Now.Reason;
        Now.Outcome = changed.Outcome;
        Now.CalledBack = changed.CalledBack;
        Show(turn);
    }

    private void SplitOff(scoped in Turn turn, ReportSplitOff split)
    {
        if (Now.Case == split.From)
        {
            turn.Effects.Tell(
                ActorKind.Dispatcher, DistrictPath.DistrictOf(Now.Filed.Facts.District), MessageKind.PlaceReport, new ReportToPlace(Now.Filed.Facts, split.From, split.Into, split.With, split.By, split.Note));
        }
    }

    private void Show(scoped in Turn turn) => turn.Effects.Show(View.Reports, turn.Key, Row());

    private ReportRow Row()
    {
        ReportFacts facts = Now.Filed.Facts;
        return new ReportRow(
            facts.Id,
            Now.Case,
            Now.State,
            facts.Kind,
            Now.Filed.KindGuessed,
            facts.District,
            facts.Channel,
            Now.Filed.Reference,
            facts.Text,
            facts.Place,
            facts.At,
            DateTimeOffset.FromUnixTimeMilliseconds(Now.FiledMs),
            facts.Pictures,
            Now.Reason,
            Now.Reason?.Say(),
            Now.Outcome,
            Now.CalledBack,
            Now.EarlierCases.Count > 0 ? [.. Now.EarlierCases] : null,
            Now.Filed.Reporter,
            Now.Filed.By);
    }
}
