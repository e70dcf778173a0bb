using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Subjects;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Silo.History;

/// <summary>How today's decoder reads one element differently from the recorded reading.</summary>
/// <param name="Position">The record.</param>
/// <param name="What"><c>different</c>, <c>newly-rejected</c> or <c>newly-accepted</c>.</param>
/// <param name="Source">Who published.</param>
/// <param name="Id">The reading's id.</param>
/// <param name="Detail">Which fields, or why it is rejected.</param>
internal sealed record RedecodedDifference(long Position, string What, string Source, string Id, string Detail);

/// <summary>
/// Decodes recorded payloads once more with today's decoder and holds the readings against those recorded. It keeps no more than counts, the registrations it met and the first few differences.
/// </summary>
/// <remarks>
/// What a decoder needs besides topic and payload: the source's registration, which the journal has as a command (where that was dropped, what the recorded readings show of it is taken), and the time of arrival, of which the journal has the moment of
/// the record, a little later; a reading that was rejected because of a clock just about that fast decides nothing. Of a payload that ended in something damaged or too large only the head was kept, so a rejection that stays one is not compared further.
/// </remarks>
internal sealed class Redecoding(string? onlySource, long fromMs, long toMs)
{
    /// <summary>Inputs wait for the journal for no longer than this before they get their time, ms; far more than any that was seen.</summary>
    private const long ArrivalMs = 60_000;

    private readonly Dictionary<string, SourceContext> sources = new(StringComparer.Ordinal);
    private readonly ByteWriter decoded = new(64 * 1024);
    private readonly RecordedSites recorded = new();

    public long Payloads { get; private set; }

    public long Identical { get; private set; }

    public long Different { get; private set; }

    public long NewlyRejected { get; private set; }

    public long NewlyAccepted { get; private set; }

    /// <summary>Payloads that were quarantined for the topic they came on; no decoder saw them.</summary>
    public long NotDecoded { get; private set; }

    /// <summary>Readings whose raw payload is not kept any more.</summary>
    public long WithoutRaw { get; private set; }

    /// <summary>How often each field is read differently.</summary>
    public SortedDictionary<string, long> Fields { get; } = new(StringComparer.Ordinal);

    /// <summary>How often each reason of a new rejection comes.</summary>
    public SortedDictionary<string, long> Reasons { get; } = new(StringComparer.Ordinal);

    public List<RedecodedDifference> First { get; } = [];

    public bool Differs => Different + NewlyRejected + NewlyAccepted > 0;

    /// <summary>Takes the next record of the journal, whatever it is.</summary>
    public void Take(long position, ReadOnlySpan<byte> bytes)
    {
        Record record = Record.Next(ref bytes);
        if (record.Kind == InputKind.Command)
        {
            ByteReader body = new(record.Body);
            AddressedRecord command = AddressedRecord.Read(ref body);
            if (command.Message == MessageKind.RegisterSource)
            {
                SourceRegistration registration = JsonSerializer.Deserialize(command.Body, GrainsJson.Default.SourceRegistration)!;
                sources[registration.Id] = new SourceContext(registration) { Rules = recorded };
            }
        }
        else if (record.Kind == InputKind.Publish && record.TimeMs >= fromMs && record.TimeMs < toMs)
        {
            PublishRecord publish = PublishRecord.Read(record.Body);
            string source = Text(publish.Origin.Source);
            if (onlySource is null || onlySource == source)
            {
                Compare(position, record.TimeMs, source, publish);
            }
        }
    }

