using Streaming.Models.Encoding;

namespace Streaming.Models.Registers;

/// <summary>
/// What one source says of one subject of a register, for a span of time. Layout:
/// <code>
/// u8 register | u8 flags (1 removed, 2 joined) | i64 said at, ms | i64 from, ms | i64 to, ms | fields, in rising order of their numbers
/// field = u8 number | number or time: signed var | anything else: bytes
/// </code>
/// </summary>
public readonly ref struct RegisterStatement
{
    /// <summary>Holds as far back as nothing else says.</summary>
    public const long Always = long.MinValue;

    /// <summary>Holds until something else is said.</summary>
    public const long Open = long.MaxValue;

    private const byte RemovedFlag = 1;
    private const byte JoinedFlag = 2;

    public required Register Register { get; init; }

    /// <summary>True where the source says that, from then on, there is no such entry with it.</summary>
    public bool Removed { get; init; }

    /// <summary>True where its source asked to be told what others say of the same entry.</summary>
    public bool Joined { get; init; }

    /// <summary>When its source made it, ms since 1970-01-01T00:00Z: of two statements about the same span the later one holds.</summary>
    public required long SaidMs { get; init; }

    /// <summary>The first moment that it holds for, ms since 1970-01-01T00:00Z.</summary>
    public long FromMs { get; init; }

    /// <summary>The first moment that it does not hold for any more.</summary>
    public long ToMs { get; init; }

    /// <summary>The fields as they stand in the record.</summary>
    public ReadOnlySpan<byte> Fields { get; init; }

    public void Write(ByteWriter writer)
    {
        writer.WriteByte((byte)Register);
        writer.WriteByte((byte)((Removed ? RemovedFlag : 0) | (Joined ? JoinedFlag : 0)));
        writer.WriteInt64(SaidMs);
        writer.WriteInt64(FromMs);
        writer.WriteInt64(ToMs);
        writer.WriteRaw(Fields);
    }

    public static RegisterStatement Read(scoped ref ByteReader reader)
    {
        Register register = (Register)reader.ReadByte();
        byte flags = reader.ReadByte();
        return new RegisterStatement
        {
            Register = register,
            Removed = (flags & RemovedFlag) != 0,
            Joined = (flags & JoinedFlag) != 0,
            SaidMs = reader.ReadInt64(),
            FromMs = reader.ReadInt64(),
            ToMs = reader.ReadInt64(),
            Fields = reader.Rest,
        };
    }
}

/// <summary>One field of a statement: a number, or bytes.</summary>
public readonly ref struct RegisterValue(RegisterField field, long number, ReadOnlySpan<byte> bytes)
{
    public RegisterField Field { get; } = field;

    /// <summary>Of a number or time.</summary>
    public long Number { get; } = number;

    /// <summary>Of anything else, UTF-8.</summary>
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public void Write(ByteWriter writer)
    {
        writer.WriteByte(Field.Number);
        if (Field.IsNumeric)
        {
            writer.WriteSigned(Number);
        }
        else
        {
            writer.WriteBytes(Bytes);
        }
    }
}

/// <summary>Walks the fields of a statement.</summary>
public ref struct RegisterValues(RegisterSchema schema, ReadOnlySpan<byte> fields)
{
    private readonly RegisterSchema schema = schema;
    private ByteReader reader = new(fields);

    public RegisterValue Current { get; private set; }

    public bool MoveNext()
    {
        if (reader.AtEnd)
        {
            return false;
        }

        RegisterField field = schema.Field(reader.ReadByte());
        Current = field.IsNumeric ? new RegisterValue(field, reader.ReadSigned(), default) : new RegisterValue(field, 0, reader.ReadBytes());
        return true;
    }

    public readonly RegisterValues GetEnumerator() => this;
}
