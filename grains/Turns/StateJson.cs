using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Streaming.Grains.Messages;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Turns;

/// <summary>A state kept as a version byte and JSON behind its length: for actors of which there are few, or whose turns are rare.</summary>
internal static class StateJson
{
    /// <summary>What a forgotten actor leaves: this version, and nothing else.</summary>
    private const byte Forgotten = 0;

    /// <summary>The state of an actor that can be forgotten; null where it was.</summary>
    public static void WriteOrForgotten<T>(ByteWriter writer, byte version, T? state, JsonTypeInfo<T> type)
        where T : class
    {
        if (state is null)
        {
            writer.WriteByte(Forgotten);
            return;
        }

        Write(writer, version, state, type);
    }

    /// <summary>What <see cref="WriteOrForgotten"/> wrote.</summary>
    public static T? ReadOrForgotten<T>(ref ByteReader reader, byte version, JsonTypeInfo<T> type)
        where T : class
    {
        if (reader.Rest is [Forgotten])
        {
            _ = reader.ReadByte();
            return null;
        }

        return Read(ref reader, version, type);
    }

    public static void Write<T>(ByteWriter writer, byte version, T state, JsonTypeInfo<T> type)
    {
        ByteWriter bytes = new(1024);
        using (Utf8JsonWriter json = new(bytes, GrainsJson.WriterOptions))
        {
            JsonSerializer.Serialize(json, state, type);
        }

        writer.WriteByte(version);
        writer.WriteBytes(bytes.Written);
    }

    public static T Read<T>(ref ByteReader reader, byte version, JsonTypeInfo<T> type)
    {
        byte found = reader.ReadByte();
        return found == version
            ? JsonSerializer.Deserialize(reader.ReadBytes(), type) ?? throw new InvalidDataException("The state is empty.")
            : throw new InvalidDataException($"State of version {found}; this build reads version {version}. Run the build that wrote it, or a newer one.");
    }
}
