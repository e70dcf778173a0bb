namespace Streaming.Models.Registers;

/// <summary>One field of a register.</summary>
public sealed record RegisterField
{
    /// <summary>Its number in statements, 1 to 57, never reused within a register.</summary>
    public required byte Number { get; init; }

    /// <summary>Its name in JSON and CSV, the unit last.</summary>
    public required string Name { get; init; }

    public required RegisterFieldKind Kind { get; init; }

    /// <summary>What it is, for people, in English.</summary>
    public required string En { get; init; }

    /// <summary>What it is, for people, in Chinese.</summary>
    public required string Zh { get; init; }

    /// <summary>True where a statement without it is refused.</summary>
    public bool IsNeeded { get; init; }

    /// <summary>True where it names the entry, alone or with others.</summary>
    public bool IsKey { get; init; }

    /// <summary>True where it is about a person, so that only those see it who have to.</summary>
    public bool IsPersonal { get; init; }

    /// <summary>True where rows can be looked up by it.</summary>
    public bool IsReference { get; init; }

    /// <summary>Of a number: digits behind the decimal point that are kept.</summary>
    public int Decimals { get; init; }

    /// <summary>Of a number: the lowest value, in what is kept (so with <see cref="Decimals"/> 3, thousandths).</summary>
    public long Least { get; init; }

    /// <summary>Of a number: the highest value, in what is kept.</summary>
    public long Most { get; init; }

    /// <summary>Of a number: its unit, for the reason of a refusal; empty where it has none.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Of a text or geometry: how long it may be, bytes of UTF-8.</summary>
    public int Bytes { get; init; }

    /// <summary>Of words: those there are.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>True where the value is kept as a number and not as bytes.</summary>
    public bool IsNumeric => Kind is RegisterFieldKind.Number or RegisterFieldKind.Time;

    internal byte[] NameBytes { get; init; } = [];
}
