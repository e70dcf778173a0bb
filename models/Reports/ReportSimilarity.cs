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
/// place = 1 - distance / radius            (the mean of it and the address, where both name a house near by or one landmark of a road)
///                                          (without positions: 1 for the same road and house, 0.75 for a house near by or the same plate, sameLandmark for one landmark, 0.2 for the road alone)
///                                          (times otherLandmark, where they name other landmarks)
/// time  = 1 - time between / window
/// text  = the greater of the meaning (cosine of weighted concepts, plates and numbers) and the words (cosine of character pairs, or of stems), fewTerms added to the length; sameKindText at least where both name one kind
/// score = (wp place + wt time + wx text) / (wp + wt + wx)
/// </code>
/// What says where it is, as road, house and landmark, is place and not text: two things at one address would seem alike otherwise, and most of all where the lexicon knows neither. Fewer terms say less (fewTerms), as cosine alone does not see. A report that
/// names no kind needs more of the text alike, or to hint at the kind.
/// Beyond radius or window, with kinds that are not alike, and where the two contradict one another they are two events whatever the score. Cosine over terms: Salton and McGill 1983; pairs of characters for Chinese: Nie et al. 1999. Weights and
/// thresholds are configuration (<see cref="MergingRules"/>).
/// </summary>
public static class ReportSimilarity
{
    private const double PlateWeight = 2;
    private const double NumberWeight = 0.4;

    /// <summary>Pairs of characters, or stems, that a concept has about.</summary>
    private const double WordsPerTerm = 3;

    /// <summary>Compares two reports, or a report and a camera's warning.</summary>
    public static Comparison Compare(in ComparedReport one, in ComparedReport other, MergingRules rules)
    {
        double minutes = Math.Abs(one.AtMs - other.AtMs) / 60_000.0;
        double distanceM = GeoDistance.StraightM(one.Position, other.Position);
        bool camera = one.Text is null || other.Text is null;
        int radiusM = camera ? rules.CameraRadiusM : rules.RadiusM;
        int window = Math.Min(rules.WindowOf(one.Kind), rules.WindowOf(other.Kind));
        double text = camera ? double.NaN : Text(one.Text!, other.Text!, rules.FewTerms);
        bool sameKind = !camera && SameKind(one, other);
        if (sameKind)
        {
            text = Math.Max(text, rules.SameKindText);
        }

        Comparison apart = new(false, false, 0, distanceM, minutes, text);
        if (!camera && (distanceM > radiusM || Contradict(one, other, rules)))
        {
            return apart with { Contradict = true };
        }

        if (!Goes(one, other, rules) || minutes > window || distanceM > radiusM)
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

        double place = Place(one.Text!, other.Text!, distanceM, rules);
        if (place <= 0)
        {
            return apart;
        }

        double score = ((rules.PlaceWeight * place) + (rules.TimeWeight * (1 - (minutes / window))) + (rules.TextWeight * text)) / (rules.PlaceWeight + rules.TimeWeight + rules.TextWeight);
        double least = !sameKind && (one.Kind == ReportText.AnyKind || other.Kind == ReportText.AnyKind) ? rules.LeastTextOfUnknown : rules.LeastText;
        return apart with { Same = score >= rules.LeastScore && text >= least, Score = score };
    }

    /// <summary>How much of what two texts say is alike, 0 to 1. Where they say that it is does not count: that is compared as a place.</summary>
    /// <param name="one">A text.</param>
    /// <param name="other">The other.</param>
    /// <param name="fewTerms">Weight of terms that neither has, added to both: two that share their one word are less alike than two that share all of five (<see cref="MergingRules.FewTerms"/>).</param>
    public static double Text(ReportText one, ReportText other, double fewTerms = 0) =>
        Math.Max(Meaning(one, other, fewTerms), Math.Max(Words(one.Pairs, other.Pairs, fewTerms), Words(one.Stems, other.Stems, fewTerms)));

    /// <summary>A text that names no kind may still say something by which it can only be of some: who speaks of gravel on the road speaks of no dog.</summary>
    private static bool Goes(in ComparedReport one, in ComparedReport other, MergingRules rules)
    {
        if (one.Kind != ReportText.AnyKind && other.Kind != ReportText.AnyKind)
        {
            return rules.Goes(one.Kind, other.Kind);
        }

        IReadOnlyList<string> ones = KindsOf(one);
        IReadOnlyList<string> others = KindsOf(other);
        return ones.Count == 0 || others.Count == 0 || ones.Any(kind => others.Any(its => rules.Goes(kind, its)));
    }

    /// <summary>Both say what happened, and it is the same kind; or one does, and the other hints at no other.</summary>
    private static bool SameKind(in ComparedReport one, in ComparedReport other) =>
        KindsOf(one) is [var kind] && KindsOf(other) is [var its] && kind == its;

