using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Registers;

namespace Streaming.Ingest.Formats;

/// <summary>
/// Records of a register: <c>v1/records/{resource}</c>. One object is one statement; which fields it has says the register's schema. Numbers may stand in quotes and days without a time, because that is how tables come out of
/// other systems.
/// </summary>
internal static class RegisterDecoder
{
    /// <summary>Names that every record may have beside the register's own fields.</summary>
    public static readonly string[] OwnNames = ["id", "at", "validFrom", "validTo", "removed", "plateColor"];

    /// <summary>Decodes one record. Its fields are written as they come; where it is refused, what was written is the caller's to take back.</summary>
    public static bool TryDecode(scoped ref ElementReader element, RegisterMap map, ByteWriter output)
    {
        RegisterSchema schema = map.Schema;
        Span<Written> written = stackalloc Written[RegisterSchema.MostFields];
        int count = 0;
        int begin = output.Length;
        Statement said = new(element.NowMs);
        ReadOnlySpan<byte> plate = default;
        ReadOnlySpan<byte> color = default;
        RegisterField? plateField = null;
        ulong seen = 0;
        while (element.NextColumn(map, ref seen, out Field field, out RegisterField? column))
        {
            if (column is null)
            {
                if (!ReadOwn(ref element, map, field, ref said, ref color))
                {
                    return false;
                }
            }
            else if (column.Kind == RegisterFieldKind.Plate)
            {
                plateField = column;
                if (!element.ReadPlate(Field.Column, out plate))
                {
                    return false;
                }
            }
            else
            {
                int start = output.Length;
                output.WriteByte(column.Number);
                if (!element.ReadColumn(map, column, output, out bool isEmpty))
                {
                    return false;
                }

                if (isEmpty)
                {
                    output.Truncate(start);
                }
                else
                {
                    written[count++] = new Written(column.Number, start, output.Length - start);
                }
            }
        }

        if (element.Failed)
        {
            return false;
        }

        if (!element.JoinPlate(plate, color, out ReadOnlySpan<byte> vehicle))
        {
            return false;
        }

        if (plateField is not null && !vehicle.IsEmpty)
        {
            int start = output.Length;
            output.WriteByte(plateField.Number);
            output.WriteBytes(vehicle);
            written[count++] = new Written(plateField.Number, start, output.Length - start);
        }

        written[..count].Sort();
        return HasNeeded(ref element, schema, written[..count], said.Removed)
            && HasSpan(ref element, ref said)
            && Finish(ref element, map, said, written[..count], begin, output);
    }

    private static bool ReadOwn(scoped ref ElementReader element, RegisterMap map, Field field, ref Statement said, scoped ref ReadOnlySpan<byte> color)
    {
        switch (field)
        {
            case Field.Id:
                return element.ReadIdentity(field);
            case Field.At:
                return element.ReadMoment(field, map.OffsetMs, out said.SaidMs)
                    && (said.SaidMs <= element.NowMs + IngestLimits.FutureMs || element.Fail(RejectReason.BadTime, "at is over 10 minutes ahead of its arrival: the source's clock is fast"));
            case Field.ValidFrom:
                said.HasFrom = true;
                return element.ReadMoment(field, map.OffsetMs, out said.FromMs);
            case Field.ValidTo:
                return element.ReadMoment(field, map.OffsetMs, out said.ToMs);
            case Field.Removed:
                return element.ReadFlag(field, out said.Removed);
            default:
                return element.ReadPlateColor(field, out color);
        }
    }

    private static bool HasNeeded(scoped ref ElementReader element, RegisterSchema schema, scoped ReadOnlySpan<Written> written, bool removed)
    {
        foreach (RegisterField field in schema.Fields)
        {
            bool isKey = field.IsKey;
            if ((isKey || (field.IsNeeded && !removed)) && !Has(written, field.Number))
            {
                return element.Fail(RejectReason.MissingField, $"{field.Name} is missing; {(isKey ? $"it names the entry of the register {schema.Name}" : $"an entry of the register {schema.Name} needs it")}");
            }
        }

        return true;
    }

    private static bool Has(scoped ReadOnlySpan<Written> written, byte number)
    {
        foreach (Written each in written)
        {
            if (each.Number == number)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A statement without a beginning is about all time before; one that says that there is no entry any more is about the time from when it was said.</summary>
    private static bool HasSpan(scoped ref ElementReader element, ref Statement said)
    {
        if (!said.HasFrom)
        {
            said.FromMs = said.Removed ? said.SaidMs : RegisterStatement.Always;
        }

        return said.ToMs > said.FromMs || element.Fail(RejectReason.Inconsistent, "validTo is not after validFrom; the end of what holds is expected behind its beginning");
    }

    /// <summary>Puts the fields, written as they came, behind the head of the reading, in the order of their numbers.</summary>
    private static bool Finish(scoped ref ElementReader element, RegisterMap map, in Statement said, scoped ReadOnlySpan<Written> written, int begin, ByteWriter output)
    {
        RegisterSchema schema = map.Schema;
        Span<byte> key = stackalloc byte[RegisterSchema.KeyBytes + 32];
        int length = System.Text.Encoding.UTF8.GetBytes(schema.Name, key);
        foreach (RegisterField part in schema.Key)
        {
            foreach (Written each in written)
            {
                if (each.Number == part.Number)
                {
                    ByteReader value = new(output.Written.Slice(each.Offset + 1, each.Length - 1));
                    ReadOnlySpan<byte> text = value.ReadBytes();
                    if (!KeyText.IsKey(text))
                    {
                        return element.Fail(RejectReason.OutOfRange, $"{part.Name} is {Cited.Text(text)}; what names an entry has no '/', '+', '#' and control characters");
                    }

                    if (length + 1 + text.Length > Math.Min(key.Length, Grains.GrainLimits.KeyBytes))
                    {
                        return element.Fail(RejectReason.OutOfRange, $"the entry's key is longer than {RegisterSchema.KeyBytes} bytes");
                    }

                    key[length++] = (byte)'/';
                    text.CopyTo(key[length..]);
                    length += text.Length;
                }
            }
        }

        byte[] fields = output.Written[begin..].ToArray();
        output.Truncate(begin);
        int start = element.BeginEntry(output, key[..length]);
        new RegisterStatement { Register = schema.Register, Removed = said.Removed, Joined = map.Joined, SaidMs = said.SaidMs, FromMs = said.FromMs, ToMs = said.ToMs }.Write(output);
        foreach (Written each in written)
        {
            output.WriteRaw(fields.AsSpan(each.Offset - begin, each.Length));
        }

        ReadingElement.End(output, start);
        return true;
    }

    private struct Statement(long nowMs)
    {
        public long SaidMs = nowMs;
        public long FromMs = RegisterStatement.Always;
        public long ToMs = RegisterStatement.Open;
        public bool HasFrom;
        public bool Removed;
    }

    private readonly record struct Written(byte Number, int Offset, int Length) : IComparable<Written>
    {
        public int CompareTo(Written other) => Number.CompareTo(other.Number);
    }
}
