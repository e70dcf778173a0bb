using System.Runtime.CompilerServices;
using Streaming.Models.Encoding;
using Streaming.Models.Learned.Features;
using Streaming.Models.Readings;

namespace Streaming.Models.Vehicles;

/// <summary>
/// How one vehicle usually stands on its axles: the share of the mass on each, how that moves with the load, and how far its axles stand apart. Learned from its own weighings, one after the other by rising time. Some seventy bytes, whatever it lives through.
/// </summary>
/// <remarks>
/// A rigid vehicle's axle carries a part of the empty mass and a part of the load, so its share is linear in 1 / gross mass (statics of a beam). The slope is a regression that holds to 0 as long as the load was always the same: then a reading at
/// another load may be anywhere that a truck's would be, and is not unusual. A weighing that is judged unusual teaches nothing, unless <see cref="AcceptAfter"/> come in a row. The figures here are part of what <see cref="AxleHistoryFeatures"/> means:
/// another value is another version of that set. None is verified where no source stands beside it.
/// </remarks>
public sealed class AxleHistory
{
    /// <summary>Axles that a history has; a vehicle with more has none.</summary>
    public const int MostAxles = AxleSignatureFeatures.MostAxles;

    /// <summary>So many weighings that are unusual, or have other axles, one after the other, and the vehicle is taken for changed: its history begins anew. By then it has been seen for days, and a case about it was handled.</summary>
    public const int AcceptAfter = 8;

    /// <summary>So much worse is an axle weighed than the vehicle: COST 323 gives class A(5) ±8 % for a single axle.</summary>
    private const double AxleFactor = 1.6;

    /// <summary>Deviations of a normal error within which 95 % lie.</summary>
    private const double WithinAccuracy = 1.96;

    /// <summary>Weighings that the means go over, about: what a vehicle was like a hundred weighings ago does not count.</summary>
    private const int Memory = 30;

    /// <summary>Deviation of a share from trip to trip that is taken for usual before anything is known.</summary>
    private const double FirstSpread = 0.008;

    /// <summary>The least that it is taken for.</summary>
    private const double LeastSpread = 0.004;

    /// <summary>A weighing teaches as if it were so many deviations off at most.</summary>
    private const double Clip = 3;

    /// <summary>The load is 20,000 kg by the gross mass: 0.4 for a full combination of six axles, 3.5 for an empty truck of two.</summary>
    private const double LoadKg = 20_000;

    /// <summary>Squared ratio of a share's deviation (0.01) to the deviation of slopes from truck to truck (0.08 a unit of load).</summary>
    private const double SlopeRidge = 0.0156;

    private const double ShareUnit = 50_000;

    private byte axles;
    private byte weighings;
    private byte strange;

    /// <summary>Above 0 where more of its records called it a combination than a rigid truck.</summary>
    private sbyte combination;
    private uint late;
    private float load;
    private float loadSquares;
    private float spread;
    private Shares shares;
    private Slopes products;
    private Distances spacings;

    /// <summary>In 1/50,000.</summary>
    [InlineArray(MostAxles)]
    private struct Shares
    {
        private ushort first;
    }

    /// <summary>Covariance of share and load.</summary>
    [InlineArray(MostAxles)]
    private struct Slopes
    {
        private Half first;
    }

    /// <summary>Of each axle behind the one before, cm.</summary>
    [InlineArray(MostAxles - 1)]
    private struct Distances
    {
        private ushort first;
    }

    /// <summary>Axles that it usually has.</summary>
    public int Axles => axles;

    /// <summary>Weighings that it knows, at most 255.</summary>
    public int Weighings => weighings;

    /// <summary>Weighings that came after a newer one. They are skipped: what is usual goes by the order of time.</summary>
    public long Late => late;

    /// <summary>Counts a weighing that came late.</summary>
    public void Skip() => late += late < uint.MaxValue ? 1u : 0;

    /// <summary>The history that begins with a weighing; null where its axles are not known.</summary>
    public static AxleHistory? Begin(in WeighReading reading)
    {
        if (!IsWhole(reading) || reading.AxleCount > MostAxles)
        {
            return null;
        }

        AxleHistory history = new();
        history.Restart(reading);
        return history;
    }

