using System.Globalization;
using Streaming.Ingest.Formats;
using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Streaming.Tests.Formats;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Models;

/// <summary>
/// Profiles against a second computation, written here from the laws' tables alone: in decimals of tonnes, feet and pounds, from the columns of the recorded file and not from what was decoded.
/// </summary>
public sealed class LimitProfilesTests
{
    private const string File = "wim-mon-24h.txt";
    private const decimal KgOfPound = 0.45359237m;

    /// <summary>transportxxl.eu/vehicle_weights-3.html.</summary>
    [Theory]
    [InlineData(2, VehicleClass.Rigid, 18_000)]
    [InlineData(3, VehicleClass.Rigid, 26_000)]
    [InlineData(4, VehicleClass.Rigid, 32_000)]
    [InlineData(4, VehicleClass.Combination, 38_000)]
    [InlineData(4, VehicleClass.Unknown, 38_000)]
    [InlineData(5, VehicleClass.Combination, 40_000)]
    [InlineData(6, VehicleClass.Unknown, 40_000)]
    public void European_gross_limits_are_the_directives(int axles, VehicleClass body, int limitKg) =>
        Assert.Equal(limitKg, new RoadLimits { Profile = "eu" }.Judge(1, axles, body).LimitKg);

    [Fact]
    public void American_gross_limit_is_80000_lb_whatever_the_axles()
    {
        RoadLimits us = new() { Profile = "us" };
        for (int axles = 2; axles <= Axles.Capacity; axles++)
        {
            Assert.False(us.Judge(36_287, axles, VehicleClass.Combination).IsOver);
            Assert.True(us.Judge(36_288, axles, VehicleClass.Rigid).IsOver); // 36,288 kg are 80,001.4 lb.
        }
    }

    [Fact]
    public void The_profile_cn_judges_gross_masses_as_what_is_shipped()
    {
        RoadLimits shipped = new();
        RoadLimits named = new() { Profile = "cn" };
        Assert.Null(shipped.Axles);
        Assert.True(named.Axles!.Advisory);
        Assert.Equal((shipped.Rows, shipped.LegalSource, shipped.PenaltySource), (named.Rows, named.LegalSource, named.PenaltySource));
        Assert.Equal((5_500, 0), (named.PenaltyCny(11_000), new RoadLimits { Profile = "eu" }.PenaltyCny(11_000)));
    }

    [RecordedDataFact(File)]
    public void A_recorded_day_has_21_over_the_chinese_limits()
    {
        RoadLimits limits = new() { Profile = "cn" };
        int over = 0;
        int overUnknown = 0;
        int recomputedUnknown = 0;
        Each((MonVehicle vehicle, in WeighReading weighing) =>
        {
            RoadJudgement judgement = limits.JudgeWithAxles(weighing, new RegisteredBuild(VehicleClass.Rigid, 2));
            decimal tonnes = vehicle.Kg.Count switch { 2 => 18m, 3 => 25m, 4 => 31m, 5 => 43m, _ => 49m };
            Assert.Equal(vehicle.GrossKg > tonnes * 1000, judgement.IsOver);
            Assert.Equal(Math.Max(0, vehicle.GrossKg - (tonnes * 1000)), judgement.OverKg);
            Assert.Equal(judgement.IsOver ? LimitCriterion.Gross : LimitCriterion.None, judgement.Worst.Criterion);
            over += judgement.IsOver ? 1 : 0;

            // Without a register 3 and 4 axles may be a combination, whose limit is higher.
            overUnknown += limits.JudgeWithAxles(weighing).IsOver ? 1 : 0;
            recomputedUnknown += vehicle.GrossKg > 1000 * vehicle.Kg.Count switch { 2 => 18m, 3 => 27m, 4 => 36m, 5 => 43m, _ => 49m } ? 1 : 0;
        });
        Assert.Equal(21, over);
        Assert.Equal(recomputedUnknown, overUnknown);
    }

