using System.Text;
using Streaming.Grains.Messages;
using Streaming.Models.Registers;

namespace Streaming.Ingest.Formats;

/// <summary>
/// What the columns and words of one source mean in a register's own. A source that uses the register's names needs none; a department's export is taken as it is, with a mapping in its registration.
/// </summary>
public sealed class RegisterMap
{
    private readonly (byte[] Name, byte[] Target)[] columns;
    private readonly (string Field, byte[] Word, byte[] Target)[] words;

    private RegisterMap(RegisterSchema schema, RegisterMapping? mapping, bool joined)
    {
        Schema = schema;
        Joined = joined;
        columns = [.. (mapping?.Columns ?? []).Select(each => (Encoding.UTF8.GetBytes(each.Column), Encoding.UTF8.GetBytes(each.Field)))];
        words = [.. (mapping?.Words ?? []).Select(each => (each.Field, Encoding.UTF8.GetBytes(each.Word), Encoding.UTF8.GetBytes(each.Means)))];
        OffsetMs = (mapping?.UtcOffsetMinutes ?? 0) * 60_000L;
    }

    internal RegisterSchema Schema { get; }

    /// <summary>True where the source asks to be told what others say of its entries. It travels with each record, so that an entry tells nobody who did not ask.</summary>
    internal bool Joined { get; }

    /// <summary>How far the source's clock is ahead of UTC, ms: for days and times that do not say.</summary>
    internal long OffsetMs { get; }

    /// <summary>The map of a registered source; null where it is no register's.</summary>
    internal static RegisterMap? Of(SourceRegistration registration) =>
        registration.Register is { } name && RegisterSchema.Find(name) is { } schema ? new RegisterMap(schema, registration.Mapping, registration.Joined == true) : null;

    /// <summary>The register's own name of a column.</summary>
    internal ReadOnlySpan<byte> Column(ReadOnlySpan<byte> name)
    {
        foreach ((byte[] given, byte[] target) in columns)
        {
            if (name.SequenceEqual(given))
            {
                return target;
            }
        }

        return name;
    }

    /// <summary>The register's own word of a field.</summary>
    internal ReadOnlySpan<byte> Word(RegisterField field, ReadOnlySpan<byte> word)
    {
        foreach ((string of, byte[] given, byte[] target) in words)
        {
            if (of == field.Name && word.SequenceEqual(given))
            {
                return target;
            }
        }

        return word;
    }

    /// <summary>What is wrong with a registration as a source of a register, one sentence; null where nothing is.</summary>
    public static string? Problem(string? register, RegisterMapping? mapping)
    {
        if (register is null)
        {
            return mapping is null ? null : "A mapping is of no use without a register.";
        }

        if (RegisterSchema.Find(register) is not { } schema)
        {
            return $"There is no register '{register}'; there are {string.Join(", ", RegisterSchema.All.Select(each => each.Name))}.";
        }

        string[] targets = [.. schema.Fields.Select(field => field.Name), .. RegisterDecoder.OwnNames];
        foreach (MappedName column in mapping?.Columns ?? [])
        {
            if (!targets.Contains(column.Field))
            {
                return $"The mapping gives the column '{column.Column}' the name '{column.Field}', which the register {register} does not have; it has {string.Join(", ", targets)}.";
            }
        }

        foreach (MappedWord word in mapping?.Words ?? [])
        {
            if (schema.Fields.FirstOrDefault(each => each.Name == word.Field) is not { Choices.Count: > 0 } known)
            {
                return $"The mapping has words for '{word.Field}', which is no field of the register {register} with words of its own.";
            }

            if (!known.Choices.Contains(word.Means))
            {
                return $"The mapping gives '{word.Word}' of '{word.Field}' the word '{word.Means}'; there are {string.Join(", ", known.Choices)}.";
            }
        }

        return mapping?.UtcOffsetMinutes is < -12 * 60 or > 14 * 60 ? "utcOffsetMinutes must be -720 to 840." : null;
    }
}
