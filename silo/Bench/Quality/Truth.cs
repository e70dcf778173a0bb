namespace Streaming.Silo.Bench.Quality;

/// <summary>Something that is so in the city that is played, whether a model notices or not.</summary>
/// <param name="kind">The line of the outcome that it belongs to: a scenario's <see cref="Scenario.Kind"/>.</param>
/// <param name="fromMs">When it begins, ms since 1970.</param>
/// <param name="toMs">When it ends.</param>
/// <param name="subjects">Keys of the subjects whose warning finds it; one is enough.</param>
internal sealed class Truth(string kind, long fromMs, long toMs, params string[] subjects)
{
    public string Kind { get; } = kind;

    public IReadOnlyList<string> Subjects { get; } = subjects;

    public long FromMs { get; set; } = fromMs;

    public long ToMs { get; set; } = toMs;

    /// <summary>False for what may be warned of and need not be: too near the limit for the instrument to tell. A warning of it is neither right nor false.</summary>
    public bool Wanted { get; init; } = true;

    /// <summary>True for what another scenario needs and this kind is not measured by: a warning of it counts nowhere, not even among those raised.</summary>
    public bool IsApart { get; init; }

    /// <summary>Delivered readings that it takes to see it.</summary>
    public int Needed { get; init; } = 1;

    /// <summary>Readings that show it and were delivered, under the right plate and, where order matters, in order.</summary>
    public int Shown { get; private set; }

    /// <summary>True where a model is asked to find it. What no delivered reading shows, nobody can know.</summary>
    public bool Counts => Wanted && !IsApart && Shown >= Needed;

    /// <summary>A reading shows it, if it was delivered.</summary>
    public void Show(bool delivered) => Shown += delivered ? 1 : 0;

    /// <summary>True where a span of time of a subject has to do with it.</summary>
    public bool Covers(string subject, long fromMs, long toMs, long slackMs) => fromMs <= ToMs + slackMs && toMs >= FromMs - slackMs && Subjects.Contains(subject, StringComparer.Ordinal);
}

/// <summary>A warning that was raised.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">Kind of the warning.</param>
/// <param name="Subject">Key of its subject.</param>
/// <param name="SinceMs">Time of the reading that opened it, ms since 1970.</param>
internal sealed record RaisedWarning(string Id, string Kind, string Subject, long SinceMs)
{
    /// <summary>Time of the newest reading in it, as far as it was shown.</summary>
    public long UpdatedMs { get; set; } = SinceMs;

    /// <summary>Probability that the model gave it when it was shown last, 0 to 1.</summary>
    public double Confidence { get; set; }

    /// <summary>Probability by what the kind has without a learned model, as it would be shown then; null where no learned model scores it.</summary>
    public double? BuiltIn { get; set; }

    /// <summary>What it rests on when it was shown last, by name: another judge of the same warning can go by it.</summary>
    public SortedDictionary<string, double> Figures { get; set; } = [];
}
