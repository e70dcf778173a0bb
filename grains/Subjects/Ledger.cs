using System.Text.Json;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Grains.Subjects;

/// <summary>
/// The ledger of an enterprise: what it produced, bought, used, shipped, received, stored and disposed of, summed by substance in grams, so that sums are exact in any order.
/// The first substances are part of the state; further ones are keyed rows.
/// </summary>
internal sealed class Ledger
{
    /// <summary>One more than the greatest number of <see cref="LedgerAction"/>.</summary>
    private const int Actions = 8;

    private static readonly string[] GramFields = ["", "producedG", "purchasedG", "usedG", "shippedG", "receivedG", "storedG", "disposedG"];

    private RecentReadings recent;

    /// <summary>By substance, ordinal.</summary>
    private readonly List<Account> accounts = [];
    private long substancesInRows;
    private KeptReading last;

    private sealed class Account(byte[] substance)
    {
        public byte[] Substance { get; } = substance;

        public long Lines { get; set; }

        public long[] Grams { get; } = new long[Actions];

        public void Add(scoped in LedgerReading line)
        {
            Lines++;
            Grams[(int)line.Action] += line.MassGrams;
        }

        public void Write(ByteWriter writer)
        {
            writer.WriteBytes(Substance);
            writer.WriteVar((ulong)Lines);
            for (int i = 1; i < Actions; i++)
            {
                writer.WriteSigned(Grams[i]);
            }
        }

        public static Account Read(scoped ref ByteReader reader)
        {
            Account account = new(reader.ReadBytes().ToArray()) { Lines = (long)reader.ReadVar() };
            for (int i = 1; i < Actions; i++)
            {
                account.Grams[i] = reader.ReadSigned();
            }

            return account;
        }
    }

    /// <summary>Lines taken in.</summary>
    public long Lines { get; private set; }

    /// <summary>Takes in one line; false where it changed nothing (repeated, or history is asked).</summary>
    public bool Handle(scoped in Turn turn, scoped in Message message)
    {
        switch (recent.Recognise(message.Header, message.SeenBefore, turn.NowMs))
        {
            case Recognition.Repeated:
                return false;
            case Recognition.Unknown:
                turn.Effects.LookUp();
                return false;
        }

        ByteReader reader = new(message.Body);
        LedgerReading line = LedgerReading.Read(ref reader);
        if (line.Action is 0 || (int)line.Action >= Actions)
        {
            throw new InvalidOperationException($"Enterprise {turn.Key} got a ledger line with action {(byte)line.Action} at position {turn.Position}.");
        }

        recent.Accept(message.Header, turn.NowMs);
        Lines++;
        if (last.Precedes(message))
        {
            last.Keep(message);
        }

        Enter(turn.Rows, line);
        return true;
    }

    private void Enter(IActorRows rows, scoped in LedgerReading line)
    {
        int place = 0;
        while (place < accounts.Count && line.Substance.SequenceCompareTo(accounts[place].Substance) > 0)
        {
            place++;
        }

        if (place < accounts.Count && line.Substance.SequenceEqual(accounts[place].Substance))
        {
            accounts[place].Add(line);
            return;
        }

        if (accounts.Count < GrainLimits.SubstancesInState)
        {
            Account added = new(line.Substance.ToArray());
            added.Add(line);
            accounts.Insert(place, added);
            return;
        }

        string key = $"ledger/{System.Text.Encoding.UTF8.GetString(line.Substance)}";
        byte[]? row = rows.Find(key);
        substancesInRows += row is null ? 1 : 0;
        ByteReader reader = new(row);
        Account account = row is null ? new Account(line.Substance.ToArray()) : Account.Read(ref reader);
        account.Add(line);
        ByteWriter writer = new(128);
        account.Write(writer);
        rows.Put(key, writer.Written.ToArray());
    }

    public void Describe(Utf8JsonWriter json)
    {
        json.WriteStartObject("ledger");
        json.WriteNumber("lines", Lines);
        if (last.IsKept)
        {
            ReadingJson.Time(json, "lastAt", last.AtMs);
        }

        json.WriteStartObject("substances");
        foreach (Account account in accounts)
        {
            json.WriteStartObject(account.Substance);
            json.WriteNumber("lines", account.Lines);
            for (int i = 1; i < Actions; i++)
            {
                json.WriteNumber(GramFields[i], account.Grams[i]);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (substancesInRows > 0)
        {
            json.WriteNumber("furtherSubstances", substancesInRows);
        }

        json.WriteEndObject();
    }

    public void Write(ByteWriter writer)
    {
        recent.Write(writer);
        last.Write(writer);
        writer.WriteVar((ulong)Lines);
        writer.WriteVar((ulong)substancesInRows);
        writer.WriteVar((uint)accounts.Count);
        foreach (Account account in accounts)
        {
            account.Write(writer);
        }
    }

    public static Ledger Read(scoped ref ByteReader reader)
    {
        Ledger ledger = new()
        {
            recent = RecentReadings.Read(ref reader),
            last = KeptReading.Read(ref reader),
            Lines = (long)reader.ReadVar(),
            substancesInRows = (long)reader.ReadVar(),
        };
        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            ledger.accounts.Add(Account.Read(ref reader));
        }

        return ledger;
    }
}