    private void Compare(long position, long timeMs, string source, scoped in PublishRecord publish)
    {
        foreach (Rejection rejection in publish.GetRejections())
        {
            if (rejection.Reason is RejectReason.TopicNotAllowed or RejectReason.UnknownSource)
            {
                NotDecoded++;
                return;
            }
        }

        if (publish.Raw.IsEmpty && publish.Readings > 0)
        {
            WithoutRaw += publish.Readings;
            return;
        }

        Payloads++;
        List<Decoded> before = ReadingsOf(publish);
        recorded.Elements = before;
        SourceContext context = sources.TryGetValue(source, out SourceContext? registered) ? registered : Guess(source, publish, recorded);
        Decode(context, publish, timeMs, out List<Decoded> after, out List<Rejection> rejections);
        if (before is [{ Kind: ReadingKind.Status } status] && !(after is [{ } only] && only.Bytes.AsSpan().SequenceEqual(status.Bytes)))
        {
            // A bare word has the time of its arrival for its own, which the recorded reading tells to the ms.
            Decode(context, publish, status.AtMs, out after, out rejections);
        }

        Pair(before, after, static (left, right) => left.Bytes.AsSpan().SequenceEqual(right.Bytes), (_, _) => Identical++);
        Pair(before, after, static (left, right) => left.IdHash == right.IdHash && left.AtMs == right.AtMs, (left, right) => Differ(position, source, left, right));
        Pair(before, after, static (left, right) => left.IdHash == right.IdHash, (left, right) => Differ(position, source, left, right));
        foreach (Decoded gone in before)
        {
            NewlyRejected++;
            string reason = rejections.Count > 0 ? $"{rejections[0].Reason}: {rejections[0].Detail}" : "no reading and no rejection";
            string name = rejections.Count > 0 ? rejections[0].Reason.ToString() : "none";
            Reasons[name] = Reasons.GetValueOrDefault(name) + 1;
            Note(new RedecodedDifference(position, "newly-rejected", source, gone.Id, reason));
        }

        bool fastClock = HasFastClock(publish);
        foreach (Decoded come in after)
        {
            if (fastClock && come.AtMs > timeMs + IngestLimits.FutureMs - ArrivalMs)
            {
                continue;
            }

            NewlyAccepted++;
            Note(new RedecodedDifference(position, "newly-accepted", source, come.Id, ""));
        }
    }

    private void Differ(long position, string source, Decoded before, Decoded after)
    {
        Different++;
        List<string> fields = [];
        if (before.Subject != after.Subject)
        {
            fields.Add("subject");
        }

        if (before.AtMs != after.AtMs)
        {
            fields.Add("at");
        }

        foreach (string name in before.Figures.Concat(after.Figures).Select(figure => figure.Name).Distinct())
        {
            if (before.Figures.FirstOrDefault(figure => figure.Name == name) != after.Figures.FirstOrDefault(figure => figure.Name == name))
            {
                fields.Add(name);
            }
        }

        if (fields.Count == 0)
        {
            fields.Add("form");
        }

        foreach (string name in fields)
        {
            Fields[name] = Fields.GetValueOrDefault(name) + 1;
        }

        Note(new RedecodedDifference(position, "different", source, before.Id, string.Join(", ", fields)));
    }

    private void Note(RedecodedDifference difference)
    {
        if (First.Count < SiloLimits.RedecodedExamples)
        {
            First.Add(difference);
        }
    }

    private void Decode(SourceContext context, scoped in PublishRecord publish, long nowMs, out List<Decoded> readings, out List<Rejection> rejections)
    {
        decoded.Clear();
        PublishEncoder.Encode(decoded, context, publish.Topic, publish.Raw, nowMs);
        ReadOnlySpan<byte> written = decoded.Written;
        PublishRecord again = PublishRecord.Read(Record.Next(ref written).Body);
        readings = ReadingsOf(again);
        rejections = [];
        foreach (Rejection rejection in again.GetRejections())
        {
            rejections.Add(rejection);
        }
    }

    /// <summary>Takes pairs off both lists.</summary>
    private static void Pair(List<Decoded> before, List<Decoded> after, Func<Decoded, Decoded, bool> same, Action<Decoded, Decoded> paired)
    {
        for (int i = before.Count - 1; i >= 0; i--)
        {
            // Nearly always the last of the one belongs to the last of the other.
            int match = after.FindLastIndex(other => same(before[i], other));
            if (match >= 0)
            {
                paired(before[i], after[match]);
                before.RemoveAt(i);
                after.RemoveAt(match);
            }
        }
    }

