using System.Collections.Immutable;
using Streaming.Grains.Rules;

namespace Streaming.Silo.Host;

/// <summary>
/// The versions of the rulebook by the position of their record. Each worker reads the one in force at the record it is at; the list only grows, and a reader that
/// does not see the newest entry yet has not reached its record either, since the worker that reaches it adds it.
/// </summary>
internal sealed class RulebookShelf : IRulebooks
{
    private readonly Lock gate = new();
    private ImmutableArray<(long Position, Rulebook Rules)> versions = [];

    /// <summary>The newest version; null before the first.</summary>
    public Rulebook? Newest => versions.IsEmpty ? null : versions[^1].Rules;

    public Rulebook? At(long position)
    {
        Rulebook? found = null;
        foreach ((long since, Rulebook rules) in versions)
        {
            if (since > position)
            {
                break;
            }

            found = rules;
        }

        return found;
    }

    /// <summary>Adds the version of a record, once, whichever worker comes first, and returns it.</summary>
    public Rulebook Add(long position, ReadOnlySpan<byte> json)
    {
        lock (gate)
        {
            foreach ((long since, Rulebook rules) in versions)
            {
                if (since == position)
                {
                    return rules;
                }
            }

            Rulebook added = Rulebook.Parse(json);
            versions = [.. versions.Append((position, added)).OrderBy(version => version.Item1)];
            return added;
        }
    }
}
