using System.Text;
using System.Text.Unicode;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Registers;

namespace Streaming.Silo.Views;

/// <summary>A vehicle that was seen, or registered.</summary>
/// <param name="Plate">Its key, as <c>粤H12345-yellow</c>.</param>
/// <param name="Day">The day on which it was, days since 1970, UTC.</param>
/// <param name="Seq">Its place in the list.</param>
/// <param name="IsNew">True where it was not known before.</param>
internal readonly record struct PlateSeen(string Plate, long Day, long Seq, bool IsNew);

/// <summary>
/// Every vehicle that was seen, weighed or registered for as long as it is kept, so that it is found by any part of its plate. Kept in the lists with a day on which it was seen of late, and here as one text that is searched through: a million plates are some
/// 17 MB and a few milliseconds.
/// </summary>
/// <remarks>
/// Collected and applied by the projector's thread alone. A reader takes the text as it stands with its length: what is added is written behind that length before the new one is published, so nobody sees half a plate; a text that was outgrown stays whole for
/// who has it. A plate is known by a hash of 64 bits: of two with the same, which of a million plates happens once in tens of millions of cities, the second would not be found.
/// </remarks>
internal sealed class PlateBook
{
    private const long DayMs = 24L * 60 * 60 * 1000;
    /// <summary>Days after which the day that is kept of a vehicle may be brought forward (<see cref="ViewLimits.PlateDayWithin"/>).</summary>
    private const int LeastFresh = 20;
    private const byte End = (byte)'\n';
    private static readonly string Vehicles = RegisterSchema.Of(Register.Vehicles).Name + "/";

    private readonly ViewReader reader;
    private readonly Dictionary<ulong, (int Day, long Seq)> known = [];
    private long lastSeq;
    private volatile Text text = new([End], 1);
    private int count;

    public PlateBook(ViewReader reader)
    {
        this.reader = reader;
        Load();
    }

    private sealed record Text(byte[] Bytes, int Length);

    /// <summary>Vehicles that can be found.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Adds to a batch a vehicle that a reading is about, where it is new or was not seen for long. Projector only.</summary>
    public void Collect(ReadOnlySpan<byte> plate, long timeMs, ViewBatch batch) => See(plate, (int)(timeMs / DayMs), batch);

    /// <summary>Adds to a batch a vehicle whose entry in the register was shown. Projector only.</summary>
    public void Collect(string key, long timeMs, ViewBatch batch)
    {
        if (key.StartsWith(Vehicles, StringComparison.Ordinal))
        {
            See(Encoding.UTF8.GetBytes(key[Vehicles.Length..]), (int)(timeMs / DayMs), batch);
        }
    }

    /// <summary>Takes in the vehicles of an applied batch. Projector only.</summary>
    public void Apply(ViewBatch batch)
    {
        foreach (PlateSeen seen in batch.Plates)
        {
            if (seen.IsNew)
            {
                Add(Encoding.UTF8.GetBytes(seen.Plate));
            }
        }

        // What was trimmed off the list is still here; now and then the list is read anew.
        if (count > ViewLimits.Plates + ViewLimits.PlatesSlack)
        {
            Load();
        }
    }

    /// <summary>Vehicles whose plate has a part: first those that are it, then those that begin with it, then the others, each in the order in which they were first seen.</summary>
    /// <param name="part">Letters in any case; spaces and dots between the signs do not matter.</param>
    /// <param name="most">Of each of the three, no more than that.</param>
    public IReadOnlyList<(string Plate, int Rank)> Find(string part, int most)
    {
        byte[] sought = Encoding.UTF8.GetBytes(Normal(part));
        if (sought.Length == 0)
        {
            return [];
        }

        Text now = text;
        ReadOnlySpan<byte> all = now.Bytes.AsSpan(0, now.Length);
        List<(string Plate, int Rank)>[] found = [[], [], []];
        int at = 0;
        while (all[at..].IndexOf(sought) is var offset and >= 0)
        {
            int hit = at + offset;
            int begin = all[..hit].LastIndexOf(End) + 1;
            int end = hit + all[hit..].IndexOf(End);
            ReadOnlySpan<byte> plate = all[begin..end];
            int signs = plate.IndexOf((byte)'-') is var colour and >= 0 ? colour : plate.Length;
            int rank = hit > begin ? 2 : sought.Length == signs || sought.Length == plate.Length ? 0 : 1;
            if (found[rank].Count < most)
            {
                found[rank].Add((Encoding.UTF8.GetString(plate), rank));
            }

            at = end;
        }

        return [.. found.SelectMany(each => each)];
    }

    /// <summary>As plates are written: signs in capitals without what people put between them, the colour as it is.</summary>
    private static string Normal(string part)
    {
        int dash = part.IndexOf('-', StringComparison.Ordinal);
        string signs = dash < 0 ? part : part[..dash];
        string colour = dash < 0 ? "" : part[dash..];
        return string.Concat(signs.Where(sign => !char.IsWhiteSpace(sign) && !char.IsControl(sign) && sign is not ('·' or '.' or '・'))).ToUpperInvariant()
            + string.Concat(colour.Where(sign => !char.IsWhiteSpace(sign) && !char.IsControl(sign))).ToLowerInvariant();
    }

    private void Load()
    {
        known.Clear();
        text = new Text([End], 1);
        count = 0;
        lastSeq = Math.Max(lastSeq, reader.LastPlate());
        List<byte[]> newestFirst = [];
        reader.Plates(ViewLimits.Plates, (plate, day, seq) =>
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(plate);
            if (known.TryAdd(StableHash.Of(utf8), ((int)day, seq)))
            {
                newestFirst.Add(utf8);
            }
        });
        newestFirst.Reverse();
        newestFirst.ForEach(plate => Add(plate));
    }

    private void See(ReadOnlySpan<byte> plate, int day, ViewBatch batch)
    {
        ulong hash = StableHash.Of(plate);
        bool isKnown = known.TryGetValue(hash, out (int Day, long Seq) before);
        if ((isKnown && day - before.Day < LeastFresh + (int)(hash % (ViewLimits.PlateDayWithin - LeastFresh))) || !Utf8.IsValid(plate) || plate.IndexOf(End) >= 0)
        {
            return;
        }

        long seq = isKnown ? before.Seq : ++lastSeq;
        known[hash] = (day, seq);
        batch.Plates.Add(new PlateSeen(Encoding.UTF8.GetString(plate), day, seq, !isKnown));
    }

    private void Add(ReadOnlySpan<byte> plate)
    {
        Text now = text;
        byte[] bytes = now.Bytes;
        int length = now.Length + plate.Length + 1;
        if (length > bytes.Length)
        {
            bytes = new byte[Math.Max(64 * 1024, length * 2)];
            now.Bytes.AsSpan(0, now.Length).CopyTo(bytes);
        }

        plate.CopyTo(bytes.AsSpan(now.Length));
        bytes[length - 1] = End;
        text = new Text(bytes, length);
        count++;
    }
}
