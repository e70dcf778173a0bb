using System.Globalization;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Subjects;

/// <summary>How much of its last table a source has delivered. Nothing but the parts that came, so it needs no beginning and no end of a load.</summary>
internal struct LoadMark
{
    private uint count;
    private ulong first;
    private ulong hash;
    private long atMs;

    /// <summary>A part came: it goes on with the table, begins another, or is of none that is known.</summary>
    public void Take(LoadChunk chunk, long nowMs)
    {
        bool goesOn = count > 0 && chunk.Number == count + 1 && chunk.Before == hash;
        if (!goesOn && chunk.Number != 1)
        {
            this = default;
            return;
        }

        first = goesOn ? first : chunk.Hash;
        (count, hash, atMs) = (chunk.Number, chunk.Hash, nowMs);
    }

    public readonly void Write(ByteWriter writer)
    {
        writer.WriteVar(count);
        if (count > 0)
        {
            writer.WriteUInt64(first);
            writer.WriteUInt64(hash);
            writer.WriteSigned(atMs);
        }
    }

    public static LoadMark Read(scoped ref ByteReader reader)
    {
        uint count = checked((uint)reader.ReadVar());
        return count == 0 ? default : new LoadMark { count = count, first = reader.ReadUInt64(), hash = reader.ReadUInt64(), atMs = reader.ReadSigned() };
    }

    /// <summary>Absent where no table came.</summary>
    public readonly void Describe(Utf8JsonWriter json)
    {
        if (count == 0)
        {
            return;
        }

        json.WriteStartObject("load");
        json.WriteNumber("chunks", count);
        json.WriteString("first", first.ToString("x16", CultureInfo.InvariantCulture));
        json.WriteString("hash", hash.ToString("x16", CultureInfo.InvariantCulture));
        ReadingJson.Time(json, "at", atMs);
        json.WriteEndObject();
    }
}