    /// <summary>How a weighing differs from those before. Changes nothing.</summary>
    /// <param name="reading">No older than those before.</param>
    /// <param name="accuracyPct">Of the station, ± percent of the gross mass.</param>
    public AxleDeparture Look(in WeighReading reading, double accuracyPct)
    {
        if (!IsWhole(reading) || reading.AxleCount < axles || (reading.AxleCount > axles && !OwnAxlesLead(reading)))
        {
            return default;
        }

        Span<double> measured = stackalloc double[MostAxles];
        double at = Measure(reading, axles, measured);
        double away = at - load;
        double steadiness = (Known * loadSquares) + SlopeRidge;
        double squares = Squares(measured[..axles]);
        AxleDeparture found = new() { Weighings = weighings, AxlesMore = reading.AxleCount - axles };
        double sum = 0;
        for (int i = 0; i < axles; i++)
        {
            double usual = Usual(i, away, steadiness);
            double variance = Variance(i, squares, accuracyPct) + (spread * spread);
            double sd = (measured[i] - usual) / Math.Sqrt(variance * (1 + (1.0 / Known) + (away * away / steadiness)));
            sum += sd * sd;
            if (Math.Abs(sd) > Math.Abs(found.WorstSd))
            {
                found.WorstSd = sd;
                found.WorstAxle = i;
                found.WorstShare = measured[i];
                found.UsualShare = usual;
            }

            if (i > 0)
            {
                found.SpacingOffM = Math.Max(found.SpacingOffM, Math.Abs(Apart(reading, i) - (spacings[i - 1] / 100.0)));
            }
        }

        found.RmsSd = Math.Sqrt(sum / axles);
        found.GapM = reading.AxleCount > axles ? Apart(reading, axles) : 0;
        found.BecameCombination = combination < 0 && reading.VehicleClass == VehicleClass.Combination;
        return found;
    }

    /// <summary>Takes a weighing into what is usual, or not: what was judged unusual, or has other axles, teaches nothing until <see cref="AcceptAfter"/> of them came in a row.</summary>
    public void Learn(in WeighReading reading, double accuracyPct, bool isUnusual)
    {
        if (!IsWhole(reading))
        {
            return;
        }

        if (isUnusual || reading.AxleCount != axles)
        {
            strange++;
            if (strange >= AcceptAfter && reading.AxleCount <= MostAxles)
            {
                Restart(reading);
            }

            strange = Math.Min(strange, (byte)AcceptAfter);
            return;
        }

        strange = 0;
        Span<double> measured = stackalloc double[MostAxles];
        double at = Measure(reading, axles, measured);
        double away = at - load;
        double steadiness = (Known * loadSquares) + SlopeRidge;
        double squares = Squares(measured[..axles]);
        double weight = 1.0 / (Known + 1);
        double beyond = 0;
        for (int i = 0; i < axles; i++)
        {
            double off = measured[i] - Usual(i, away, steadiness);
            double sensor = Variance(i, squares, accuracyPct);
            double uncertain = (sensor + (spread * spread)) * (1 + (1.0 / Known) + (away * away / steadiness));
            double counted = Math.Min(off * off, Clip * Clip * uncertain);
            beyond += Math.Max(0, counted - sensor - (uncertain - sensor - (spread * spread)));

            double difference = measured[i] - Mean(i);
            shares[i] = (ushort)Math.Clamp(Math.Round((Mean(i) + (weight * difference)) * ShareUnit), 0, ushort.MaxValue);
            products[i] = (Half)((1 - weight) * ((double)products[i] + (weight * difference * away)));
            if (i > 0)
            {
                double apartCm = Apart(reading, i) * 100;
                spacings[i - 1] = (ushort)Math.Clamp(Math.Round(spacings[i - 1] + (weight * (apartCm - spacings[i - 1]))), 0, ushort.MaxValue);
            }
        }

        spread = (float)Math.Max(LeastSpread, Math.Sqrt((spread * spread * (1 - weight)) + (weight * beyond / axles)));
        loadSquares = (float)((1 - weight) * (loadSquares + (weight * away * away)));
        load = (float)(load + (weight * away));
        Hear(reading.VehicleClass);
        weighings += weighings < byte.MaxValue ? (byte)1 : (byte)0;
    }

    /// <summary>The usual share of an axle at its usual load, 0 to 1.</summary>
    public double Mean(int axle) => shares[axle] / ShareUnit;

    public static void Write(AxleHistory? history, ByteWriter writer)
    {
        writer.WriteByte(history?.axles ?? 0);
        if (history is null)
        {
            return;
        }

        writer.WriteByte(history.weighings);
        writer.WriteByte(history.strange);
        writer.WriteByte(unchecked((byte)history.combination));
        writer.WriteVar(history.late);
        writer.WriteInt32(BitConverter.SingleToInt32Bits(history.load));
        writer.WriteInt32(BitConverter.SingleToInt32Bits(history.loadSquares));
        writer.WriteInt32(BitConverter.SingleToInt32Bits(history.spread));
        for (int i = 0; i < history.axles; i++)
        {
            writer.WriteUInt16(history.shares[i]);
            writer.WriteUInt16(BitConverter.HalfToUInt16Bits(history.products[i]));
            if (i > 0)
            {
                writer.WriteUInt16(history.spacings[i - 1]);
            }
        }
    }

