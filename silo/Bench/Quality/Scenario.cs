namespace Streaming.Silo.Bench.Quality;

/// <summary>
/// What is played for one kind of warning: things that are so, and things that look like it and are not. One city has the scenarios of all kinds, so what is played for one may raise false warnings of another.
/// </summary>
internal abstract class Scenario
{
    /// <summary>The most attempts for a truth that counts: of some, no reading is delivered.</summary>
    private const int MostAttempts = 4;

    /// <summary>Name of the line of the outcome.</summary>
    public abstract string Kind { get; }

    /// <summary>How far outside a truth's time a warning of it may begin: what is drawn near a limit is over it a little sooner or later than its mean.</summary>
    public virtual TimeSpan Slack => TimeSpan.FromMinutes(5);

    /// <summary>True where it is asked how much the warnings' confidence is worth.</summary>
    public virtual bool IsRanked => false;

    /// <summary>Near misses for each truth.</summary>
    public virtual double NearMisses => 1;

    /// <summary>True for the kinds of warning that this is about.</summary>
    public virtual bool Matches(string warningKind) => warningKind == Kind;

    /// <summary>Plays one thing that is so, and adds it to the city's truths.</summary>
    protected abstract Truth PlayTruth(CityPlay city, Chance chance, int number);

    /// <summary>Plays one thing that looks like it and is not.</summary>
    protected abstract void PlayNearMiss(CityPlay city, Chance chance, int number);

    /// <summary>Plays so many truths that count, and near misses in proportion.</summary>
    public void Play(CityPlay city, int seed, int truths)
    {
        Chance chance = new(seed, Kind);
        int counted = 0;
        for (int number = 0; counted < truths && number < MostAttempts * truths; number++)
        {
            counted += PlayTruth(city, chance, number).Counts ? 1 : 0;
        }

        for (int number = 0; number < NearMisses * truths; number++)
        {
            PlayNearMiss(city, chance, number);
        }
    }
}
