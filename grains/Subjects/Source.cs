using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Whatever publishes: a station, camera, feed or register. It keeps its registration, what it delivered and how well, and what it delivered without saying of whom; finds out when it is silent; shows its row of the catalogue; and numbers its way back,
/// what others say of the entries that it speaks of.
/// </summary>
public sealed partial class Source : Actor
{
    private const byte Version = 4;

    private SourceRegistration? registration;
    private RecentReadings recent;
    private KeptReading lastUnidentified;
    private long publishes;
    private long accepted;
    private long rejected;
    private long unidentified;
    private long lastSeenMs;
    private long statusAtMs = long.MinValue;
    private bool online;
    private LoadMark load;
    private readonly SourceMeter meter = new();

    public override bool Exists => registration is not null || publishes > 0 || unidentified > 0 || statusAtMs != long.MinValue || station is not null;

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Published:
                ByteReader reader = new(message.Body);
                Published published = Published.Read(ref reader);
                publishes++;
                accepted += published.Accepted;
                rejected += published.Rejected;
                lastSeenMs = turn.NowMs;
                meter.Take(published, turn.NowMs);
                if (published.Chunk is { } chunk)
                {
                    load.Take(chunk, turn.NowMs);
                }

                Hear(turn);
                if (IsWatched)
                {
                    watch.Take(turn, published, registration!, ref warnings);
                }

                break;
            case MessageKind.Reading when message.ReadingKind == ReadingKind.Status:
                HandleStatus(message);
                break;
            case MessageKind.Reading when message.ReadingKind is ReadingKind.Weigh or ReadingKind.Video:
                HandleUnidentified(turn, message);
                break;
            case MessageKind.RegisterSource:
                Register(turn, message.Read<SourceRegistration>());
                break;
            case MessageKind.Reminded:
                Remind(turn, message);
                break;
            case MessageKind.ShowResource:
                TakeUp(turn);
                break;
            case MessageKind.EntryJoined:
                TellJoined(turn, message.Read<EntryJoined>());
                break;
            case MessageKind.EntryChanged:
                Learn(turn, EntryChanged.Read(message.Body));
                break;
            case MessageKind.CaseClosed:
                HandleClosed(turn, message.Read<CaseClosed>());
                break;
            default:
                throw new InvalidOperationException(
                    $"Source {turn.Key} got {message.Kind} {message.ReadingKind} at position {turn.Position}; it takes its registration, its publishes, its status, readings without a legible plate, what was joined with its data, its entry of the register of stations, and the end of a case.");
        }
    }

    /// <summary>Registers anew or for the first time; the last registration holds.</summary>
    private void Register(scoped in Turn turn, SourceRegistration wanted)
    {
        if (wanted.Id != turn.Key)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"The registration is of '{wanted.Id}' but was sent to source '{turn.Key}'.");
            return;
        }

        // What a register says of it is shown with a registration, and comes back with one that an administrator changes.
        registration = wanted with { Station = null };
        ShowRegistration(turn);
        meter.Begin(turn.NowMs);
        Await(turn);
        ForgetSilence(turn);
        JudgeStation(turn);
        turn.Effects.Reply(ReplyStatus.Done);
    }

    /// <summary>The newest word holds: a retained status, or a will that comes in after the client is back, is older and changes nothing.</summary>
    private void HandleStatus(scoped in Message message)
    {
        if (message.Header.AtMs < statusAtMs)
        {
            return;
        }

        ByteReader reader = new(message.Body);
        online = StatusReading.Read(ref reader).Online;
        statusAtMs = message.Header.AtMs;
    }

    /// <summary>A reading whose plate was not read, or too uncertainly to name a vehicle.</summary>
    private void HandleUnidentified(scoped in Turn turn, scoped in Message message)
    {
        switch (recent.Recognise(message.Header, message.SeenBefore, turn.NowMs))
        {
            case Recognition.Repeated:
                return;
            case Recognition.Unknown:
                turn.Effects.LookUp();
                return;
        }

        recent.Accept(message.Header, turn.NowMs);
        unidentified++;
        if (lastUnidentified.Precedes(message))
        {
            lastUnidentified.Keep(message);
        }
    }

    public override void Write(ByteWriter writer)
    {
        writer.WriteByte(Version);
        writer.WriteBytes(registration is null ? [] : JsonSerializer.SerializeToUtf8Bytes(registration, GrainsJson.Default.SourceRegistration));
        recent.Write(writer);
        lastUnidentified.Write(writer);
        writer.WriteVar((ulong)publishes);
        writer.WriteVar((ulong)accepted);
        writer.WriteVar((ulong)rejected);
        writer.WriteVar((ulong)unidentified);
        writer.WriteSigned(lastSeenMs);
        writer.WriteInt64(statusAtMs);
        writer.WriteBool(online);
        load.Write(writer);
        meter.Write(writer);
        WriteResource(writer);
        WriteWarnings(writer);
    }

    public override void Read(ref ByteReader reader)
    {
        byte version = StateVersion.Read(ref reader, Version, nameof(Source));
        ReadOnlySpan<byte> json = reader.ReadBytes();
        registration = json.Length > 0 ? JsonSerializer.Deserialize(json, GrainsJson.Default.SourceRegistration) : null;
        recent = RecentReadings.Read(ref reader);
        lastUnidentified = KeptReading.Read(ref reader);
        publishes = (long)reader.ReadVar();
        accepted = (long)reader.ReadVar();
        rejected = (long)reader.ReadVar();
        unidentified = (long)reader.ReadVar();
        lastSeenMs = reader.ReadSigned();
        statusAtMs = reader.ReadInt64();
        online = reader.ReadBool();
        load = version >= 2 ? LoadMark.Read(ref reader) : default;
        if (version >= 3)
        {
            meter.Read(ref reader);
            ReadResource(ref reader);
        }

        if (version >= 4)
        {
            ReadWarnings(ref reader);
        }
    }

    /// <summary>Everything but the secret's hash, which leaves by no way.</summary>
    public override void Describe(Utf8JsonWriter json, string key)
    {
        json.WriteStartObject();
        json.WriteString("id", key);
        if (registration is not null)
        {
            json.WriteString("kind", registration.Kind);
            json.WriteString("district", registration.District);
            json.WriteStartArray("topics");
            foreach (string topic in registration.Topics)
            {
                json.WriteStringValue(topic);
            }

            json.WriteEndArray();
            Number(json, "accuracyPct", registration.AccuracyPct);
            Word(json, "accuracyClass", registration.AccuracyClass);
            Word(json, "enterprise", registration.Enterprise);
            Word(json, "place", registration.Place);
            Number(json, "latitude", registration.Latitude);
            Number(json, "longitude", registration.Longitude);
            Word(json, "owner", registration.Owner);
        }

        json.WriteNumber("publishes", publishes);
        json.WriteNumber("accepted", accepted);
        json.WriteNumber("rejected", rejected);
        json.WriteNumber("unidentified", unidentified);
        if (lastUnidentified.IsKept)
        {
            ReadingJson.Time(json, "lastUnidentified", lastUnidentified.AtMs);
        }

        // Absent until there is something to say: a source that never published was never seen, one that never spoke of itself is neither on nor off.
        if (publishes > 0)
        {
            ReadingJson.Time(json, "lastSeen", lastSeenMs);
        }

        if (statusAtMs != long.MinValue)
        {
            json.WriteBoolean("online", online);
            ReadingJson.Time(json, "statusAt", statusAtMs);
        }

        load.Describe(json);
        DescribeResource(json);
        meter.Describe(json);
        DescribeWarnings(json);
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void Word(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