    [RecordedDataFact(File)]
    public void A_recorded_day_is_judged_by_the_european_limits_as_recomputed()
    {
        RoadLimits limits = new() { Profile = "eu" };
        int grossOver = 0;
        int axlesOver = 0;
        foreach (VehicleClass body in new[] { VehicleClass.Unknown, VehicleClass.Combination })
        {
            Each((MonVehicle vehicle, in WeighReading weighing) =>
            {
                RoadJudgement judgement = limits.JudgeWithAxles(weighing, new RegisteredBuild(body, 0));
                decimal grossT = vehicle.Kg.Count switch { 2 => 18m, 3 => 26m, 4 => 38m, _ => 40m };
                List<(int First, int Count, decimal Share)> recomputed = European(vehicle, body == VehicleClass.Combination);
                Agree(vehicle, judgement, vehicle.GrossKg / 1000m / grossT, recomputed);
                grossOver += judgement.IsOver ? 1 : 0;
                axlesOver += judgement.OnAxles.IsOver ? 1 : 0;
            });
        }

        Assert.True(grossOver > 0 && axlesOver > 0, $"{grossOver} gross, {axlesOver} axles: nothing was tried");
    }

    [RecordedDataFact(File)]
    public void A_recorded_day_is_judged_by_the_american_limits_as_recomputed()
    {
        RoadLimits limits = new() { Profile = "us" };
        int grossOver = 0;
        HashSet<LimitCriterion> broken = [];
        Each((MonVehicle vehicle, in WeighReading weighing) =>
        {
            RoadJudgement judgement = limits.JudgeWithAxles(weighing);
            Agree(vehicle, judgement, vehicle.GrossKg / KgOfPound / 80_000, American(vehicle));
            grossOver += judgement.IsOver ? 1 : 0;
            broken.Add(judgement.Worst.Criterion);
        });
        Assert.True(grossOver > 0);
        Assert.Superset(new HashSet<LimitCriterion> { LimitCriterion.None, LimitCriterion.Axle, LimitCriterion.Group, LimitCriterion.Bridge }, broken);
    }

    /// <summary>Shares of their limits, by axle or group, 96/53/EC: neighbours under 1.8 m together.</summary>
    private static List<(int First, int Count, decimal Share)> European(MonVehicle vehicle, bool combination)
    {
        List<List<int>> groups = [];
        for (int axle = 0; axle < vehicle.Kg.Count; axle++)
        {
            if (axle > 0 && vehicle.SpacingMm[axle - 1] / 1000m < 1.8m)
            {
                groups[^1].Add(axle);
            }
            else
            {
                groups.Add([axle]);
            }
        }

        List<(int, int, decimal)> shares = [];
        foreach (List<int> group in groups)
        {
            bool trailer = combination && groups.Count > 1 && ReferenceEquals(group, groups[^1]);
            decimal widestM = group.Skip(1).Select(axle => vehicle.SpacingMm[axle - 1] / 1000m).DefaultIfEmpty(0).Max();
            decimal? limitT = group.Count switch
            {
                2 when widestM < 1.0m => trailer ? 11m : 11.5m,
                2 when widestM < 1.3m => 16m,
                2 => trailer ? 18m : 19m,
                3 when widestM <= 1.3m => 21m,
                3 when widestM <= 1.4m => 24m,
                _ => null,
            };
            decimal singleT = trailer ? 10m : 11.5m;
            shares.AddRange(limitT is { } tonnes
                ? [(group[0], group.Count, group.Sum(axle => vehicle.Kg[axle]) / 1000m / tonnes)]
                : group.Select(axle => (axle, 1, vehicle.Kg[axle] / 1000m / singleT)));
        }

        return shares;
    }

