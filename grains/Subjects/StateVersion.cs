using Streaming.Models.Encoding;

namespace Streaming.Grains.Subjects;

/// <summary>The byte that every state begins with.</summary>
internal static class StateVersion
{
    /// <summary>Reads it; a version that this code does not know was written by a newer one.</summary>
    public static byte Read(scoped ref ByteReader reader, byte newest, string actor)
    {
        byte version = reader.ReadByte();
        return version >= 1 && version <= newest
            ? version
            : throw new InvalidDataException($"State of {actor} has version {version}; this program reads 1 to {newest}. It was written by a newer one.");
    }
}
