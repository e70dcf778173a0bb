using System.Runtime.InteropServices;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Silo.History;

/// <summary>
/// Which actors a journal record concerns: those that it is an input of, and for a row of a list the subject of the warning, the case, or the case of the work order that it shows. This is what the subject index is made from; where a kind of record is added, it is
/// added here.
/// </summary>
internal static class RecordSubjects
{
    /// <summary>Up to so many, a look through all of them finds a duplicate faster than sorting does.</summary>
    private const int FewHashes = 32;

    /// <summary>Adds the hashes of the actors' names (<see cref="Partition.HashOf(ActorKind, ReadOnlySpan{byte})"/>), each once, to an empty list.</summary>
    public static void Collect(ReadOnlySpan<byte> record, List<ulong> hashes)
    {
        Record input = Record.Next(ref record);
        ByteReader body = new(input.Body);
        switch (input.Kind)
        {
            case InputKind.Publish:
                Collect(PublishRecord.Read(input.Body), hashes);
                break;
            case InputKind.Command:
            case InputKind.Reminder:
                Collect(AddressedRecord.Read(ref body), hashes);
                break;
            case InputKind.Told:
                Cause.Read(ref body);
                Collect(AddressedRecord.Read(ref body), hashes);
                break;
            case InputKind.LookedUp:
                Cause.Read(ref body);
                body.ReadBool();
                Origin.Read(ref body);
                ReadingElement reading = ReadingElement.Read(body.Rest);
                Add(hashes, Partition.HashOf(reading.SubjectKind, reading.Key));
                break;
            case InputKind.Shown:
                Cause.Read(ref body);
                CollectShown((View)body.ReadByte(), body.ReadText(), body.Rest, hashes);
                break;
        }
    }

    private static void Collect(scoped in PublishRecord publish, List<ulong> hashes)
    {
        Add(hashes, Partition.HashOf(ActorKind.Source, publish.Origin.Source));
        PublishRecord.ReadingEnumerator readings = publish.GetReadings();
        while (readings.MoveNext())
        {
            ReadingElement reading = readings.Current;
            ulong hash = Partition.HashOf(reading.SubjectKind, reading.Key);
            if (hashes.Count < FewHashes)
            {
                Add(hashes, hash);
            }
            else if (hash != hashes[^1])
            {
                hashes.Add(hash);
            }
        }

        if (hashes.Count >= FewHashes)
        {
            // A backlog of thousands of readings, of as many subjects perhaps: what is in it twice lies side by side once sorted.
            hashes.Sort();
            Span<ulong> sorted = CollectionsMarshal.AsSpan(hashes);
            int kept = 1;
            for (int i = 1; i < sorted.Length; i++)
            {
                if (sorted[i] != sorted[kept - 1])
                {
                    sorted[kept++] = sorted[i];
                }
            }

            CollectionsMarshal.SetCount(hashes, kept);
        }
    }

    private static void Collect(scoped in AddressedRecord addressed, List<ulong> hashes) => Add(hashes, Partition.HashOf(addressed.ActorKind, addressed.Key));

    private static void CollectShown(View view, string key, ReadOnlySpan<byte> row, List<ulong> hashes)
    {
        switch (view)
        {
            case View.Warnings when row.Length > 0:
                Warning warning = JsonSerializer.Deserialize(row, GrainsJson.Default.Warning)!;
                for (ActorKind kind = ActorKind.Vehicle; kind <= ActorKind.Source; kind++)
                {
                    if (ActorId.Prefix(kind) == warning.SubjectKind)
                    {
                        Add(hashes, Partition.HashOf(kind, warning.Subject));
                    }
                }

                break;
            case View.Cases:
                Add(hashes, Partition.HashOf(ActorKind.Case, key));
                break;
            case View.WorkOrders when row.Length > 0:
                Add(hashes, Partition.HashOf(ActorKind.Case, JsonSerializer.Deserialize(row, GrainsJson.Default.WorkOrderRow)!.Case));
                break;
        }
    }

    private static void Add(List<ulong> hashes, ulong hash)
    {
        if (!hashes.Contains(hash))
        {
            hashes.Add(hash);
        }
    }
}
