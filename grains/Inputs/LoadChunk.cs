using System.Globalization;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Inputs;

/// <summary>
/// Which part of a table a publish on <c>v1/records/{source}/{chunk}</c> is, written as <c>{number}-{before}-{hash}</c>, both in 16 hexadecimal digits. Since it stands in the record that takes the part, whoever has the one has the
/// other: so a load that was cut off goes on exactly where it ended.
/// </summary>
/// <param name="Number">Counts the parts of a table from 1.</param>
/// <param name="Before">Hash of the table up to this part.</param>
/// <param name="Hash">Hash of the table up to the end of this part.</param>
public readonly record struct LoadChunk(uint Number, ulong Before, ulong Hash)
{
    private const int HexDigits = 16;
    private const int TailBytes = 2 * (1 + HexDigits);

    private static ReadOnlySpan<byte> Family => "v1/records/"u8;

    /// <summary>The topic of this part of a table of a source.</summary>
    public string Topic(string source) => string.Create(CultureInfo.InvariantCulture, $"v1/records/{source}/{Number}-{Before:x16}-{Hash:x16}");

    /// <summary>The part that a topic names; null where it names none.</summary>
    public static LoadChunk? OfTopic(ReadOnlySpan<byte> topic)
    {
        if (!topic.StartsWith(Family))
        {
            return null;
        }

        ReadOnlySpan<byte> level = topic[Family.Length..];
        int separator = level.IndexOf((byte)'/');
        return separator < 0 ? null : OfLevel(level[(separator + 1)..]);
    }

    /// <summary>The part that the last level of a topic names; null where it names none.</summary>
    public static LoadChunk? OfLevel(ReadOnlySpan<byte> level)
    {
        if (level.Length <= TailBytes || level[^TailBytes] != (byte)'-' || level[^(1 + HexDigits)] != (byte)'-')
        {
            return null;
        }

        return uint.TryParse(level[..^TailBytes], NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number > 0 && level[0] != (byte)'0'
            && TryHex(level[^(TailBytes - 1)..^(1 + HexDigits)], out ulong before) && TryHex(level[^HexDigits..], out ulong hash)
            ? new LoadChunk(number, before, hash)
            : null;
    }

    public void Write(ByteWriter writer)
    {
        writer.WriteVar(Number);
        writer.WriteUInt64(Before);
        writer.WriteUInt64(Hash);
    }

    public static LoadChunk Read(scoped ref ByteReader reader) => new(checked((uint)reader.ReadVar()), reader.ReadUInt64(), reader.ReadUInt64());

    private static bool TryHex(ReadOnlySpan<byte> digits, out ulong value) =>
        ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && !digits.ContainsAnyInRange((byte)'A', (byte)'F');
}
