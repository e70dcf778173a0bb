using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Streaming.Silo.Views;

/// <summary>
/// Entries of the registers and the values by which they are looked up, and the plates that go with them. A register is loaded with a million records a minute and each is a row here, so the statements go through the C interface: nothing is boxed, no command
/// object stands between, and a document is read once, for its references. Used under the store's writing lock only.
/// </summary>
/// <remarks>
/// The references of a row that is shown anew are found through what its document said before, which is what they were made of; so no index of references by row has to be written, and one that stays the same is not touched.
/// </remarks>
internal sealed class RegisterTable : IDisposable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt insert;
    private readonly sqlite3_stmt find;
    private readonly sqlite3_stmt update;
    private readonly sqlite3_stmt remove;
    private readonly sqlite3_stmt addReference;
    private readonly sqlite3_stmt removeReference;
    private readonly sqlite3_stmt addPlate;
    private readonly sqlite3_stmt freshenPlate;

    public RegisterTable(SqliteConnection writer)
    {
        database = writer.Handle!;
        insert = Prepare("INSERT INTO registers (seq, key, json) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO NOTHING");
        find = Prepare("SELECT seq, json FROM registers WHERE key = ?1");
        update = Prepare("UPDATE registers SET json = ?2 WHERE seq = ?1");
        remove = Prepare("DELETE FROM registers WHERE seq = ?1");
        addReference = Prepare("INSERT OR IGNORE INTO register_refs (register, ref, seq) VALUES (?1, ?2, ?3)");
        removeReference = Prepare("DELETE FROM register_refs WHERE register = ?1 AND ref = ?2 AND seq = ?3");
        addPlate = Prepare("INSERT OR REPLACE INTO plates (seq, plate, day) VALUES (?1, ?2, ?3)");
        freshenPlate = Prepare("UPDATE plates SET day = ?2 WHERE seq = ?1");
    }

    /// <summary>Puts a row or takes it off. A row that is there keeps its place.</summary>
    public void Change(in ViewChange change)
    {
        if (change.Json is null)
        {
            if (Find(change.Key) is var (place, said))
            {
                Place(removeReference, said, place, except: null);
                Bind(remove, 1, place);
                Run(remove);
            }

            return;
        }

        Bind(insert, 1, change.Position);
        Bind(insert, 2, change.Key);
        Check(raw.sqlite3_bind_text(insert, 3, change.Json));
        Run(insert);
        if (raw.sqlite3_changes(database) == 1)
        {
            Place(addReference, change.Json, change.Position, except: null);
        }
        else if (Find(change.Key) is var (seq, before))
        {
            Bind(update, 1, seq);
            Check(raw.sqlite3_bind_text(update, 2, change.Json));
            Run(update);
            Place(removeReference, before, seq, except: change.Json);
            Place(addReference, change.Json, seq, except: before);
        }
    }

    /// <summary>A vehicle that is new, or was seen long after the day that the list has.</summary>
    public void Put(in PlateSeen seen)
    {
        sqlite3_stmt statement = seen.IsNew ? addPlate : freshenPlate;
        Bind(statement, 1, seen.Seq);
        if (seen.IsNew)
        {
            Bind(statement, 2, seen.Plate);
        }

        Bind(statement, seen.IsNew ? 3 : 2, seen.Day);
        Run(statement);
    }

    public void Dispose()
    {
        foreach (sqlite3_stmt statement in (sqlite3_stmt[])[insert, find, update, remove, addReference, removeReference, addPlate, freshenPlate])
        {
            statement.Dispose();
        }
    }

    /// <summary>Runs a statement for each reference of a document, but those that another has too.</summary>
    private void Place(sqlite3_stmt statement, byte[] json, long seq, byte[]? except)
    {
        HashSet<string>? others = except is null ? null : All(except);
        References references = new(json);
        while (references.Next(out ReadOnlySpan<byte> reference))
        {
            if (others?.Contains(Encoding.UTF8.GetString(reference)) == true)
            {
                continue;
            }

            Check(raw.sqlite3_bind_text(statement, 1, references.Register));
            Check(raw.sqlite3_bind_text(statement, 2, reference));
            Bind(statement, 3, seq);
            Run(statement);
        }
    }

    private static HashSet<string> All(byte[] json)
    {
        HashSet<string> all = new(StringComparer.Ordinal);
        References references = new(json);
        while (references.Next(out ReadOnlySpan<byte> reference))
        {
            all.Add(Encoding.UTF8.GetString(reference));
        }

        return all;
    }

    private (long Seq, byte[] Json)? Find(string key)
    {
        Bind(find, 1, key);
        int result = raw.sqlite3_step(find);
        (long, byte[])? found = result == raw.SQLITE_ROW ? (raw.sqlite3_column_int64(find, 0), raw.sqlite3_column_blob(find, 1).ToArray()) : null;
        raw.sqlite3_reset(find);
        Check(result is raw.SQLITE_ROW or raw.SQLITE_DONE ? raw.SQLITE_OK : result);
        return found;
    }

    private void Bind(sqlite3_stmt statement, int place, long value) => Check(raw.sqlite3_bind_int64(statement, place, value));

    private void Bind(sqlite3_stmt statement, int place, string text)
    {
        Span<byte> utf8 = stackalloc byte[256];
        Check(Encoding.UTF8.TryGetBytes(text, utf8, out int length) ? raw.sqlite3_bind_text(statement, place, utf8[..length]) : raw.sqlite3_bind_text(statement, place, text));
    }

    private void Run(sqlite3_stmt statement)
    {
        int result = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        Check(result == raw.SQLITE_DONE ? raw.SQLITE_OK : result);
    }

    private sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt statement));
        return statement;
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, database);

    /// <summary>The references of a row's document, one after the other, with the register that they are of.</summary>
    private ref struct References
    {
        private Utf8JsonReader reader;
        private readonly bool any;

        public References(ReadOnlySpan<byte> json)
        {
            reader = new Utf8JsonReader(json);
            Utf8JsonReader members = reader;
            members.Read();
            bool hasRegister = false;
            while (members.Read() && members.TokenType == JsonTokenType.PropertyName)
            {
                bool isRegister = members.ValueTextEquals("register"u8);
                bool isReferences = members.ValueTextEquals("refs"u8);
                members.Read();
                if (isRegister && members.TokenType == JsonTokenType.String)
                {
                    Register = Text(members);
                    hasRegister = true;
                }
                else if (isReferences && members.TokenType == JsonTokenType.StartArray)
                {
                    reader = members;
                    any = true;
                }

                members.Skip();
                if (any && hasRegister)
                {
                    break;
                }
            }

            any &= hasRegister;
        }

        public ReadOnlySpan<byte> Register { get; }

        public bool Next(out ReadOnlySpan<byte> reference)
        {
            if (any && reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                reference = Text(reader);
                return true;
            }

            reference = default;
            return false;
        }

        private static ReadOnlySpan<byte> Text(Utf8JsonReader reader) => reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
    }
}
