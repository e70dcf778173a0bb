using System.Buffers.Binary;
using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Inputs;

/// <summary>
/// A reminder that is due, as a record: an addressed message with
/// <code>
/// i64 due, ms | name, UTF-8
/// </code>
/// </summary>
public static class ReminderRecord
{
    public static void Write(ByteWriter records, ActorKind kind, ReadOnlySpan<byte> key, in Reminder reminder)
    {
        int start = Record.Begin(records, InputKind.Reminder, Partition.Of(kind, key));
        records.WriteByte((byte)kind);
        records.WriteByte((byte)MessageKind.Reminded);
        records.WriteBytes(key);
        records.WriteInt64(reminder.DueMs);
        records.WriteRaw(Encoding.UTF8.GetBytes(reminder.Name));
        Record.End(records, start);
    }

    public static (string Name, long DueMs) Read(ReadOnlySpan<byte> body) => (Encoding.UTF8.GetString(NameOf(body)), BinaryPrimitives.ReadInt64LittleEndian(body));

    /// <summary>The name, UTF-8, which is what the actor's turn gets.</summary>
    public static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> body) => body[8..];
}
