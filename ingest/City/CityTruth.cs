namespace Streaming.Ingest.City;

/// <summary>A warning that the simulated city knows to be due.</summary>
/// <param name="Subject">The subject's key, as in its API address.</param>
/// <param name="SubjectKind"><c>vehicle</c>, <c>enterprise</c> or <c>place</c>.</param>
/// <param name="Kind">Kind of the warning.</param>
/// <param name="AtMs">Time of the first reading that shows it, milliseconds since 1970-01-01T00:00Z.</param>
/// <param name="Device">Who sent that reading.</param>
internal sealed record DueWarning(string Subject, string SubjectKind, string Kind, long AtMs, string Device);

/// <summary>
/// What should be warned of, from the first reading that shows it: each subject and kind once. Nothing else in the city comes near a limit, so a warning that is not here is a false one.
/// </summary>
internal sealed class CityTruth
{
    private readonly List<DueWarning> due = [];
    private readonly HashSet<(string Subject, string Kind)> known = [];

    /// <summary>In the order of their readings.</summary>
    public IReadOnlyList<DueWarning> Due => due;

    public void Add(string subject, string subjectKind, string kind, long atMs, string device)
    {
        if (known.Add((subject, kind)))
        {
            due.Add(new DueWarning(subject, subjectKind, kind, atMs, device));
        }
    }
}
