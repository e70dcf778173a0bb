using System.Text;
using Streaming.Models.Encoding;
using Streaming.Models.Geography;
using Streaming.Models.Readings;

namespace Streaming.Silo.Registers;

/// <summary>
/// Plates that were read with confidence a short while ago, and where: so that a plate which was read badly can be told from one that it differs from by one sign and that was plausible there. The answer is recorded with the reading, and turns see
/// only that.
/// </summary>
/// <remarks>
/// Slots by hash; a newer plate takes the place of an older one with the same slot, so memory is fixed and a plate may be forgotten early: then nothing is said. Many connections decode at a time, so each slot is read and written under one of a few
/// locks. What is remembered depends on the order in which they come, which does no harm: the answer is a fact of the record.
/// </remarks>
internal sealed class PlateMemory
{
    private const string Signs = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    /// <summary>First signs of plates: the provinces.</summary>
    private const string Provinces = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新";
    private const int ProvinceBytes = 3;
    private static readonly byte[] ProvinceUtf8 = Encoding.UTF8.GetBytes(Provinces);

    private readonly Slot[] slots = new Slot[RegisterLimits.RememberedPlates];
    private readonly Lock[] locks = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];

    private struct Slot
    {
        public ulong Plate;
        public long AtMs;
        public GeoPosition Position;
    }

    /// <summary>Takes in a plate. Where it was read badly and was not plausible itself, the one it may have been: it differs by one sign and was read with confidence near here just now.</summary>
    /// <param name="key">The plate as the key of its vehicle, UTF-8.</param>
    /// <param name="permille">How sure the device was of it.</param>
    /// <param name="position">Where it was read.</param>
    /// <param name="atMs">When, ms since 1970.</param>
    /// <returns>The other plate's key; empty where there is none.</returns>
    public ReadOnlySpan<byte> Read(scoped ReadOnlySpan<byte> key, int permille, GeoPosition position, long atMs)
    {
        if (!position.IsKnown || key.Length is 0 or > RegisterLimits.PlateBytes)
        {
            return default;
        }

        ulong plate = StableHash.Of(key);
        if (permille >= RegisterLimits.SurePlatePermille)
        {
            Remember(plate, position, atMs);
            return default;
        }

        return IsPlausible(plate, position, atMs) ? default : Neighbour(key, position, atMs);
    }

    private ReadOnlySpan<byte> Neighbour(scoped ReadOnlySpan<byte> key, GeoPosition position, long atMs)
    {
        Span<byte> other = stackalloc byte[RegisterLimits.PlateBytes];
        other = other[..key.Length];
        key.CopyTo(other);
        int end = key.IndexOf((byte)'-');
        end = end < 0 ? key.Length : end;
        int first = 0;
        if (end > ProvinceBytes && key[0] >= 0x80)
        {
            first = ProvinceBytes;
            for (int i = 0; i < ProvinceUtf8.Length; i += ProvinceBytes)
            {
                ProvinceUtf8.AsSpan(i, ProvinceBytes).CopyTo(other);
                if (!other.SequenceEqual(key) && IsPlausible(StableHash.Of(other), position, atMs))
                {
                    return other.ToArray();
                }
            }

            key[..ProvinceBytes].CopyTo(other);
        }

        for (int at = first; at < end; at++)
        {
            foreach (char sign in Signs)
            {
                other[at] = (byte)sign;
                if (sign != key[at] && IsPlausible(StableHash.Of(other), position, atMs))
                {
                    return other.ToArray();
                }
            }

            other[at] = key[at];
        }

        return default;
    }

    private void Remember(ulong plate, GeoPosition position, long atMs)
    {
        int slot = SlotOf(plate);
        lock (locks[slot % locks.Length])
        {
            slots[slot] = new Slot { Plate = plate, AtMs = atMs, Position = position };
        }
    }

    private bool IsPlausible(ulong plate, GeoPosition position, long atMs)
    {
        int slot = SlotOf(plate);
        Slot seen;
        lock (locks[slot % locks.Length])
        {
            seen = slots[slot];
        }

        double apartS = Math.Abs(atMs - seen.AtMs) / 1000.0;
        return seen.Plate == plate && apartS <= RegisterLimits.PlausibleWithinS && GeoDistance.StraightM(seen.Position, position) is double metres
            && metres <= RegisterLimits.PlausibleWithinM && metres <= (apartS + RegisterLimits.PlausibleClockS) * RegisterLimits.PlausibleMetresPerS;
    }

    private static int SlotOf(ulong plate) => (int)((plate ^ (plate >> 32)) % RegisterLimits.RememberedPlates);
}
