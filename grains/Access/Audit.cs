using System.Globalization;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Access;

/// <summary>
/// What one caller looked at and changed, by the name of its token: numbers the entries, so that a missing one shows, and puts each into the list. The entries themselves are in the journal and in the list, not here.
/// </summary>
/// <remarks>
/// A look is one entry. A change is two messages and one row: its beginning, which is in the journal before the change is, and its end, which completes the row. Of changes under way no more is kept than names the row, and of at most
/// <see cref="GrainLimits.ChangesUnderWay"/>: of an older one the end is refused, and its row goes on saying that nothing is known of it.
/// </remarks>
public sealed class Audit : Actor
{
    private const byte StateVersion = 1;
    private readonly List<Beginning> underWay = [];
    private long entries;

    public override bool Exists => entries > 0;

    /// <summary>Key of an entry's row; it sorts as the entries came.</summary>
    public static string KeyOf(long position) => position.ToString("D19", CultureInfo.InvariantCulture);

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        if (message.Kind != MessageKind.RecordAudit)
        {
            throw new InvalidDataException($"The audit does not handle {message.Kind}.");
        }

        AuditEntry entry = message.Read<AuditEntry>();
        if (entry.Who != turn.Key)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"The entry is about {entry.Who}, and was addressed to {turn.Key}.");
            return;
        }

        Beginning beginning;
        if (entry.Began is { } began)
        {
            int index = underWay.FindIndex(each => KeyOf(each.Position) == began);
            if (index < 0)
            {
                turn.Effects.Reply(ReplyStatus.NotFound, $"No change of {turn.Key} that began as {began} is under way.");
                return;
            }

            beginning = underWay[index];
            underWay.RemoveAt(index);
        }
        else
        {
            entries++;
            beginning = new Beginning(turn.Position, entries, turn.NowMs);
            if (entry.Status is null)
            {
                if (underWay.Count == GrainLimits.ChangesUnderWay)
                {
                    underWay.RemoveAt(0);
                }

                underWay.Add(beginning);
            }
        }

        string key = KeyOf(beginning.Position);
        turn.Effects.Show(View.Audit, key, entry with { Began = null, Id = key, Number = beginning.Number, At = DateTimeOffset.FromUnixTimeMilliseconds(beginning.AtMs) });
        turn.Effects.Reply(ReplyStatus.Done, key);
    }

    public override void Write(ByteWriter writer)
    {
        writer.WriteByte(StateVersion);
        writer.WriteVar((ulong)entries);
        writer.WriteVar((ulong)underWay.Count);
        foreach (Beginning beginning in underWay)
        {
            writer.WriteInt64(beginning.Position);
            writer.WriteVar((ulong)beginning.Number);
            writer.WriteInt64(beginning.AtMs);
        }
    }

    public override void Read(ref ByteReader reader)
    {
        Subjects.StateVersion.Read(ref reader, StateVersion, nameof(Audit));
        entries = (long)reader.ReadVar();
        underWay.Clear();
        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            underWay.Add(new Beginning(reader.ReadInt64(), (long)reader.ReadVar(), reader.ReadInt64()));
        }
    }

    public override void Describe(Utf8JsonWriter json, string key)
    {
        json.WriteStartObject();
        json.WriteString("who", key);
        json.WriteNumber("entries", entries);
        json.WriteNumber("underWay", underWay.Count);
        json.WriteEndObject();
    }

    /// <summary>A change that was begun.</summary>
    private readonly record struct Beginning(long Position, long Number, long AtMs);
}
