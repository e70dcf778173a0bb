using Streaming.Models.Encoding;
using Streaming.Models.Registers;

namespace Streaming.Grains.Registers;

/// <summary>One statement as an entry keeps it.</summary>
/// <param name="SaidMs">When its source made it, ms: of two about the same span the later one holds.</param>
/// <param name="FromMs">The first moment that it holds for.</param>
/// <param name="ToMs">The first moment that it does not hold for any more.</param>
/// <param name="Removed">True where it says that there is no such entry any more.</param>
/// <param name="Fields">As <see cref="RegisterStatement.Fields"/>.</param>
internal sealed record EntryStatement(long SaidMs, long FromMs, long ToMs, bool Removed, byte[] Fields)
{
    public bool Says(in RegisterStatement other) => FromMs == other.FromMs && ToMs == other.ToMs && Removed == other.Removed && other.Fields.SequenceEqual(Fields);
}

/// <summary>What became of a statement.</summary>
internal enum StatementOutcome
{
    /// <summary>It is kept.</summary>
    Taken,

    /// <summary>It says what was known.</summary>
    Known,

    /// <summary>A later one about the same span was heard before, or it is about times that are not kept any more.</summary>
    Outdated,
}

/// <summary>
/// What one source has said of an entry: for each moment from which something holds the latest statement. In whatever order statements come in, the same are kept: of one beginning the latest, of equal times the one that holds longer or has the greater
/// bytes, and of too many beginnings the latest ones.
/// </summary>
internal sealed class EntryStatements(string source)
{
    private readonly List<EntryStatement> statements = [];

    /// <summary>Who said it.</summary>
    public string Source { get; } = source;

    /// <summary>True where it asked, with its last word, to be told what others say.</summary>
    public bool Joined { get; set; }

    /// <summary>In rising order of their beginnings, which are all different.</summary>
    public IReadOnlyList<EntryStatement> Statements => statements;

    public int Bytes => statements.Sum(statement => statement.Fields.Length);

    /// <summary>False where its last word is that there is no such entry any more.</summary>
    public bool Speaks => statements is [.., { Removed: false }];

    /// <summary>The end of the last span of which something is said; <see cref="RegisterStatement.Open"/> where there is none.</summary>
    public long EndMs => statements.Count > 0 && statements[^1] is { Removed: true } last ? last.FromMs : statements.Max(statement => statement.ToMs);

    public StatementOutcome Take(in RegisterStatement said)
    {
        int place = Place(said.FromMs);
        if (place >= 0)
        {
            EntryStatement before = statements[place];
            if (before.Says(said))
            {
                statements[place] = before with { SaidMs = Math.Max(before.SaidMs, said.SaidMs) };
                return StatementOutcome.Known;
            }

            if (said.SaidMs < before.SaidMs || (said.SaidMs == before.SaidMs && IsLess(said, before)))
            {
                return StatementOutcome.Outdated;
            }

            statements[place] = Keep(said);
            return StatementOutcome.Taken;
        }

        statements.Insert(~place, Keep(said));
        if (statements.Count <= GrainLimits.StatementsPerSource)
        {
            return StatementOutcome.Taken;
        }

        statements.RemoveAt(0);
        return ~place == 0 ? StatementOutcome.Outdated : StatementOutcome.Taken;
    }

    /// <summary>Drops the statement with the earliest beginning.</summary>
    public void DropOldest() => statements.RemoveAt(0);

    /// <summary>What holds at a time: the statement with the latest beginning that covers it; null where there is none, or where it says that there is no entry.</summary>
    public EntryStatement? At(long ms)
    {
        for (int i = statements.Count - 1; i >= 0; i--)
        {
            if (statements[i].FromMs <= ms && ms < statements[i].ToMs)
            {
                return statements[i].Removed ? null : statements[i];
            }
        }

        return null;
    }

    public void Write(ByteWriter writer)
    {
        writer.WriteText(Source);
        writer.WriteBool(Joined);
        writer.WriteVar((uint)statements.Count);
        foreach (EntryStatement statement in statements)
        {
            writer.WriteInt64(statement.SaidMs);
            writer.WriteInt64(statement.FromMs);
            writer.WriteInt64(statement.ToMs);
            writer.WriteBool(statement.Removed);
            writer.WriteBytes(statement.Fields);
        }
    }

    /// <param name="reader">Where they stand.</param>
    /// <param name="hasJoined">False for a state of before sources were told anything.</param>
    public static EntryStatements Read(scoped ref ByteReader reader, bool hasJoined)
    {
        EntryStatements read = new(reader.ReadText()) { Joined = hasJoined && reader.ReadBool() };
        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            read.statements.Add(new EntryStatement(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadBool(), reader.ReadBytes().ToArray()));
        }

        return read;
    }

    /// <summary>Which of two statements of the same time and beginning gives way: any rule will do that does not go by which came first.</summary>
    private static bool IsLess(in RegisterStatement said, EntryStatement before) =>
        said.ToMs != before.ToMs ? said.ToMs < before.ToMs
        : said.Removed != before.Removed ? before.Removed
        : said.Fields.SequenceCompareTo(before.Fields) < 0;

    private static EntryStatement Keep(in RegisterStatement said) => new(said.SaidMs, said.FromMs, said.ToMs, said.Removed, said.Fields.ToArray());

    private int Place(long fromMs)
    {
        for (int i = 0; i < statements.Count; i++)
        {
            if (statements[i].FromMs >= fromMs)
            {
                return statements[i].FromMs == fromMs ? i : ~i;
            }
        }

        return ~statements.Count;
    }
}