    public static AxleHistory? Read(scoped ref ByteReader reader)
    {
        byte axles = reader.ReadByte();
        if (axles == 0)
        {
            return null;
        }

        AxleHistory history = new()
        {
            axles = axles,
            weighings = reader.ReadByte(),
            strange = reader.ReadByte(),
            combination = unchecked((sbyte)reader.ReadByte()),
            late = (uint)reader.ReadVar(),
            load = BitConverter.Int32BitsToSingle(reader.ReadInt32()),
            loadSquares = BitConverter.Int32BitsToSingle(reader.ReadInt32()),
            spread = BitConverter.Int32BitsToSingle(reader.ReadInt32()),
        };
        for (int i = 0; i < axles; i++)
        {
            history.shares[i] = reader.ReadUInt16();
            history.products[i] = BitConverter.UInt16BitsToHalf(reader.ReadUInt16());
            if (i > 0)
            {
                history.spacings[i - 1] = reader.ReadUInt16();
            }
        }

        return history;
    }

    /// <summary>Weighings that count, from 1.</summary>
    private int Known => Math.Clamp((int)weighings, 1, Memory);

    private double Usual(int axle, double away, double steadiness) => Mean(axle) + (Known * (double)products[axle] / steadiness * away);

    /// <summary>Squared error of a share, of the scale: that of its own axle, and those of the others by which the sum is off.</summary>
    private double Variance(int axle, double squares, double accuracyPct)
    {
        double share = Mean(axle);
        double deviation = accuracyPct / 100 / WithinAccuracy * AxleFactor * share;
        return deviation * deviation * (((1 - share) * (1 - share)) + Math.Max(0, squares - (share * share)));
    }

    private static double Squares(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value * value;
        }

        return sum;
    }

    private void Restart(in WeighReading reading)
    {
        Span<double> measured = stackalloc double[MostAxles];
        (axles, weighings, strange, combination) = ((byte)reading.AxleCount, 1, 0, 0);
        (load, loadSquares, spread) = ((float)Measure(reading, axles, measured), 0, (float)FirstSpread);
        for (int i = 0; i < axles; i++)
        {
            shares[i] = (ushort)Math.Round(measured[i] * ShareUnit);
            products[i] = default;
            if (i > 0)
            {
                spacings[i - 1] = (ushort)Math.Clamp(Math.Round(Apart(reading, i) * 100), 0, ushort.MaxValue);
            }
        }

        Hear(reading.VehicleClass);
    }

    private void Hear(VehicleClass body) => combination = (sbyte)Math.Clamp(combination + (body == VehicleClass.Combination ? 1 : body == VehicleClass.Rigid ? -1 : 0), -8, 8);

    /// <summary>True where the axles in front stand as this vehicle's do.</summary>
    private bool OwnAxlesLead(in WeighReading reading)
    {
        for (int i = 1; i < axles; i++)
        {
            if (Math.Abs(Apart(reading, i) - (spacings[i - 1] / 100.0)) > AxleHistoryFeatures.LeastSpacingM)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The shares of the first axles of what those carry together; returns the load.</summary>
    private static double Measure(in WeighReading reading, int count, Span<double> into)
    {
        double sumKg = 0;
        for (int i = 0; i < count; i++)
        {
            sumKg += reading.Axles[i].MassKg;
        }

        for (int i = 0; i < count; i++)
        {
            into[i] = reading.Axles[i].MassKg / sumKg;
        }

        return LoadKg / sumKg;
    }

    /// <summary>Distance of an axle behind the one before, m.</summary>
    private static double Apart(in WeighReading reading, int axle) => (reading.Axles[axle].OffsetMm - reading.Axles[axle - 1].OffsetMm) / 1000.0;

    /// <summary>True where there are two axles at least and each has its mass and place.</summary>
    private static bool IsWhole(in WeighReading reading)
    {
        if (reading.AxleCount < 2 || reading.GrossKg <= 0)
        {
            return false;
        }

        for (int i = 0; i < reading.AxleCount; i++)
        {
            if (reading.Axles[i].MassKg <= 0 || (i > 0 && reading.Axles[i].OffsetMm <= reading.Axles[i - 1].OffsetMm))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>How a weighing differs from the vehicle's own past. All is 0 where it cannot be held against that.</summary>
public record struct AxleDeparture
{
    /// <summary>Weighings that the vehicle is known by.</summary>
    public int Weighings { get; set; }

    /// <summary>The share furthest from its own at this load, in standard deviations of scale, vehicle and what is known of it; either side of 0.</summary>
    public double WorstSd { get; set; }

    /// <summary>Its axle, from 0.</summary>
    public int WorstAxle { get; set; }

    /// <summary>What it carries, 0 to 1.</summary>
    public double WorstShare { get; set; }

    /// <summary>What it would carry as usual, at this load.</summary>
    public double UsualShare { get; set; }

    /// <summary>Root of the mean square over the axles.</summary>
    public double RmsSd { get; set; }

    /// <summary>The distance between two axles that is furthest from what it was, m.</summary>
    public double SpacingOffM { get; set; }

    /// <summary>Axles behind its own, which stand as ever.</summary>
    public int AxlesMore { get; set; }

    /// <summary>How far the first of them is behind its last, m; 0 where there are none.</summary>
    public double GapM { get; set; }

    /// <summary>True where the record calls a combination what earlier ones called a rigid truck: then more axles are a trailer.</summary>
    public bool BecameCombination { get; set; }
}
