using System.Text.Unicode;
using Streaming.Grains.Inputs;

namespace Streaming.Ingest.Formats;

/// <summary>
/// Decodes one payload, an object or an array of objects, into a <see cref="DecodeScratch"/>. Elements are independent: each becomes a reading or a rejection with its own
/// range of the payload. Only where the JSON itself is damaged nothing behind the damage can be told apart, and the rest is one rejection.
/// </summary>
internal ref struct PayloadDecoder
{
    private readonly ReadOnlySpan<byte> payload;
    private readonly SourceContext source;
    private readonly long nowMs;
    private readonly DecodeScratch scratch;
    private readonly TopicRoute route;
    private readonly ReadOnlySpan<byte> key;
    private readonly bool isUtf8;
    private JsonCursor json;

    /// <param name="scratch">Gets readings and rejections.</param>
    /// <param name="source">Who published.</param>
    /// <param name="route">Where to.</param>
    /// <param name="key">Key of the subject that the topic names: the vehicle of telemetry, the place of a camera; empty for other kinds.</param>
    /// <param name="payload">What was published.</param>
    /// <param name="nowMs">When it arrived.</param>
    public PayloadDecoder(DecodeScratch scratch, SourceContext source, TopicRoute route, ReadOnlySpan<byte> key, ReadOnlySpan<byte> payload, long nowMs)
    {
        this.payload = payload;
        this.source = source;
        this.nowMs = nowMs;
        this.scratch = scratch;
        this.route = route;
        this.key = key;
        isUtf8 = Utf8.IsValid(payload);
        json = new JsonCursor(payload);
    }

    /// <summary>How much of the payload is to be kept, bytes: all of it, unless it ends in something damaged or too large.</summary>
    public int Kept { get; private set; }

    public void Decode()
    {
        Kept = payload.Length;
        if (route.Kind == TopicKind.Status && TryWord())
        {
            return;
        }

        json.SkipSpace();
        if (json.Current == '[')
        {
            DecodeArray();
        }
        else
        {
            DecodeSingle();
        }
    }

    private readonly bool TryWord()
    {
        if (!StatusDecoder.TryDecodeWord(payload, source, in route, nowMs, scratch.Elements))
        {
            return false;
        }

        scratch.Add(nowMs, 0);
        return true;
    }

    private void DecodeSingle()
    {
        if (payload.Length > IngestLimits.ReadingBytes)
        {
            Reject(RejectReason.TooLarge, 0, payload.Length, $"the payload is one value of {payload.Length} bytes; at most {IngestLimits.ReadingBytes} bytes expected");
            return;
        }

        if (json.AtEnd)
        {
            Reject(RejectReason.Malformed, 0, payload.Length, "the payload is empty; a JSON object or an array of objects expected");
            return;
        }

        if (!DecodeElement(alone: true))
        {
            return;
        }

        json.SkipSpace();
        if (!json.AtEnd)
        {
            // What has two values in it may have been cut or joined on its way: the first is not taken either.
            scratch.Forget();
            Reject(RejectReason.Malformed, 0, payload.Length, $"{What(json.Position)} behind the end of the object; nothing expected");
        }
    }

    private void DecodeArray()
    {
        json.TryTake((byte)'[');
        bool first = true;
        int count = 0;
        while (true)
        {
            int start = json.Position;
            if (!json.NextElement(ref first))
            {
                if (json.IsBroken)
                {
                    RejectRest(start, json.Position, json.Expected);
                }
                else
                {
                    RejectTail();
                }

                return;
            }

            if (count == IngestLimits.ReadingsPerPayload)
            {
                RejectSurplus();
                return;
            }

            count++;
            if (!DecodeElement(alone: false))
            {
                return;
            }
        }
    }

    /// <summary>Decodes the value that is next and goes behind it. False where it is damaged, so that nothing behind it can be read: the rest has been rejected.</summary>
    private bool DecodeElement(bool alone)
    {
        int start = json.Position;
        if (json.Current != '{')
        {
            return RejectOther(start, alone);
        }

        int offset = scratch.Elements.Length;
        ElementReader element = new(source, nowMs, scratch.Texts);
        element.Start(json);
        bool isRead = TryRead(ref element);
        if (isRead)
        {
            json = element.Cursor;
            int length = json.Position - start;
            if (length <= IngestLimits.ReadingBytes && (isUtf8 || Utf8.IsValid(payload.Slice(start, length))))
            {
                scratch.Add(element.AtMs, offset);
                Kept = payload.Length;
                return true;
            }
        }

        // Of what is refused nothing stays.
        scratch.Elements.Truncate(offset);
        if (!isRead && !json.SkipValue())
        {
            RejectRest(alone ? 0 : start, json.Position, json.Expected);
            return false;
        }

        int size = json.Position - start;
        if (size > IngestLimits.ReadingBytes)
        {
            Reject(RejectReason.TooLarge, start, size, $"the element has {size} bytes; at most {IngestLimits.ReadingBytes} bytes expected");
        }
        else if (!isUtf8 && !Utf8.IsValid(payload.Slice(start, size)))
        {
            Reject(RejectReason.Malformed, start, size, "a text is not UTF-8");
        }
        else
        {
            Reject(element.Reason, start, size, element.Detail);
        }

        return !alone;
    }

    private readonly bool TryRead(scoped ref ElementReader element) => route.Kind switch
    {
        TopicKind.Weigh => WeighDecoder.TryDecode(ref element, in route, scratch.Elements),
        TopicKind.Video => VideoDecoder.TryDecode(ref element, key, scratch.Elements),
        TopicKind.HazmatVehicle => TankDecoder.TryDecodeTruck(ref element, key, scratch.Elements),
        TopicKind.HazmatPlant => TankDecoder.TryDecodePlant(ref element, in route, scratch.Elements),
        TopicKind.Ledger => LedgerDecoder.TryDecode(ref element, in route, scratch.Elements),
        TopicKind.Status => StatusDecoder.TryDecode(ref element, in route, scratch.Elements),
        TopicKind.Records => RegisterDecoder.TryDecode(ref element, source.Records!, scratch.Elements),
        _ => throw new InvalidOperationException($"No decoder for topic kind {route.Kind}."),
    };

    /// <summary>Rejects a value that is no object; as <see cref="DecodeElement"/>.</summary>
    private bool RejectOther(int start, bool alone)
    {
        byte opening = json.Current;
        if (!json.SkipValue())
        {
            RejectRest(alone ? 0 : start, json.Position, json.Expected);
            return false;
        }

        int length = json.Position - start;
        string found = opening == '[' ? "an array" : Cited.Text(payload.Slice(start, length));
        bool fits = length <= IngestLimits.ReadingBytes;
        Reject(
            fits ? RejectReason.NotAReading : RejectReason.TooLarge,
            start,
            length,
            $"{(alone ? "the payload" : "the element")} is {found}; {(alone ? "an object or an array of objects" : "an object")} expected");
        return !alone;
    }

    /// <summary>Elements past the limit are good, as far as anyone knows: they are kept whole, to be submitted again.</summary>
    private void RejectSurplus()
    {
        const int Most = IngestLimits.ReadingsPerPayload;
        Reject(RejectReason.TooMany, json.Position, payload.Length - json.Position, $"the array has more than {Most} elements; at most {Most} expected. Those before byte {json.Position} are taken: send the rest in arrays of their own", whole: true);
    }

    /// <summary>What stands behind the end of an array.</summary>
    private void RejectTail()
    {
        json.SkipSpace();
        if (!json.AtEnd)
        {
            int start = json.Position;
            Reject(RejectReason.Malformed, start, payload.Length - start, $"{What(start)} behind the end of the array; nothing expected");
        }
    }

    private void RejectRest(int start, int brokenAt, string expected) =>
        Reject(RejectReason.Malformed, start, payload.Length - start, $"{What(brokenAt)}; {expected} expected");

    private readonly string What(int at)
    {
        if (at >= payload.Length)
        {
            return $"the payload ends at byte {at}";
        }

        bool isMark = at == 0 && payload.StartsWith("\uFEFF"u8);
        return isMark ? "byte 0 begins a byte-order mark" : $"byte {at} is {(payload[at] is > 0x20 and < 0x7F ? $"'{(char)payload[at]}'" : $"0x{payload[at]:X2}")}";
    }

    /// <summary>
    /// Rejects a range. Of one that is too large or damaged only the head is kept, and unless something follows that is kept, so much of the payload only: junk shall not fill the journal.
    /// </summary>
    private void Reject(RejectReason reason, int start, int length, string detail, bool whole = false)
    {
        int kept = whole ? length : Math.Min(length, IngestLimits.QuarantinedBytes);
        Kept = kept < length ? start + kept : payload.Length;
        scratch.Rejections.Add(new Rejection(reason, start, kept, detail));
    }
}