    private static IReadOnlyList<string> KindsOf(in ComparedReport report) => report.Kind != ReportText.AnyKind ? [report.Kind] : report.Text?.Hints ?? [];

    /// <summary>Cosine of the concepts, plates and numbers of two texts, weighted; 0 where one has none.</summary>
    private static double Meaning(ReportText one, ReportText other, double fewTerms)
    {
        double shared = (Square(PlateWeight) * Shared(one.Plates, other.Plates)) + (Square(NumberWeight) * Shared(one.Numbers, other.Numbers));
        foreach (int index in one.ConceptIndices)
        {
            if (other.ConceptIndices.Contains(index))
            {
                shared += Square(WeightOf(ConceptLexicon.All[index]));
            }
        }

        double length = Math.Sqrt(LengthOf(one) * LengthOf(other));
        return length > 0 ? shared / (length + fewTerms) : 0;
    }

    private static double LengthOf(ReportText text)
    {
        double sum = (Square(PlateWeight) * text.Plates.Count) + (Square(NumberWeight) * text.Numbers.Count);
        foreach (int index in text.ConceptIndices)
        {
            sum += Square(WeightOf(ConceptLexicon.All[index]));
        }

        return sum;
    }

    private static double WeightOf(Concept concept) => concept.Part switch
    {
        ConceptPart.What => 1,
        ConceptPart.Detail => 0.9,
        _ => 0.5,
    };

    /// <summary>Cosine of two sets: what they share, by the root of the product of their sizes.</summary>
    private static double Words(IReadOnlyCollection<string> one, IReadOnlyCollection<string> other, double fewTerms) =>
        one.Count == 0 || other.Count == 0 ? 0 : Shared(one, other) / (Math.Sqrt((double)one.Count * other.Count) + (WordsPerTerm * fewTerms));

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
    private static bool Contradict(in ComparedReport ones, in ComparedReport others, MergingRules rules)
    {
        (ReportText one, ReportText other) = (ones.Text!, others.Text!);
        if (one.Plates.Count > 0 && other.Plates.Count > 0 && Shared(one.Plates, other.Plates) == 0)
        {
            return true;
        }

        bool otherRoad = one.Roads.Count > 0 && other.Roads.Count > 0 && Shared(one.Roads, other.Roads) == 0;
        if (!otherRoad && one.Houses.Count > 0 && other.Houses.Count > 0 && one.Houses.Min(house => other.Houses.Min(its => Math.Abs(house - its))) > rules.HousesApart)
        {
            return true;
        }

        string[] kinds = [.. KindsOf(ones), .. KindsOf(others)];
        foreach (int index in one.ConceptIndices)
        {
            Concept concept = ConceptLexicon.All[index];
            if (concept.Part == ConceptPart.Detail && (kinds.Length == 0 || Array.Exists(kinds, kind => ConceptLexicon.IsAbout(kind, concept.Group))) && Speaks(other, concept.Group) && !Shares(one, other, concept.Group))
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

    /// <summary>How near two reports are, 0 to 1. An address that both name is one more measurement of the place; other landmarks are a doubt, for one place may have several.</summary>
    private static double Place(ReportText one, ReportText other, double distanceM, MergingRules rules)
    {
        double address = ByAddress(one, other, rules);
        bool otherLandmark = one.Landmarks.Count > 0 && other.Landmarks.Count > 0 && Shared(one.Landmarks, other.Landmarks) == 0;
        double place = double.IsNaN(distanceM) ? address : 1 - (distanceM / rules.RadiusM);
        if (!double.IsNaN(distanceM) && address > 0.5)
        {
            place = (place + address) / 2;
        }

        return otherLandmark ? place * rules.OtherLandmark : place;
    }

    /// <summary>How near two addresses are: 1 for a house, 0.75 for one near by or the same plate, 0.6 for one landmark of a road, 0.2 for the road alone.</summary>
    private static double ByAddress(ReportText one, ReportText other, MergingRules rules)
    {
        if (Shared(one.Roads, other.Roads) == 0)
        {
            return Shared(one.Plates, other.Plates) > 0 ? 0.75 : 0;
        }

        return Shared(one.Houses, other.Houses) > 0 ? 1
            : Shared(one.Plates, other.Plates) > 0 ? 0.75
            : one.Houses.Count > 0 && other.Houses.Count > 0 && one.Houses.Min(house => other.Houses.Min(its => Math.Abs(house - its))) <= rules.HousesApart ? 0.75
            : Shared(one.Landmarks, other.Landmarks) > 0 ? rules.SameLandmark
            : 0.2;
    }

    private static double Square(double value) => value * value;
}