    /// <summary>What the recorded readings show of a registration that is not kept any more.</summary>
    private static SourceContext Guess(string source, scoped in PublishRecord publish, RecordedSites recorded)
    {
        string? enterprise = null;
        string? place = null;
        foreach (ReadingElement reading in publish.GetReadings())
        {
            if (reading.Kind == ReadingKind.Video)
            {
                enterprise = reading.SubjectKind == ActorKind.Enterprise ? Text(reading.Key) : enterprise;
                place = reading.SubjectKind == ActorKind.Place ? Text(reading.Key) : place;
            }
        }

        GeoPosition stands = publish.Origin.Position;
        return new SourceContext(new SourceRegistration(
            source, "", [], Text(publish.Origin.District), publish.Origin.AccuracyHundredthPct / 100.0, "", enterprise, place,
            stands.IsKnown ? stands.LatitudeE6 / 1e6 : null, stands.IsKnown ? stands.LongitudeE6 / 1e6 : null)
        {
            Station = publish.Origin.CalibrationDueMs != 0 ? new RegisteredStation(null, DateTimeOffset.FromUnixTimeMilliseconds(publish.Origin.CalibrationDueMs)) : null,
        })
        { Rules = recorded };
    }

    private static bool HasFastClock(scoped in PublishRecord publish)
    {
        foreach (Rejection rejection in publish.GetRejections())
        {
            if (rejection.Reason == RejectReason.BadTime)
            {
                return true;
            }
        }

        return false;
    }

    private static List<Decoded> ReadingsOf(scoped in PublishRecord publish)
    {
        List<Decoded> readings = [];
        PublishRecord.ReadingEnumerator all = publish.GetReadings();
        while (all.MoveNext())
        {
            ReadingElement reading = all.Current;
            readings.Add(new Decoded(all.Bytes.ToArray(), reading.Kind, $"{ActorId.Prefix(reading.SubjectKind)}:{Text(reading.Key)}", reading.Header.AtMs, reading.Header.IdHash, Text(reading.Header.Id)));
        }

        return readings;
    }

    /// <summary>Sites as they were when the readings came in: what the register of sites says today is no matter of the decoder's.</summary>
    private sealed class RecordedSites : IReadingRules
    {
        public List<Decoded> Elements { get; set; } = [];

        public int LeastPlatePermille => FixedReadingRules.Shipped.LeastPlatePermille;

        public long IdentitiesSinceMs => FixedReadingRules.Shipped.IdentitiesSinceMs;

        public SiteReference SiteAt(GeoPosition position, long atMs) => Recorded(position, atMs).Site;

        public Surroundings AroundAt(GeoPosition position, long atMs) => Recorded(position, atMs).Around;

        public ReadOnlySpan<byte> LikelyPlate(scoped ReadOnlySpan<byte> key, int permille, GeoPosition position, long atMs)
        {
            foreach (Decoded element in Elements)
            {
                if (element.AtMs == atMs && (element.Kind is ReadingKind.Weigh or ReadingKind.Video) && element.Subject == $"{ActorId.Prefix(ActorKind.Vehicle)}:{Text(key)}")
                {
                    ByteReader body = new(ReadingElement.Read(element.Bytes).Body);
                    return element.Kind == ReadingKind.Weigh ? WeighReading.Read(ref body).LikelyPlate : VideoReading.Read(ref body).LikelyPlate;
                }
            }

            return default;
        }

        private TruckReading Recorded(GeoPosition position, long atMs)
        {
            foreach (Decoded element in Elements)
            {
                if (element.Kind == ReadingKind.Truck && element.AtMs == atMs)
                {
                    ByteReader body = new(ReadingElement.Read(element.Bytes).Body);
                    TruckReading truck = TruckReading.Read(ref body);
                    if (truck.Position == position)
                    {
                        return truck;
                    }
                }
            }

            return default;
        }
    }

    private static string Text(ReadOnlySpan<byte> text) => System.Text.Encoding.UTF8.GetString(text);

    /// <summary>A decoded reading, whole and by what it is known.</summary>
    private sealed record Decoded(byte[] Bytes, ReadingKind Kind, string Subject, long AtMs, ulong IdHash, string Id)
    {
        public List<ReadingFigure> Figures => ReadingFigures.Of(ReadingElement.Read(Bytes));
    }
}
