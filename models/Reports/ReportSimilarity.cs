using Streaming.Models.Geography;
using Streaming.Models.Readings;

namespace Streaming.Models.Reports;

/// <summary>One side of a comparison.</summary>
/// <param name="Kind">Kind of event.</param>
/// <param name="Position">Where; unknown where none was given.</param>
/// <param name="AtMs">When, ms since 1970.</param>
/// <param name="Text">What was said; null for a camera's warning, which says its kind alone.</param>
public readonly record struct ComparedReport(string Kind, GeoPosition Position, long AtMs, ReportText? Text);

/// <summary>What a comparison found.</summary>
/// <param name="Same">They are taken to be about one event.</param>
/// <param name="Contradict">They say things that cannot both be of one event, as two plates or two places too far apart: the case of the one is not that of the other, whatever else is in it.</param>
/// <param name="Score">0 to 1; 0 where something rules it out.</param>
/// <param name="DistanceM">How far apart, m; not a number where a position is missing.</param>
/// <param name="Minutes">How long apart, min.</param>
/// <param name="Text">How much of the text is alike, 0 to 1; not a number where one is a camera's.</param>
public readonly record struct Comparison(bool Same, bool Contradict, double Score, double DistanceM, double Minutes, double Text);

/// <summary>
/// Whether two reports are about one event. Place, time and text are each made a figure from 0 to 1, and their weighted mean is the score:
/// <code>
/// place = 1 - distance / radius            (without positions: 1 for the same road and house, 0.75 for a house near by or the same plate, 0.2 for the road alone)
/// time  = 1 - time between / window
/// text  = the greater of the meaning (cosine of weighted concepts, names and numbers) and the words (cosine of character pairs, or of stems)
/// score = (wp place + wt time + wx text) / (wp + wt + wx)
/// </code>
/// Beyond radius or window, with kinds that are not alike, and where the two contradict one another they are two events whatever the score. Cosine over terms: Salton and McGill 1983; pairs of characters for Chinese: Nie et al. 1999. Weights and
/// thresholds are configuration (<see cref="MergingRules"/>).
/// </summary>
public static class ReportSimilarity
{
    private const double PlateWeight = 2;
    private const double HouseWeight = 1;
    private const double RoadWeight = 0.6;
    private const double NumberWeight = 0.4;

    /// <summary>Compares two reports, or a report and a camera's warning.</summary>
    public static Comparison Compare(in ComparedReport one, in ComparedReport other, MergingRules rules)
    {
        double minutes = Math.Abs(one.AtMs - other.AtMs) / 60_000.0;
        double distanceM = GeoDistance.StraightM(one.Position, other.Position);
        bool camera = one.Text is null || other.Text is null;
        int radiusM = camera ? rules.CameraRadiusM : rules.RadiusM;
        int window = Math.Min(rules.WindowOf(one.Kind), rules.WindowOf(other.Kind));
        double text = camera ? double.NaN : Text(one.Text!, other.Text!);
        Comparison apart = new(false, false, 0, distanceM, minutes, text);
        if (!camera && (distanceM > radiusM || Contradict(one.Text!, other.Text!, rules)))
        {
            return apart with { Contradict = true };
        }

        if (!rules.Goes(one.Kind, other.Kind) || minutes > window || distanceM > radiusM)
        {
            return apart;
        }

        if (camera)
        {
            // What a camera sees has a kind and a place; the text of a report adds nothing that it could be held against.
            bool near = distanceM <= radiusM && one.Kind != ReportText.AnyKind && other.Kind != ReportText.AnyKind;
            double mean = (rules.PlaceWeight * (1 - (distanceM / radiusM))) + (rules.TimeWeight * (1 - (minutes / window)));
            return near ? apart with { Same = true, Score = mean / (rules.PlaceWeight + rules.TimeWeight + rules.TextWeight) } : apart;
        }

        double place = double.IsNaN(distanceM) ? ByAddress(one.Text!, other.Text!, rules) : 1 - (distanceM / radiusM);
        if (place <= 0)
        {
            return apart;
        }

        double score = ((rules.PlaceWeight * place) + (rules.TimeWeight * (1 - (minutes / window))) + (rules.TextWeight * text)) / (rules.PlaceWeight + rules.TimeWeight + rules.TextWeight);
        return apart with { Same = score >= rules.LeastScore && text >= rules.LeastText, Score = score };
    }

