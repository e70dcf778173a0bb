using System.Globalization;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Grains.Dispatch;

/// <summary>What a district's dispatcher keeps besides its rows.</summary>
internal sealed class DispatcherState
{
    /// <summary>Number of the newest case.</summary>
    public long LastCase { get; set; }

    /// <summary>Open cases that warnings join.</summary>
    public long OpenCases { get; set; }

    /// <summary>What storms and held warnings need; null where there never was any.</summary>
    public StormState? Storms { get; set; }

    /// <summary>What reports are compared with; null as long as there was nothing.</summary>
    public ReportIndexState? Reports { get; set; }
}

/// <summary>
/// Opens cases for the warnings of a district and its streets, and joins later ones to them, whichever street they come from: a case stays with the street that opened it. Which case is open for which subject and kind is a keyed row, written in the
/// very turn that opens the case and removed in the turn that hears of its closing; turns of one dispatcher run one after another, so there is never a second open case for a key.
/// </summary>
/// <remarks>
/// A warning whose reading came in over ten minutes late (<see cref="Warning.Live"/> false) opens a case only where the routing rule says so: an overload that a station sends after it was offline
/// is an offence all the same, and its alert says that it is not live. Otherwise it is in the list of warnings alone, and nobody is sent out after
/// what is long past. It does join a case that is open. The first live change of the same warning opens the case.
/// </remarks>
public sealed partial class Dispatcher : Actor
{
    /// <summary>Version 1 knew neither storms nor reports; its members are the first of this one's.</summary>
    private const byte StateVersion = 2;
    private const byte RowVersion = 1;
    private DispatcherState state = new();

    public override bool HasRows => true;

