using System.Collections.Concurrent;
using Streaming.Models.Readings;

namespace Streaming.Silo.Registers;

/// <summary>Shapes by the cells of the map that their boxes reach into.</summary>
/// <remarks>One thread writes; readers take an array of a cell as it stands.</remarks>
internal sealed class ShapeMap<T>
    where T : class, IShaped
{
    /// <summary>Side of a cell, millionths of a degree: about 1.1 km from south to north.</summary>
    private const int CellE6 = 10_000;

    private readonly Dictionary<string, T[]> byKey = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(int North, int East), T[]> cells = [];
    private volatile T[] wide = [];
    private volatile int count;

    /// <summary>True where there is none: then nobody can say that a position is in none.</summary>
    public bool IsEmpty => count == 0;

    /// <summary>Shapes that reach over too many cells.</summary>
    public T[] Wide => wide;

    /// <summary>Shapes that a position may be in, beside the wide ones.</summary>
    public T[] Near(GeoPosition position) => cells.GetValueOrDefault((Cell(position.LatitudeE6), Cell(position.LongitudeE6))) ?? [];

    /// <summary>Puts the shapes of an entry into the place of those it had.</summary>
    public void Put(string key, T[] after)
    {
        if (byKey.Remove(key, out T[]? before))
        {
            foreach (T gone in before)
            {
                Place(gone, static (there, shape) => [.. there.Where(other => !ReferenceEquals(other, shape))]);
            }
        }

        if (after.Length > 0 && byKey.Count < RegisterLimits.MappedSites)
        {
            byKey.Add(key, after);
            foreach (T added in after)
            {
                Place(added, static (there, shape) => [.. there, shape]);
            }
        }

        count = byKey.Count;
    }

    private static int Cell(int e6) => (int)Math.Floor(e6 / (double)CellE6);

    private void Place(T shape, Func<T[], T, T[]> change)
    {
        (int south, int north, int west, int east) = (Cell(shape.Shape.SouthE6), Cell(shape.Shape.NorthE6), Cell(shape.Shape.WestE6), Cell(shape.Shape.EastE6));
        if ((north - south + 1L) * (east - west + 1L) > RegisterLimits.CellsPerSite)
        {
            wide = change(wide, shape);
            return;
        }

        for (int y = south; y <= north; y++)
        {
            for (int x = west; x <= east; x++)
            {
                T[] after = change(cells.GetValueOrDefault((y, x)) ?? [], shape);
                if (after.Length > 0)
                {
                    cells[(y, x)] = after;
                }
                else
                {
                    cells.TryRemove((y, x), out _);
                }
            }
        }
    }
}
