using System.Text.Json;
using Streaming.Models.Limits;
using Streaming.Models.Tanks;
using Streaming.Models.Video;
using Xunit;

namespace Streaming.Tests.Models;

/// <summary>The sections of a rulebook are plain JSON in camel case; what is left out keeps its default.</summary>
public sealed class RuleJsonTests
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    [Fact]
    public void Road_limits_come_from_json()
    {
        RoadLimits limits = JsonSerializer.Deserialize<RoadLimits>("""{"rows":[{"axles":2,"rigidKg":19000},{"axles":3,"combinationKg":28000}],"legalSource":"EU 96/53","defaultAccuracyPct":7}""", Web)!;

        Assert.Empty(limits.Problems());
        Assert.Equal(19_000, limits.Judge(20_000, 2, default).LimitKg);
        Assert.Equal(28_000, limits.Judge(20_000, 8, default).LimitKg);
        Assert.Equal(7, limits.DefaultAccuracyPct);
        Assert.Equal(30, limits.Severity2UpToPct);
    }

    [Fact]
    public void A_profile_puts_its_limits_where_none_are_written_wherever_it_stands()
    {
        RoadLimits us = JsonSerializer.Deserialize<RoadLimits>("""{"penaltyPerTonneCny":100,"profile":"us","bridge":{"twoTandemsFromFt":0}}""", Web)!;
        RoadLimits eu = JsonSerializer.Deserialize<RoadLimits>("""{"profile":"eu","rows":[{"axles":2,"rigidKg":19000}],"axles":{"driveKg":12000,"tandem":[]}}""", Web)!;

        Assert.Empty(us.Problems());
        Assert.Equal(36_287, us.Judge(20_000, 5, default).LimitKg);
        Assert.Equal((0, 20_000, 100), (us.Bridge!.TwoTandemsFromFt, us.Bridge.SingleLb, us.PenaltyPerTonneCny));
        Assert.Null(us.Axles);
        Assert.Empty(eu.Problems());
        Assert.Equal(19_000, eu.Judge(20_000, 2, default).LimitKg);
        Assert.Equal((12_000, 10_000, 0, 2), (eu.Axles!.DriveKg, eu.Axles.SingleKg, eu.Axles.Tandem.Count, eu.Axles.TriAxle.Count));
        Assert.Equal("96/53/EC Annex I", eu.LegalSource);
    }

    [Fact]
    public void Major_hazards_come_from_json()
    {
        MajorHazardRules rules = JsonSerializer.Deserialize<MajorHazardRules>("""{"substances":{"UN1017":{"thresholdTonnes":2.5,"beta":4},"UN1016":{"beta":2}},"exposure":[{"fromPeople":0,"alpha":1}],"level1From":200}""", Web)!;

        Assert.Empty(rules.Problems());
        Assert.Equal(new HazardGrade(2, 8, 4, 0), rules.Grade([new StoredMass("UN1017", 5_000)], 5));
        Assert.Same(StringComparer.Ordinal, rules.Substances.Comparer);
    }

    [Fact]
    public void Tank_limits_come_from_json()
    {
        TankLimits limits = JsonSerializer.Deserialize<TankLimits>("""{"substances":{"UN1203":{"pressureKpa":{"high":30,"highHigh":40,"hysteresis":2}}},"tanks":{"E1/T1":{"levelPct":{"low":20,"high":80}}},"updateEveryS":5}""", Web)!;

        Assert.Empty(limits.Problems());
        Assert.Equal(30, limits.Of("E1/T1", "UN1203").PressureKpa!.High);
        Assert.Equal(20, limits.Of("E1/T1", "UN1203").LevelPct!.Low);
        Assert.Equal(45, limits.Of("E1/T1", "UN1203").TemperatureC!.High);
        Assert.Equal(5, limits.UpdateEveryS);
        Assert.Same(StringComparer.Ordinal, limits.Substances.Comparer);
    }

    [Fact]
    public void Video_rules_come_from_json()
    {
        VideoRules rules = JsonSerializer.Deserialize<VideoRules>("""{"smoke":{"severity":4,"minimumPermille":700,"confirmations":17}}""", Web)!;

        Assert.Equal(4, rules.Smoke.Severity);
        Assert.Equal(4, rules.Fire.Severity);
        Assert.Equal("video.smoke.confirmations is 17; it must be 1 to 8.", Assert.Single(rules.Problems()));
        Assert.Empty(new VideoRules().Problems());
    }
}
