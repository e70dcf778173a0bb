using Streaming.Models.Statistics;

namespace Streaming.Models.Limits;

/// <summary>How widely the vehicles of an acceptance test vary.</summary>
public enum TestPlan : byte
{
    /// <summary>r1, full repeatability: one vehicle, one load, one speed.</summary>
    FullRepeatability = 1,

    /// <summary>r2, extended repeatability: one vehicle at several loads and speeds.</summary>
    ExtendedRepeatability = 2,

    /// <summary>R1, limited reproducibility: a few vehicles.</summary>
    LimitedReproducibility = 3,

    /// <summary>R2, full reproducibility: vehicles of the traffic.</summary>
    FullReproducibility = 4,
}

/// <summary>How widely the climate of an acceptance test varies.</summary>
public enum TestEnvironment : byte
{
    /// <summary>I, environmental repeatability.</summary>
    Repeatability = 1,

    /// <summary>II, environmental limited reproducibility.</summary>
    LimitedReproducibility = 2,

    /// <summary>III, environmental full reproducibility.</summary>
    FullReproducibility = 3,
}

/// <summary>Relative errors of a station against static weighing.</summary>
/// <param name="Number">How many; a judgement takes 2 or more.</param>
/// <param name="MeanPct">Their mean, percent.</param>
/// <param name="DeviationPct">Their standard deviation with Number − 1 in the denominator, percent.</param>
public readonly record struct RelativeErrors(int Number, double MeanPct, double DeviationPct)
{
    /// <summary>Of single errors, each percent of the static mass.</summary>
    public static RelativeErrors Of(ReadOnlySpan<double> errorsPct)
    {
        double mean = 0;
        foreach (double error in errorsPct)
        {
            mean += error;
        }

        mean = errorsPct.Length > 0 ? mean / errorsPct.Length : 0;
        double squares = 0;
        foreach (double error in errorsPct)
        {
            squares += (error - mean) * (error - mean);
        }

        return new RelativeErrors(errorsPct.Length, mean, errorsPct.Length > 1 ? Math.Sqrt(squares / (errorsPct.Length - 1)) : 0);
    }
}

/// <summary>
/// The acceptance test of COST 323, in service: a class contains a set of errors where the confidence that an error is within its tolerance, estimated from the set, is at least the one that test plan and environment
/// ask for. Jacob and O'Brien, European Specification on Weigh-In-Motion of Road Vehicles, 1998, as in OpenWIM/pywim, notebooks/AccuracyCalculationCOST323.ipynb.
/// </summary>
/// <remarks>The initial verification, whose tolerances are four fifths of these, is not here.</remarks>
public readonly record struct Cost323Test(TestPlan Plan, TestEnvironment Environment)
{
    /// <summary>π0: the least confidence, 0 to 1, that so many errors have to show. 0 for fewer than 2.</summary>
    public double LeastConfidence(int number)
    {
        if (number < 2)
        {
            return 0;
        }

        double bound = Plan switch
        {
            TestPlan.FullRepeatability => 2.675,
            TestPlan.ExtendedRepeatability => 2.36,
            TestPlan.LimitedReproducibility => 2.155,
            _ => 2.0,
        };
        double wider = Environment switch
        {
            TestEnvironment.Repeatability => 1,
            TestEnvironment.LimitedReproducibility => 1.05,
            _ => 1.1,
        };
        return Math.Max(0, (2 * NormalDistribution.Below((bound / wider) - Uncertainty(number))) - 1);
    }

    /// <summary>π: the confidence, 0 to 1, that an error is within ± a tolerance. 0 for fewer than 2 errors, or errors that do not vary, which no scale has.</summary>
    public static double Confidence(in RelativeErrors errors, double tolerancePct)
    {
        if (errors.Number < 2 || !(errors.DeviationPct > 0))
        {
            return 0;
        }

        double uncertainty = Uncertainty(errors.Number);
        int degrees = errors.Number - 1;
        double above = StudentT.Below(-(((tolerancePct - errors.MeanPct) / errors.DeviationPct) - uncertainty), degrees);
        double below = StudentT.Below(-(((tolerancePct + errors.MeanPct) / errors.DeviationPct) - uncertainty), degrees);
        return Math.Max(0, 1 - above - below);
    }

    /// <summary>True where the errors are within the class's tolerance for what was weighed.</summary>
    public bool Contains(AccuracyClass accuracy, AccuracyCriterion criterion, in RelativeErrors errors)
    {
        ArgumentNullException.ThrowIfNull(accuracy);
        return errors.Number >= 2 && Confidence(errors, accuracy.TolerancePct(criterion)) >= LeastConfidence(errors.Number);
    }

    /// <summary>The best class of COST 323 that contains the errors; null where not even the worst does.</summary>
    public AccuracyClass? Classify(AccuracyCriterion criterion, in RelativeErrors errors)
    {
        foreach (AccuracyClass accuracy in AccuracyClass.Cost323)
        {
            if (Contains(accuracy, criterion, errors))
            {
                return accuracy;
            }
        }

        return null;
    }

    /// <summary>The class of a station is the worst of its criteria; null where one of them has none.</summary>
    public AccuracyClass? Classify(in RelativeErrors gross, in RelativeErrors group, in RelativeErrors singleAxle, in RelativeErrors axleOfGroup)
    {
        foreach (AccuracyClass accuracy in AccuracyClass.Cost323)
        {
            // Tolerances of every criterion rise from class to class, so the first that contains all is the worst of the four.
            if (Contains(accuracy, AccuracyCriterion.Gross, gross)
                && Contains(accuracy, AccuracyCriterion.Group, group)
                && Contains(accuracy, AccuracyCriterion.SingleAxle, singleAxle)
                && Contains(accuracy, AccuracyCriterion.AxleOfGroup, axleOfGroup))
            {
                return accuracy;
            }
        }

        return null;
    }

    /// <summary>How far the mean of so many errors may be off, in standard deviations, with 95 % confidence.</summary>
    private static double Uncertainty(int number) => StudentT.TwoSided95(number - 1) / Math.Sqrt(number);
}