    /// <summary>Shares of their limits of all consecutive axles, 23 U.S.C. 127.</summary>
    private static List<(int First, int Count, decimal Share)> American(MonVehicle vehicle)
    {
        List<(int, int, decimal)> shares = [];
        for (int count = 1; count <= vehicle.Kg.Count; count++)
        {
            for (int first = 0; first + count <= vehicle.Kg.Count; first++)
            {
                decimal pounds = vehicle.Kg.Skip(first).Take(count).Sum() / KgOfPound;
                decimal feet = Feet(first, count);
                decimal bracket = count > 1 ? (feet * count / (count - 1)) + (12 * count) + 36 : 0;
                decimal whole = Math.Floor(bracket);
                decimal formula = 500 * (bracket - whole > 0.5m ? whole + 1 : whole);
                if (count == 4 && feet >= 36 && Tandem(Feet(first, 2)) && Tandem(Feet(first + 2, 2)))
                {
                    formula = Math.Max(formula, 68_000);
                }

                decimal limit = feet * 12 <= 40 ? 20_000 : feet * 12 <= 96 ? 34_000 : new[] { formula, 80_000, 20_000 * count }.Min();
                shares.Add((first, count, pounds / limit));
            }
        }

        return shares;

        decimal Feet(int first, int count) => vehicle.SpacingMm.Skip(first).Take(count - 1).Sum() / 304.8m;

        static bool Tandem(decimal feet) => feet * 12 is > 40 and <= 96;
    }

    private static void Agree(MonVehicle vehicle, in RoadJudgement judgement, decimal grossShare, List<(int First, int Count, decimal Share)> shares)
    {
        Assert.Equal(grossShare > 1, judgement.IsOver);
        Assert.Equal(shares.Exists(each => each.Share > 1), judgement.OnAxles.IsOver);
        decimal worst = shares.Max(each => each.Share);

        // A limit in whole kg may put two nearly equal shares in the other order: by less than a kg in the lightest limit.
        (int first, int count) = (judgement.OnAxles.FirstAxle, judgement.OnAxles.AxleCount);
        decimal told = shares.Find(each => each.First == first && each.Count == count).Share;
        Assert.True(told > 0 && worst - told <= worst * 0.00012m, $"line {vehicle.Line}: told {told} of axles {first}+{count}, recomputed {worst}");
        Assert.Equal(vehicle.Kg.Skip(first).Take(count).Sum(), judgement.OnAxles.MassKg);
        LimitCriterion criterion = judgement.Worst.Criterion;
        Assert.Equal(grossShare > 1 || worst > 1, criterion != LimitCriterion.None);
        if (Math.Abs(grossShare - worst) > 0.001m && Math.Max(grossShare, worst) > 1)
        {
            Assert.Equal(grossShare > worst, criterion == LimitCriterion.Gross);
        }
    }

    /// <summary>Every vehicle of the file, from its columns and through the decoder.</summary>
    private static void Each(Check check)
    {
        string path = RecordedData.Get(File);
        string[] lines = System.IO.File.ReadAllLines(path);
        int count = 0;
        foreach (MonLine line in MonFile.Read(path, TimeSpan.FromHours(8), MonFile.ShiftToEndAt(path, TimeSpan.FromHours(8), DateTimeOffset.FromUnixTimeMilliseconds(Payloads.NowMs))))
        {
            DecodedReading reading = Payloads.Decode($"v1/wim/S07/{line.Lane}", line.Payload.Span).Only;
            check(MonVehicle.Of(lines[line.Number - 1], line.Number), reading.Weigh);
            count++;
        }

        Assert.Equal(9_427, count);
    }

    private delegate void Check(MonVehicle vehicle, in WeighReading weighing);

    /// <summary>A line of the file by its columns: 27–28 axles, 31–36 gross mass, from 51 on mass and distance to the next axle, five columns each.</summary>
    private sealed record MonVehicle(int Line, int GrossKg, List<int> Kg, List<int> SpacingMm)
    {
        public static MonVehicle Of(string line, int number)
        {
            int axles = Number(26, 2);
            return new MonVehicle(number, Number(30, 6), [.. Enumerable.Range(0, axles).Select(i => Number(50 + (10 * i), 5))], [.. Enumerable.Range(0, axles - 1).Select(i => Number(55 + (10 * i), 5))]);

            int Number(int at, int length) => int.Parse(line.AsSpan(at, length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture);
        }
    }
}