    /// <summary>How much of two texts is alike, 0 to 1.</summary>
    public static double Text(ReportText one, ReportText other) =>
        Math.Max(Meaning(one, other), Math.Max(Words(one.Pairs, other.Pairs), Words(one.Stems, other.Stems)));

    /// <summary>Cosine of the concepts, names and numbers of two texts, weighted; 0 where one has none.</summary>
    private static double Meaning(ReportText one, ReportText other)
    {
        double shared = 0;
        foreach (int index in one.ConceptIndices)
        {
            if (other.ConceptIndices.Contains(index))
            {
                shared += Square(WeightOf(ConceptLexicon.All[index]));
            }
        }

        shared += (Square(PlateWeight) * Shared(one.Plates, other.Plates)) + (Square(HouseWeight) * Shared(one.Houses, other.Houses))
            + (Square(RoadWeight) * Shared(one.Roads, other.Roads)) + (Square(NumberWeight) * Shared(one.Numbers, other.Numbers));
        double length = Math.Sqrt(LengthOf(one) * LengthOf(other));
        return length > 0 ? shared / length : 0;
    }

    private static double LengthOf(ReportText text)
    {
        double sum = 0;
        foreach (int index in text.ConceptIndices)
        {
            sum += Square(WeightOf(ConceptLexicon.All[index]));
        }

        return sum + (Square(PlateWeight) * text.Plates.Count) + (Square(HouseWeight) * text.Houses.Count) + (Square(RoadWeight) * text.Roads.Count) + (Square(NumberWeight) * text.Numbers.Count);
    }

    private static double WeightOf(Concept concept) => concept.Part switch
    {
        ConceptPart.What => 1,
        ConceptPart.Detail => 0.9,
        ConceptPart.Landmark => 0.6,
        _ => 0.5,
    };

    /// <summary>Cosine of two sets: what they share, by the root of the product of their sizes.</summary>
    private static double Words(IReadOnlyCollection<string> one, IReadOnlyCollection<string> other) =>
        one.Count == 0 || other.Count == 0 ? 0 : Shared(one, other) / Math.Sqrt((double)one.Count * other.Count);

    private static int Shared<T>(IReadOnlyCollection<T> one, IReadOnlyCollection<T> other)
    {
        int shared = 0;
        foreach (T item in one)
        {
            shared += other.Contains(item) ? 1 : 0;
        }

        return shared;
    }

    /// <summary>True where both name a plate, a house of one road, or a detail of one group, and not one the same.</summary>
    private static bool Contradict(ReportText one, ReportText other, MergingRules rules)
    {
        if (one.Plates.Count > 0 && other.Plates.Count > 0 && Shared(one.Plates, other.Plates) == 0)
        {
            return true;
        }

        bool otherRoad = one.Roads.Count > 0 && other.Roads.Count > 0 && Shared(one.Roads, other.Roads) == 0;
        if (!otherRoad && one.Houses.Count > 0 && other.Houses.Count > 0 && one.Houses.Min(house => other.Houses.Min(its => Math.Abs(house - its))) > rules.HousesApart)
        {
            return true;
        }

        foreach (int index in one.ConceptIndices)
        {
            Concept concept = ConceptLexicon.All[index];
            if (concept.Part == ConceptPart.Detail && Speaks(other, concept.Group) && !Shares(one, other, concept.Group))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Speaks(ReportText text, string group)
    {
        foreach (int index in text.ConceptIndices)
        {
            if (ConceptLexicon.All[index].Group == group)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Shares(ReportText one, ReportText other, string group)
    {
        foreach (int index in one.ConceptIndices)
        {
            if (ConceptLexicon.All[index].Group == group && other.ConceptIndices.Contains(index))
            {
                return true;
            }
        }

        return false;
    }

    private static double ByAddress(ReportText one, ReportText other, MergingRules rules)
    {
        if (Shared(one.Roads, other.Roads) == 0)
        {
            return Shared(one.Plates, other.Plates) > 0 ? 0.75 : 0;
        }

        return Shared(one.Houses, other.Houses) > 0 ? 1
            : Shared(one.Plates, other.Plates) > 0 ? 0.75
            : one.Houses.Count > 0 && other.Houses.Count > 0 && one.Houses.Min(house => other.Houses.Min(its => Math.Abs(house - its))) <= rules.HousesApart ? 0.75
            : 0.2;
    }

    private static double Square(double value) => value * value;
}
