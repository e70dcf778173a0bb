using System.Text;
using Streaming.Grains;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>The name of a client's session: <c>{user}/{clientId}</c>. A slash in the user's name is escaped, so that no two pairs have one key.</summary>
internal sealed class SessionKey
{
    private readonly byte[] utf8;

    public SessionKey(string user, string clientId)
    {
        Text = string.Concat(user.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal), "/", clientId);
        utf8 = Encoding.UTF8.GetBytes(Text);
    }

    public string Text { get; }

    public ReadOnlySpan<byte> Utf8 => utf8;

    /// <summary>Whether a session can be kept under it.</summary>
    public bool Fits => utf8.Length <= GrainLimits.KeyBytes;

    public override string ToString() => Text;

    /// <summary>Adds one journal record with these marks of packet identifiers (<see cref="SessionMarks"/>).</summary>
    public void WriteMarks(ByteWriter records, ReadOnlySpan<byte> marks)
    {
        int start = Record.Begin(records, InputKind.Command, Partition.Of(ActorKind.Session, Text));
        AddressedRecord.Write(records, ActorKind.Session, MessageKind.MarkSession, utf8, marks);
        Record.End(records, start);
    }
}
