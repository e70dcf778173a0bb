using Streaming.Models.Readings;

namespace Streaming.Models.Limits;

/// <summary>What axles that stand together are called.</summary>
public enum AxleGroupKind : byte
{
    Single = 1,
    Tandem = 2,
    TriAxle = 3,

    /// <summary>Four axles or more, for which no table here has a limit.</summary>
    Larger = 4,
}

/// <summary>Axles that stand together. It counts as as many axles as it has: a tandem is two, a tri-axle three, which is also how the Chinese table of gross limits counts.</summary>
/// <param name="First">Its first axle, from 0.</param>
/// <param name="Count">Its axles, 1 to <see cref="Axles.Capacity"/>.</param>
/// <param name="MassKg">Mass on all of them, kg.</param>
/// <param name="WidestMm">The widest distance between two neighbours, mm; 0 of a single axle.</param>
public readonly record struct AxleGroup(int First, int Count, int MassKg, int WidestMm)
{
    public AxleGroupKind Kind => Count switch
    {
        1 => AxleGroupKind.Single,
        2 => AxleGroupKind.Tandem,
        3 => AxleGroupKind.TriAxle,
        _ => AxleGroupKind.Larger,
    };
}

/// <summary>Puts axles into groups by their spacing.</summary>
public static class AxleGroups
{
    /// <summary>
    /// Groups axles: neighbours less than a distance apart stand together. Nothing where the axles' offsets do not rise, as without them nothing can be said about groups.
    /// </summary>
    /// <param name="axles">The axles, front first.</param>
    /// <param name="belowMm">Neighbours closer than this are one group, mm.</param>
    /// <param name="groups">Takes the groups, front first; as long as <paramref name="axles"/>.</param>
    /// <returns>How many groups there are; 0 where there are none.</returns>
    public static int Find(ReadOnlySpan<Axle> axles, int belowMm, Span<AxleGroup> groups)
    {
        if (!Rise(axles))
        {
            return 0;
        }

        int count = 0;
        for (int i = 0; i < axles.Length; i++)
        {
            int spacingMm = i == 0 ? int.MaxValue : axles[i].OffsetMm - axles[i - 1].OffsetMm;
            if (spacingMm < belowMm)
            {
                AxleGroup last = groups[count - 1];
                groups[count - 1] = new AxleGroup(last.First, last.Count + 1, last.MassKg + axles[i].MassKg, Math.Max(last.WidestMm, spacingMm));
            }
            else
            {
                groups[count++] = new AxleGroup(i, 1, axles[i].MassKg, 0);
            }
        }

        return count;
    }

    /// <summary>True where each axle lies behind the one before, which decoding sees to.</summary>
    internal static bool Rise(ReadOnlySpan<Axle> axles)
    {
        for (int i = 1; i < axles.Length; i++)
        {
            if (axles[i].OffsetMm <= axles[i - 1].OffsetMm)
            {
                return false;
            }
        }

        return true;
    }
}
