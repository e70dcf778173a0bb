using System.Text.Json;
using Streaming.Models.Encoding;
using Streaming.Models.Limits;

namespace Streaming.Grains.Subjects;

/// <summary>
/// The axles of a vehicle's last weighing beside their limits, as who asks for its state is shown them. Only a vehicle that was weighed where limits of axles are in force has one, and it is used again for each weighing.
/// </summary>
internal sealed class WeighedAxles
{
    private LimitBreach[] judged = [];
    private int count;

    /// <summary>Takes the axles of a weighing. Where their limits are not in force and never were, nothing is made.</summary>
    public static void Keep(scoped in WeighedMass weighed, ref WeighedAxles? kept)
    {
        Span<LimitBreach> found = stackalloc LimitBreach[RoadLimits.MostJudgedAxles];
        int count = weighed.JudgeAxles(found);
        if (count == 0 && kept is null)
        {
            return;
        }

        kept ??= new WeighedAxles();
        kept.count = count;
        if (kept.judged.Length < count)
        {
            kept.judged = new LimitBreach[count];
        }

        found[..count].CopyTo(kept.judged);
    }

    public static void Describe(WeighedAxles? kept, Utf8JsonWriter json)
    {
        if (kept is not { count: > 0 })
        {
            return;
        }

        json.WriteStartArray("axleGroups");
        foreach (ref readonly LimitBreach each in kept.judged.AsSpan(0, kept.count))
        {
            json.WriteStartObject();
            json.WriteNumber("firstAxle", each.FirstAxle + 1);
            json.WriteNumber("axleCount", each.AxleCount);
            json.WriteNumber("massKg", each.MassKg);
            json.WriteNumber("limitKg", each.LimitKg);
            json.WriteNumber("overKg", each.OverKg);
            json.WriteBoolean("advisory", each.IsAdvisory);
            json.WriteString("basis", each.BasisEn);
            json.WriteString("basisZh", each.BasisZh);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void Write(WeighedAxles? kept, ByteWriter writer)
    {
        writer.WriteByte((byte)(kept?.count ?? 0));
        foreach (ref readonly LimitBreach each in (kept?.judged ?? []).AsSpan(0, kept?.count ?? 0))
        {
            writer.WriteByte((byte)each.Criterion);
            writer.WriteByte((byte)each.FirstAxle);
            writer.WriteByte((byte)each.AxleCount);
            writer.WriteVar((uint)each.MassKg);
            writer.WriteVar((uint)each.LimitKg);
            writer.WriteBool(each.IsAdvisory);
        }
    }

    public static WeighedAxles? Read(scoped ref ByteReader reader)
    {
        int count = reader.ReadByte();
        if (count == 0)
        {
            return null;
        }

        WeighedAxles kept = new() { judged = new LimitBreach[count], count = count };
        for (int i = 0; i < count; i++)
        {
            kept.judged[i] = new LimitBreach((LimitCriterion)reader.ReadByte(), reader.ReadByte(), reader.ReadByte(), (int)reader.ReadVar(), (int)reader.ReadVar(), reader.ReadBool());
        }

        return kept;
    }
}
