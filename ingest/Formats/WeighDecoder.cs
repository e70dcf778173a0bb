using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Ingest.Formats;

/// <summary>Weigh records: <c>v1/wim/{station}/{lane}</c>.</summary>
internal static class WeighDecoder
{
    private const ulong Known = ElementReader.IdentityFields | (1UL << (int)Field.Plate) | (1UL << (int)Field.PlateColor) | (1UL << (int)Field.PlateConfidence) | (1UL << (int)Field.SpeedKmh)
        | (1UL << (int)Field.Axles) | (1UL << (int)Field.GrossKg) | (1UL << (int)Field.VehicleClass) | (1UL << (int)Field.LeftRightRatio) | (1UL << (int)Field.Image);

    private const ulong AxleFields = (1UL << (int)Field.MassKg) | (1UL << (int)Field.OffsetM);

    public static bool TryDecode(scoped ref ElementReader element, scoped in TopicRoute route, ByteWriter output)
    {
        WeighReading reading = new() { SpeedTenthKmh = -1, PlatePermille = 1000, LeftRightPermille = -1 };
        ReadOnlySpan<byte> plate = default;
        ReadOnlySpan<byte> color = default;
        long value;
        ulong seen = 0;
        while (element.NextField(ref seen, Known, out Field field))
        {
            bool read;
            switch (field)
            {
                case Field.Plate:
                    read = element.ReadPlate(field, out plate);
                    break;
                case Field.PlateColor:
                    read = element.ReadPlateColor(field, out color);
                    break;
                case Field.PlateConfidence:
                    read = element.ReadPermille(field, out reading.PlatePermille);
                    break;
                case Field.SpeedKmh:
                    read = element.ReadSpeed(field, out reading.SpeedTenthKmh);
                    break;
                case Field.Axles:
                    read = ReadAxles(ref element, ref reading);
                    break;
                case Field.GrossKg:
                    read = element.ReadScaled(field, 0, 1, IngestLimits.GrossKg, " kg", out value);
                    reading.GrossKg = (int)value;
                    break;
                case Field.VehicleClass:
                    read = element.ReadVehicleClass(field, out reading.VehicleClass);
                    break;
                case Field.LeftRightRatio:
                    read = element.ReadScaled(field, 3, 0, IngestLimits.LeftRightPermille, "", out value);
                    reading.LeftRightPermille = (int)value;
                    break;
                case Field.Image:
                    read = element.ReadImage(field, out reading.Image);
                    break;
                default:
                    read = element.ReadIdentity(field);
                    break;
            }

            if (!read)
            {
                return false;
            }
        }

        if (element.Failed || !element.HasIdentity(seen) || !CheckMass(ref element, ref reading) || !element.JoinPlate(plate, color, out ReadOnlySpan<byte> key))
        {
            return false;
        }

        reading.Lane = route.Part;
        bool isVehicle = !key.IsEmpty && reading.PlatePermille >= element.Source.Rules.LeastPlatePermille;
        if (isVehicle)
        {
            reading.LikelyPlate = element.Source.Rules.LikelyPlate(key, reading.PlatePermille, element.Source.Position, element.AtMs);
        }

        int start = isVehicle
            ? element.Begin(output, ReadingKind.Weigh, ActorKind.Vehicle, key)
            : element.Begin(output, ReadingKind.Weigh, ActorKind.Source, element.Source.Source.Span);
        reading.Write(output);
        ReadingElement.End(output, start);
        return true;
    }

    private static bool ReadAxles(scoped ref ElementReader element, scoped ref WeighReading reading)
    {
        if (!element.EnterArray(Field.Axles))
        {
            return false;
        }

        int before = -1;
        bool first = true;
        while (element.NextObject(Field.Axles, ref first))
        {
            if (reading.AxleCount == Axles.Capacity)
            {
                return element.Fail(RejectReason.OutOfRange, $"axles has more than {Axles.Capacity} elements; at most {Axles.Capacity} expected");
            }

            if (!ReadAxle(ref element, before, ref reading.Axles[reading.AxleCount]))
            {
                return false;
            }

            before = reading.Axles[reading.AxleCount].OffsetMm;
            reading.AxleCount++;
        }

        element.LeaveArray();
        return !element.Failed;
    }

    /// <summary>Reads one axle. Offsets are distances behind the first axle, so the first is 0 and each is more than the one before, or the groups of axles would come out wrong.</summary>
    private static bool ReadAxle(scoped ref ElementReader element, int beforeMm, scoped ref Axle axle)
    {
        long massKg = 0;
        long offsetMm = 0;
        int offsetAt = 0;
        int offsetEnd = 0;
        ulong seen = 0;
        while (element.NextField(ref seen, AxleFields, out Field field))
        {
            bool read;
            if (field == Field.MassKg)
            {
                read = element.ReadScaled(field, 0, 0, IngestLimits.AxleKg, " kg", out massKg);
            }
            else
            {
                offsetAt = element.Position;
                read = element.ReadScaled(field, 3, 0, IngestLimits.AxleOffsetMm, " m", out offsetMm);
                offsetEnd = element.Position;
            }

            if (!read)
            {
                return false;
            }
        }

        if (element.Failed)
        {
            return false;
        }

        if ((seen & AxleFields) != AxleFields)
        {
            return element.Missing((seen & (1UL << (int)Field.MassKg)) == 0 ? Field.MassKg : Field.OffsetM, "an axle needs massKg and offsetM");
        }

        if (beforeMm < 0 ? offsetMm != 0 : offsetMm <= beforeMm)
        {
            string expected = beforeMm < 0 ? "0 expected, for offsets are distances behind the first axle" : FormattableString.Invariant($"more than the {beforeMm / 1000.0} m of the axle before expected");
            return element.Fail(RejectReason.Inconsistent, $"{element.Path(Field.OffsetM)} is {element.Cite(offsetAt, offsetEnd)}; {expected}");
        }

        axle.MassKg = (int)massKg;
        axle.OffsetMm = (int)offsetMm;
        return true;
    }

    /// <summary>A record has a gross mass or axles; where it has both, they must agree, and where it has axles alone, they are the gross mass.</summary>
    private static bool CheckMass(scoped ref ElementReader element, scoped ref WeighReading reading)
    {
        if (reading.AxleCount == 0)
        {
            return reading.GrossKg > 0 || element.Missing(Field.GrossKg, "a weigh record needs grossKg or axles");
        }

        long sumKg = 0;
        for (int i = 0; i < reading.AxleCount; i++)
        {
            sumKg += reading.Axles[i].MassKg;
        }

        if (reading.GrossKg == 0)
        {
            reading.GrossKg = (int)sumKg;
            return sumKg is >= 1 and <= IngestLimits.GrossKg
                || element.Fail(RejectReason.OutOfRange, $"axles add up to {sumKg} kg; 1 to {IngestLimits.GrossKg} kg expected");
        }

        return Math.Abs(sumKg - reading.GrossKg) * 100 <= (long)reading.GrossKg * IngestLimits.GrossDifferencePct
            || element.Fail(RejectReason.Inconsistent, $"grossKg is {reading.GrossKg} but the axles add up to {sumKg} kg; at most {IngestLimits.GrossDifferencePct} % apart expected");
    }
}
