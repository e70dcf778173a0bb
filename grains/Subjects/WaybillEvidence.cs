using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Tanks;

namespace Streaming.Grains.Subjects;

/// <summary>What was seen of a truck and is held against its waybills, kept until it is judged, or as long as a warning rests on it: who said it, when, and the words. The reading itself stays in the journal.</summary>
internal sealed record WaybillEvidence(byte[] Source, byte[] Id, byte[] District, long AtMs, long HeardMs, bool IsCamera, byte[] Substance, byte[] Number, byte[] UnloadedAt)
{
    public WaybillClaim Claim => new() { AtMs = AtMs, Substance = Substance, Number = Number, UnloadedAt = UnloadedAt };

    public static WaybillEvidence Of(scoped in Message message, scoped in WaybillClaim claim, bool isCamera, long nowMs) => new(
        message.Origin.Source.ToArray(), message.Header.Id.ToArray(), message.Origin.District.ToArray(), claim.AtMs, nowMs, isCamera, claim.Substance.ToArray(), claim.Number.ToArray(), claim.UnloadedAt.ToArray());

    /// <summary>The reading as a warning cites it.</summary>
    public CitedReading Cited => new(Encoding.UTF8.GetString(Source), Encoding.UTF8.GetString(Id), DateTimeOffset.FromUnixTimeMilliseconds(AtMs));

    public static void Write(WaybillEvidence? evidence, ByteWriter writer)
    {
        writer.WriteBool(evidence is not null);
        if (evidence is null)
        {
            return;
        }

        writer.WriteBytes(evidence.Source);
        writer.WriteBytes(evidence.Id);
        writer.WriteBytes(evidence.District);
        writer.WriteInt64(evidence.AtMs);
        writer.WriteInt64(evidence.HeardMs);
        writer.WriteBool(evidence.IsCamera);
        writer.WriteBytes(evidence.Substance);
        writer.WriteBytes(evidence.Number);
        writer.WriteBytes(evidence.UnloadedAt);
    }

    public static WaybillEvidence? Read(scoped ref ByteReader reader) => !reader.ReadBool() ? null : new WaybillEvidence(
        reader.ReadBytes().ToArray(),
        reader.ReadBytes().ToArray(),
        reader.ReadBytes().ToArray(),
        reader.ReadInt64(),
        reader.ReadInt64(),
        reader.ReadBool(),
        reader.ReadBytes().ToArray(),
        reader.ReadBytes().ToArray(),
        reader.ReadBytes().ToArray());
}
