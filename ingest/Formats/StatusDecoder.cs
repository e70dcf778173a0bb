using System.Buffers.Text;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Ingest.Formats;

/// <summary>A source's word on itself: <c>v1/status/{source}</c>. An object, or one of the bare words that clients of every kind leave as their will.</summary>
internal static class StatusDecoder
{
    private const ulong Known = ElementReader.IdentityFields | (1UL << (int)Field.Online);

    public static bool TryDecode(scoped ref ElementReader element, scoped in TopicRoute route, ByteWriter output)
    {
        StatusReading reading = default;
        ulong seen = 0;
        while (element.NextField(ref seen, Known, out Field field))
        {
            if (!(field == Field.Online ? element.ReadBool(field, out reading.Online) : element.ReadIdentity(field)))
            {
                return false;
            }
        }

        if (element.Failed || !element.HasIdentity(seen))
        {
            return false;
        }

        if ((seen & (1UL << (int)Field.Online)) == 0)
        {
            return element.Missing(Field.Online, "true or false expected");
        }

        int start = element.Begin(output, ReadingKind.Status, ActorKind.Source, route.Subject);
        reading.Write(output);
        ReadingElement.End(output, start);
        return true;
    }

    /// <summary>
    /// Takes the bare words <c>online</c> and <c>offline</c>. A will has neither id nor time, for it is written before what it tells of: the time is that of its arrival,
    /// and the id is made of both, so that the same arrival always gives the same reading.
    /// </summary>
    public static bool TryDecodeWord(ReadOnlySpan<byte> payload, SourceContext source, scoped in TopicRoute route, long nowMs, ByteWriter output)
    {
        ReadOnlySpan<byte> word = payload.Trim(" \t\r\n"u8);
        bool online = word.SequenceEqual("online"u8);
        if (!online && !word.SequenceEqual("offline"u8))
        {
            return false;
        }

        Span<byte> id = stackalloc byte[IngestLimits.IdBytes];
        word.CopyTo(id);
        id[word.Length] = (byte)'-';
        Utf8Formatter.TryFormat(nowMs, id[(word.Length + 1)..], out int digits);
        id = id[..(word.Length + 1 + digits)];
        ReadingHeader header = new(nowMs, StableHash.Combine(source.SourceHash, StableHash.Of(id)), id);
        int start = ReadingElement.Begin(output, ReadingKind.Status, ActorKind.Source, route.Subject, in header);
        new StatusReading { Online = online }.Write(output);
        ReadingElement.End(output, start);
        return true;
    }
}
