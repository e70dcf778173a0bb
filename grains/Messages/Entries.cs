using System.Text.Json;

namespace Streaming.Grains.Messages;

/// <summary>What holds of an entry from one moment to another.</summary>
/// <param name="From">The first moment; null for as far back as anything is said.</param>
/// <param name="To">The first moment that it does not hold for any more; null for no end.</param>
/// <param name="Values">By the fields' names, ordinal: texts, numbers in the fields' units, times as RFC 3339.</param>
/// <param name="Sources">Who said it, by field.</param>
/// <param name="Differs">By field, the sources that say something else; null where all agree.</param>
public sealed record EntrySpan(DateTimeOffset? From, DateTimeOffset? To, ByField<JsonElement> Values, ByField<string> Sources, ByField<string[]>? Differs = null);

/// <summary>Something for each of some fields, by the fields' names, ordinal; also where it is read from JSON, of which a dictionary of the library's would be sorted by culture.</summary>
public sealed class ByField<T>() : SortedList<string, T>(StringComparer.Ordinal);

/// <summary>What a vehicle asks of the distance by road between two of its passages.</summary>
/// <param name="Vehicle">The vehicle.</param>
/// <param name="From">Where it was first.</param>
/// <param name="To">Where it was then.</param>
/// <param name="FromMs">When it was first, ms since 1970: with <paramref name="ToMs"/> it says which passages are meant.</param>
/// <param name="ToMs">When it was then.</param>
public sealed record DistanceAsked(string Vehicle, string From, string To, long FromMs, long ToMs);

/// <summary>The answer to <see cref="DistanceAsked"/>, with what was asked.</summary>
/// <param name="From">Where the vehicle was first.</param>
/// <param name="To">Where it was then.</param>
/// <param name="FromMs">When it was first, ms since 1970.</param>
/// <param name="ToMs">When it was then.</param>
/// <param name="DistanceM">The shortest way by road, m, as the register had it then.</param>
public sealed record DistanceTold(string From, string To, long FromMs, long ToMs, long DistanceM);

/// <summary>An entry as lists show it.</summary>
/// <param name="Refs">Values by which rows are looked up, of any span, each as <c>{field}={value}</c>.</param>
/// <param name="District">District of the subject, of the latest span that names one; null where none does.</param>
/// <param name="Resources">The sources that speak of it.</param>
/// <param name="Differs">True where they contradict one another in any span.</param>
/// <param name="Changed">When its word was changed last.</param>
public sealed record EntryRow(string Register, string Key, EntrySpan[] Spans, string[] Refs, string? District, string[] Resources, bool Differs, DateTimeOffset Changed);
