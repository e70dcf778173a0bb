using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Xunit;

namespace Streaming.Tests.Learned;

public sealed class FeatureVectorTests
{
    // 2026-11-20T22:30:00Z, which is 06:30 of the next day where the clock is 8 hours ahead.
    private const long AtMs = 1_795_213_800_000;

    [Fact]
    public void An_overload_is_described_by_the_figures_of_its_record()
    {
        WeighReading reading = Truck();
        float[] vector = new float[OverloadFeatures.RoadLimit.Count];
        Assert.True(OverloadFeatures.TryFill(reading, Judged(reading).LimitKg, new WeighingContext(AtMs, 5, 480), default, vector));

        // 60,000 kg on six axles, limit 49,000: 22.45 % over; axles add up to 59,000 kg; the heaviest is 10,900.
        const double OverPct = 1_100.0 / 49;
        Assert.Equal([(float)OverPct, 5, (float)(OverPct / 5), 6, 63.5f, 4, 0.97f, (float)(100.0 / 60), (float)(1090.0 / 60), 6.5f, 5.5f, 24, 0, (float)(OverPct / 5)], vector);
    }

    [Fact]
    public void What_a_record_does_not_have_takes_the_value_for_absent()
    {
        WeighReading reading = Truck();
        reading.SpeedTenthKmh = -1;
        reading.LeftRightPermille = -1;
        RoadJudgement judgement = Judged(reading);
        for (int i = 0; i < 6; i++)
        {
            reading.Axles[i].MassKg = 0;
        }

        float[] vector = new float[OverloadFeatures.RoadLimit.Count];
        Assert.True(OverloadFeatures.TryFill(reading, judgement.LimitKg, new WeighingContext(AtMs, 0, 0), default, vector));
        const double OverPct = 1_100.0 / 49;
        Assert.Equal([(float)OverPct, 10, (float)(OverPct / 10), 6, 40, 0, 0.97f, 0, 50, 22.5f, 10.5f, 24, 0, (float)(OverPct / 10)], vector);
    }

    [Fact]
    public void What_is_out_of_range_is_taken_for_its_end()
    {
        WeighReading reading = Truck();
        reading.GrossKg = 600_000;
        reading.SpeedTenthKmh = 5_000;
        float[] vector = new float[OverloadFeatures.RoadLimit.Count];
        Assert.True(OverloadFeatures.TryFill(reading, Judged(reading).LimitKg, new WeighingContext(-1, 90, 0), default, vector));
        Assert.Equal((300f, 50f, 200f), (vector[0], vector[1], vector[4]));

        // The last minute of 1969.
        Assert.Equal((float)(23 + (59 / 60.0)), vector[9]);
    }

    [Fact]
    public void A_weighing_within_its_limit_or_without_one_has_no_vector()
    {
        WeighReading reading = Truck();
        reading.GrossKg = 49_000;
        float[] vector = new float[OverloadFeatures.RoadLimit.Count];
        Assert.False(OverloadFeatures.TryFill(reading, Judged(reading).LimitKg, default, default, vector));
        reading.AxleCount = 0;
        Assert.False(OverloadFeatures.TryFill(reading, Judged(reading).LimitKg, default, default, vector));
        Assert.All(vector, value => Assert.Equal(0, value));
    }

    [Fact]
    public void The_weighing_before_says_how_long_before_how_far_over_and_what_both_say_together()
    {
        WeighReading reading = Truck();
        float[] vector = new float[OverloadFeatures.RoadLimit.Count];

        // 50,000 kg half an hour before by a station of ±10 %: 1,000 kg over 49,000. Together by inverse variances, 1/25 and 1/100: (22.449/25 + 2.041/100) / √0.05.
        Assert.True(OverloadFeatures.TryFill(reading, 49_000, new WeighingContext(AtMs, 5, 480), new EarlierWeighing(AtMs - 1_800_000, 50_000, 10), vector));
        Assert.Equal(0.5f, vector[11]);
        Assert.Equal(100.0 / 49 / 10, vector[12], 1e-5);
        Assert.Equal(((1_100.0 / 49 / 25) + (100.0 / 49 / 100)) / Math.Sqrt(0.05), vector[13], 1e-5);

        // Within the limit it counts against; two hours before it may have been another load; a day before it tells nothing, and neither does one that was later.
        Assert.True(OverloadFeatures.TryFill(reading, 49_000, new WeighingContext(AtMs, 5, 480), new EarlierWeighing(AtMs - 7_200_000, 44_100, 5), vector));
        Assert.Equal((2f, -2f, (float)(1_100.0 / 49 / 5)), (vector[11], vector[12], vector[13]));
        foreach (long otherMs in new[] { AtMs - 86_400_001, AtMs, AtMs + 1 })
        {
            Assert.True(OverloadFeatures.TryFill(reading, 49_000, new WeighingContext(AtMs, 5, 480), new EarlierWeighing(otherMs, 44_100, 5), vector));
            Assert.Equal((24f, 0f, (float)(1_100.0 / 49 / 5)), (vector[11], vector[12], vector[13]));
        }
    }

