using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>
/// The keyed rows of one actor that are at hand: what was read, and what was changed and is not in the store yet. A row that is unsaved,
/// or in a batch under way, stays; a clean one may be dropped and is read again when asked for.
/// </summary>
internal sealed class RowCache(ActorCell cell, IStateReader reader) : IActorRows
{
    private const int CleanRowsKept = 1024;
    private readonly Dictionary<string, Row> rows = new(StringComparer.Ordinal);

    /// <summary>Keys of the rows that were changed since they were last put into a batch.</summary>
    private List<string> unsaved = [];

    public byte[]? Find(string key)
    {
        if (!rows.TryGetValue(key, out Row? row))
        {
            rows[key] = row = new Row { Value = reader.LoadRow(cell.Kind, cell.Key, key) };
        }

        return row.Value;
    }

    public void Put(string key, byte[] value) => Change(key, value);

    public void Remove(string key) => Change(key, null);

    /// <summary>Moves the unsaved rows into a batch and returns their names, for <see cref="Saved"/>.</summary>
    public List<string> MoveTo(StateBatch batch)
    {
        List<string> moved = unsaved;
        foreach (string name in moved)
        {
            Row row = rows[name];
            row.Unsaved = false;
            row.Saving++;
            batch.Rows.Add(new KeyedRow(cell.Kind, cell.Key, name, row.Value));
        }

        unsaved = [];
        return moved;
    }

    public void Saved(List<string> names)
    {
        foreach (string name in names)
        {
            Row row = rows[name];
            row.Saving--;
        }

        if (rows.Count > CleanRowsKept)
        {
            // Order does not matter here: every clean row goes, and none of this is seen by a turn.
            foreach (string name in rows.Where(pair => !pair.Value.Unsaved && pair.Value.Saving == 0).Select(pair => pair.Key).ToList())
            {
                rows.Remove(name);
            }
        }
    }

    /// <summary>Puts a row, or removes it where there is no value.</summary>
    public void Change(string key, byte[]? value)
    {
        if (!rows.TryGetValue(key, out Row? row))
        {
            rows[key] = row = new Row();
        }

        row.Value = value;
        if (!row.Unsaved)
        {
            row.Unsaved = true;
            unsaved.Add(key);
        }
    }

    private sealed class Row
    {
        public byte[]? Value { get; set; }

        public bool Unsaved { get; set; }

        public int Saving { get; set; }
    }
}
