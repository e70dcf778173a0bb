namespace Streaming.Models.Limits;

/// <summary>Which rule gave the limit, or why there is none. Persisted: numbers are never reused.</summary>
public enum LimitRule : byte
{
    /// <summary>Nothing was weighed yet.</summary>
    None = 0,

    /// <summary>The record has no axles, or fewer than any row of the table: not judged.</summary>
    NoAxles = 1,

    /// <summary>A car or a bus: the table is for goods vehicles, so it is not judged.</summary>
    NotGoodsVehicle = 2,

    /// <summary>The table has one limit for this number of axles, whatever the body.</summary>
    OneLimit = 3,

    /// <summary>A rigid truck.</summary>
    Rigid = 4,

    /// <summary>A combination.</summary>
    Combination = 5,

    /// <summary>Rigid or combination is not known: the higher limit, which favours the driver.</summary>
    UnknownBody = 6,

    /// <summary>A rigid truck with more axles than the table has rigid trucks: the combination's limit.</summary>
    NoRigidRow = 7,

    /// <summary>A combination whose tractor is registered with a single drive axle.</summary>
    SingleDriveAxle = 8,

    /// <summary>An over-limit transport permit that was valid at the time: its gross mass is the limit.</summary>
    Permit = 9,
}

/// <summary>Who said what body the vehicle has. Persisted: numbers are never reused.</summary>
public enum BodySource : byte
{
    /// <summary>Nobody, or it did not matter.</summary>
    None = 0,

    /// <summary>The weigh record, from the station's or a camera's class.</summary>
    Record = 1,

    /// <summary>The vehicle's registration.</summary>
    Register = 2,
}

/// <summary>Outcome of <see cref="RoadLimits.Judge"/>.</summary>
/// <param name="LimitKg">Limit in force, kg; 0 where the weighing could not be judged.</param>
/// <param name="OverKg">Kg over the limit; 0 where it is kept or none applies.</param>
/// <param name="Rule">Which rule gave the limit.</param>
/// <param name="BodySource">Who said rigid or combination.</param>
/// <param name="DriveAxlesUnknown">The table has a lower limit for a single drive axle, which was not applied because nothing is known of it.</param>
public readonly record struct RoadJudgement(int LimitKg, int OverKg, LimitRule Rule, BodySource BodySource, bool DriveAxlesUnknown)
{
    /// <summary>The axle, group of axles or bridge group that is the largest share of its limit, over it or not; not judged where no limits of axles are in force, or the vehicle has a permit.</summary>
    public LimitBreach OnAxles { get; init; }

    /// <summary>The limit that was broken most by share, of the gross mass or of axles; the gross mass where both are the same. Not judged where none was broken. Advice counts for nothing here.</summary>
    public LimitBreach Worst
    {
        get
        {
            LimitBreach gross = IsOver ? new LimitBreach(LimitCriterion.Gross, 0, 0, LimitKg + OverKg, LimitKg, false) : default;
            return OnAxles is { IsOver: true, IsAdvisory: false } ? gross.OrWorse(OnAxles) : gross;
        }
    }

    /// <summary>True where a limit applies.</summary>
    public bool IsJudged => LimitKg > 0;

    /// <summary>True where the measured mass is over the limit.</summary>
    public bool IsOver => OverKg > 0;

    /// <summary>Share over the limit in hundredths of a percent, half up. In whole numbers, so that 22.45 % is 2245 everywhere.</summary>
    public long OverHundredthPct => LimitKg > 0 ? ((OverKg * 10_000L) + (LimitKg / 2)) / LimitKg : 0;

    /// <summary>Share over the limit, percent, to two decimals.</summary>
    public double OverPct => OverHundredthPct / 100.0;

    /// <summary>Which limit was taken and why, in English. Without the figure.</summary>
    public string BasisEn(int axleCount)
    {
        string axles = axleCount == 1 ? "1 axle" : $"{Wording.FigureText.Whole(axleCount)} axles";
        string basis = Rule switch
        {
            LimitRule.NoAxles => "not judged: the record has no axles that a limit could be looked up by",
            LimitRule.NotGoodsVehicle => $"not judged: the limits are for goods vehicles, and this is a car or bus{SourceEn}",
            LimitRule.OneLimit => $"{axles}: one limit for every body",
            LimitRule.Rigid => $"rigid truck with {axles}{SourceEn}",
            LimitRule.Combination => $"combination with {axles}{SourceEn}",
            LimitRule.UnknownBody => $"{axles}, rigid or combination not known: the higher limit, in the driver's favour",
            LimitRule.NoRigidRow => $"rigid truck with {axles}{SourceEn}: the table has no such row, so the combination's limit, in the driver's favour",
            LimitRule.SingleDriveAxle => $"combination with {axles} and a single drive axle (from the register)",
            LimitRule.Permit => "over-limit transport permit (from the register)",
            _ => "not judged",
        };
        return DriveAxlesUnknown ? $"{basis}; drive axles not known: not the lower limit for a single one, in the driver's favour" : basis;
    }

    /// <summary>Which limit was taken and why, in Chinese. Without the figure.</summary>
    public string BasisZh(int axleCount)
    {
        string axles = $"{Wording.FigureText.Whole(axleCount)}轴";
        string basis = Rule switch
        {
            LimitRule.NoAxles => "未判定：记录中没有可用于查取限值的轴数",
            LimitRule.NotGoodsVehicle => $"未判定：限值适用于货运车辆，该车为客车或小汽车{SourceZh}",
            LimitRule.OneLimit => $"{axles}：各种车型限值相同",
            LimitRule.Rigid => $"{axles}载货汽车{SourceZh}",
            LimitRule.Combination => $"{axles}汽车列车{SourceZh}",
            LimitRule.UnknownBody => $"{axles}，无法确定为载货汽车或汽车列车：取对驾驶人有利的较高限值",
            LimitRule.NoRigidRow => $"{axles}载货汽车{SourceZh}：表中无此项，取汽车列车限值，对驾驶人有利",
            LimitRule.SingleDriveAxle => $"{axles}汽车列车，牵引车为单驱动轴（据登记信息）",
            LimitRule.Permit => "超限运输车辆通行证（据登记信息）",
            _ => "未判定",
        };
        return DriveAxlesUnknown ? $"{basis}；驱动轴数未知：不适用单驱动轴的较低限值，对驾驶人有利" : basis;
    }

    private string SourceEn => BodySource switch
    {
        BodySource.Record => " (body from the weigh record)",
        BodySource.Register => " (body from the register)",
        _ => "",
    };

    private string SourceZh => BodySource switch
    {
        BodySource.Record => "（车型据称重记录）",
        BodySource.Register => "（车型据登记信息）",
        _ => "",
    };
}