    public override bool Exists => state.LastCase > 0 || state.Storms is not null;

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.WarningChanged:
                OnWarning(turn, message.Read<WarningChanged>());
                break;
            case MessageKind.CaseReopened:
                OnReopened(turn, message.Read<CaseReopened>());
                break;
            case MessageKind.CaseClosed:
                OnClosed(turn, message.Read<CaseClosed>());
                break;
            case MessageKind.LookAtHeld:
                LookAtHeld(turn);
                turn.Effects.Reply(ReplyStatus.Done);
                break;
            case MessageKind.Reminded:
                GoOn(turn);
                break;
            case MessageKind.PlaceReport:
                OnReport(turn, message.Read<ReportToPlace>());
                break;
            default:
                throw new InvalidDataException($"A dispatcher does not handle {message.Kind}.");
        }
    }

    public override void Write(ByteWriter writer) => StateJson.Write(writer, StateVersion, state, DispatchJson.Default.DispatcherState);

    public override void Read(ref ByteReader reader) =>
        state = StateJson.Read(ref reader, reader.Rest is [var version and > 0 and < StateVersion, ..] ? version : StateVersion, DispatchJson.Default.DispatcherState);

    public override void Describe(Utf8JsonWriter json, string key)
    {
        json.WriteStartObject();
        json.WriteString("id", key);
        json.WriteNumber("openCases", state.OpenCases);
        json.WriteNumber("lastCase", state.LastCase);
        if (state.Storms is { Held: > 0 and int held })
        {
            json.WriteNumber("held", held);
        }

        json.WriteEndObject();
    }

    private void OnWarning(scoped in Turn turn, WarningChanged changed)
    {
        Warning warning = changed.Warning;
        string row = RowKey(changed.SubjectKind, warning.Subject, warning.Kind);
        LookAtHeldUnderNewRules(turn);
        if (FindOpen(turn, row) is { } open)
        {
            turn.Effects.Tell(ActorKind.Case, CaseId(turn.Key, open.Number), MessageKind.WarningJoined, Silenced(turn, changed));
            NoteJoined(turn, row, open, changed);
            NoteMemberAgain(turn, open, changed);
            return;
        }

        if (changed.Change == WarningChange.Cleared)
        {
            LetGoOfCleared(turn, row, warning);
            return;
        }

        RoutingDecision decision = turn.Rules.Route(
            warning.Kind, warning.District, warning.Severity, Rulebook.ProvinceOf(changed.SubjectKind, warning.Subject), turn.NowMs);
        if ((!warning.Live && !decision.OpensWhenLate) || Holds(turn, row, changed, decision.Lead) || JoinsStorm(turn, row, changed))
        {
            return;
        }

        Open(turn, row, changed, decision);
    }

    /// <summary>Opens a case, unless what people have reported already is the same.</summary>
    private void Open(scoped in Turn turn, string row, WarningChanged changed, RoutingDecision decision)
    {
        Warning warning = changed.Warning;
        if (JoinsReports(turn, changed, row))
        {
            return;
        }

        state.LastCase++;
        state.OpenCases++;
        turn.Rows.Put(row, RowOf(state.LastCase));
        NoteOpened(turn, row, changed, state.LastCase);
        string id = CaseId(turn.Key, state.LastCase);
        string[]? earlier = EarlierCases(turn, row, warning.Kind, PlaceOf(warning) ?? GeoPosition.Unknown);
        turn.Effects.Tell(
            ActorKind.Case,
            id,
            MessageKind.CaseOpened,
            new CaseOpened(id, warning.District, changed.SubjectKind, warning, decision.Workflow, decision.Lead, decision.CoHandlers, decision.Reason, Earlier: earlier) { OfferedTo = decision.OfferedTo });
        Indexed(turn, state.LastCase, warning);
    }

    private void OnClosed(scoped in Turn turn, CaseClosed closed)
    {
        string row = RowKey(closed.SubjectKind, closed.Subject, closed.Kind);
        long number = NumberIn(turn.Key, closed.Id) ?? throw new InvalidDataException($"Case {closed.Id} is not of dispatcher {turn.Key}.");
        OpenRow? ended = FindOpen(turn, row) is { IsMember: false } open && open.Number == number ? open : null;
        Repoint(turn, row, number, closed.MergedInto is { } into ? NumberIn(turn.Key, into) : null);
        bool isOpen = IndexClosed(turn, closed, number, row) || ended is not null;
        state.OpenCases -= isOpen ? 1 : 0;
        if (closed.MergedInto is not null)
        {
            // One with members is not merged into another. What would be the first of them opens a case of its own.
            ForgetGroup(turn, number);
        }
        else if (ended is { } own)
        {
            EndStorm(turn, own, closed);
        }
    }

    /// <summary>What joins its subjects and kinds joins it again; unless there is a newer one open for them already, which goes on having it.</summary>
    private void OnReopened(scoped in Turn turn, CaseReopened reopened)
    {
        long number = long.Parse(reopened.Id.AsSpan(turn.Key.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        long? notInto = reopened.NotInto is { } other ? NumberIn(turn.Key, other) : null;
        if (reopened.NotIntoIsClosed && notInto is { } closed && ReportIndex.Case(turn.Rows, closed) is { Open: true } thought)
        {
            // It was taken for open when its subjects came.
            ReportIndex.Put(turn.Rows, closed, thought with { Open = false, ClosedMs = turn.NowMs });
            ReportIndex.Forget(turn, Index, closed, turn.NowMs + WindowMs(turn.Rules));
        }

        bool isOpen = IndexReopened(turn, reopened, number);
        if (reopened.SubjectKind != ActorKind.Report)
        {
            isOpen |= TakeBack(turn, RowKey(reopened.SubjectKind, reopened.Subject, reopened.Kind), number, notInto);
        }

        if (!isOpen && ReportIndex.Case(turn.Rows, number) is null)
        {
            // A newer case has its subject: that this one is open is known by the index alone, until it is closed.
            ReportIndex.Put(turn.Rows, number, new IndexedCase { Open = true, Kind = reopened.Kind });
            isOpen = true;
        }

        state.OpenCases += isOpen ? 1 : 0;

        List<string> aliases = [];
        foreach (CaseSubject subject in reopened.Subjects ?? [])
        {
            string row = RowKey(subject.SubjectKind, subject.Subject, subject.Kind);
            if (TakeBack(turn, row, number, notInto))
            {
                aliases.Add(row);
            }
        }

        if (aliases.Count > 0)
        {
            IndexedCase known = ReportIndex.Case(turn.Rows, number) ?? new IndexedCase { Open = true, Kind = reopened.Kind };
            ReportIndex.Put(turn.Rows, number, known with { Aliases = [.. known.Aliases.Concat(aliases).Distinct()] });
        }
    }

    /// <summary>True where a case has the row now: it was free, or with the case that this one did not go into.</summary>
    private static bool TakeBack(scoped in Turn turn, string row, long number, long? notInto)
    {
        if (notInto is { } other)
        {
            Repoint(turn, row, other, number);
        }

        if (FindOpen(turn, row) is null)
        {
            turn.Rows.Put(row, RowOf(number));
        }

        return PointsTo(turn.Rows, row, number);
    }

    private static string CaseId(string district, long number) => $"{district}-{number}";

    private static string RowKey(ActorKind kind, string subject, string warningKind) => $"{ActorId.Prefix(kind)}/{subject}/{warningKind}";

    private static byte[] RowOf(long number)
    {
        ByteWriter writer = new(16);
        writer.WriteByte(RowVersion);
        writer.WriteVar((ulong)number);
        return writer.Written.ToArray();
    }

    private static OpenRow OpenOf(byte[] row)
    {
        ByteReader reader = new(row);
        byte version = reader.ReadByte();
        return version switch
        {
            RowVersion => new OpenRow((long)reader.ReadVar(), OpenMarks.None),
            MarkedRowVersion => new OpenRow((long)reader.ReadVar(), (OpenMarks)reader.ReadByte()),
            _ => throw new InvalidDataException($"Row of version {version}; this build reads up to version {MarkedRowVersion}."),
        };
    }
}