    [Fact]
    public void A_signature_is_the_share_of_each_axle_and_the_spacings()
    {
        WeighReading reading = Truck();
        reading.AxleCount = 3;
        reading.GrossKg = 28_500;
        float[] vector = [.. Enumerable.Repeat(7f, AxleSignatureFeatures.Set.Count)];
        Assert.True(AxleSignatureFeatures.TryFill(reading, vector));
        Assert.Equal([(float)(6_800 / 28_500.0), (float)(10_900 / 28_500.0), (float)(10_800 / 28_500.0), 0, 0, 0, 3.5f, 1.35f, 0, 0, 0], vector);
    }

    [Fact]
    public void A_signature_needs_every_axle_with_its_mass_and_place()
    {
        float[] vector = new float[AxleSignatureFeatures.Set.Count];
        WeighReading reading = Truck();
        reading.Axles[2].MassKg = 0;
        Assert.False(AxleSignatureFeatures.TryFill(reading, vector));
        reading = Truck();
        reading.Axles[2].OffsetMm = reading.Axles[1].OffsetMm;
        Assert.False(AxleSignatureFeatures.TryFill(reading, vector));
        reading = Truck();
        reading.AxleCount = 7;
        Assert.False(AxleSignatureFeatures.TryFill(reading, vector));
        reading.AxleCount = 1;
        Assert.False(AxleSignatureFeatures.TryFill(reading, vector));
    }

    [Fact]
    public void The_order_of_features_is_frozen()
    {
        const string Overload = "overPct accuracyPct overInAccuracies axles speedKmh leftRightDeviationPct plateConfidence axleSumDeviationPct heaviestAxlePct hour hoursFromNoon beforeH beforeOverInAccuracies jointOverInAccuracies";
        Assert.Equal(
            $"over-road-limit 2: {Overload}|over-rated-load 1: {Overload}|"
            + "axle-signature 1: share1 share2 share3 share4 share5 share6 spacing2M spacing3M spacing4M spacing5M spacing6M|"
            + "tank-behaviour 1: pressureAtRestSd pressureChangeSd pressureExpectedSd temperatureChangeSd contentChangeSd contentLongChangeSd gasSd|"
            + "axle-history 1: shareOffSd sharesOffSd shareOffPct spacingOffM axlesMore gapM becameCombination weighings|"
            + "tank-norm 1: pressureOffSd pressureOffPct temperatureOffSd temperatureOffC contentOffPct contentMovesPct gasSd",
            string.Join('|', FeatureSet.All.Select(set => $"{set.Kind} {set.Version}: {string.Join(' ', set.Features.Select(feature => feature.Name))}")));
    }

    [Fact]
    public void Every_value_for_absent_is_within_its_range() =>
        Assert.All(FeatureSet.All.SelectMany(set => set.Features), feature => Assert.InRange(feature.WhenAbsent, feature.Least, feature.Most));

    private static RoadJudgement Judged(in WeighReading reading) => new RoadLimits().Judge(reading.GrossKg, reading.AxleCount, reading.VehicleClass);

    private static WeighReading Truck()
    {
        WeighReading reading = new() { GrossKg = 60_000, AxleCount = 6, VehicleClass = VehicleClass.Combination, SpeedTenthKmh = 635, PlatePermille = 970, LeftRightPermille = 1_040 };
        int[] massesKg = [6_800, 10_900, 10_800, 10_600, 10_500, 9_400];
        int[] offsetsMm = [0, 3_500, 4_850, 11_200, 12_500, 13_800];
        for (int i = 0; i < massesKg.Length; i++)
        {
            reading.Axles[i].MassKg = massesKg[i];
            reading.Axles[i].OffsetMm = offsetsMm[i];
        }

        return reading;
    }
}
