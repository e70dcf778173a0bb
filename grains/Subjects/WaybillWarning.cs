using System.Text;
using Streaming.Grains.Messages;
using Streaming.Models.Tanks;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>Puts what a truck's waybills lack or contradict into the figures and words of a warning.</summary>
internal static class WaybillWarning
{
    /// <summary>Number of the <see cref="WaybillFault"/> among the figures.</summary>
    public const string FaultField = "fault";

    private const string Model = "waybill/1";

    public static Finding Find(WaybillRules rules, WaybillEvidence evidence, WaybillFault fault, RegisteredWaybill? against)
    {
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal) { [FaultField] = (double)fault };
        if (fault is WaybillFault.Missing or WaybillFault.Number)
        {
            figures["graceMin"] = rules.GraceS / 60.0;
        }

        if (fault is WaybillFault.Time && against is not null)
        {
            figures["outsideMin"] = Math.Round(Outside(evidence.AtMs, against, rules) / 60_000.0, 1, MidpointRounding.AwayFromZero);
        }

        return new Finding(
            WaybillWatch.Kind,
            fault == WaybillFault.Missing ? rules.MissingSeverity : rules.ContradictedSeverity,
            rules.Confidence,
            Model,
            Explain(rules, evidence, fault, against),
            figures,
            "a waybill that covers goods, time and places of the trip",
            rules.LegalSource);
    }

    /// <summary>What a change of the register comes to.</summary>
    public static Explanation Anew(EntryChanged changed, RegisteredWaybill? against, WaybillFault fault) => fault == WaybillFault.None
        ? new Explanation(
            $" Cleared, since {changed.By} changed the entry waybills/{changed.Key}: waybill {Text(against?.Number)} covers it.",
            $"已解除：{changed.By}变更了运单{changed.Key}，运单{Text(against?.Number)}与之相符。")
        : new Explanation($" Judged anew, since {changed.By} changed the entry waybills/{changed.Key}.", $"因{changed.By}变更了运单{changed.Key}，已重新判定。");

    private static Explanation Explain(WaybillRules rules, WaybillEvidence evidence, WaybillFault fault, RegisteredWaybill? against)
    {
        string source = Text(evidence.Source), goods = Text(evidence.Substance), number = Text(evidence.Number), known = Text(against?.Number), at = FigureText.Time(evidence.AtMs);
        string en = evidence.IsCamera
            ? $"Camera {source} saw the orange plate of {goods} at {at}."
            : evidence.UnloadedAt.Length > 0 ? $"The truck was unloaded at site {Text(evidence.UnloadedAt)} at {at} (reported by {source})."
            : $"The truck was under way with a loaded tank{(goods.Length > 0 ? $" of {goods}" : "")} at {at}{(number.Length > 0 ? $", on waybill {number}" : "")} (reported by {source}).";
        string zh = evidence.IsCamera
            ? $"摄像头{source}于{at}识别到{goods}的危险货物标志牌。"
            : evidence.UnloadedAt.Length > 0 ? $"车辆于{at}在场所{Text(evidence.UnloadedAt)}卸货（由{source}上报）。"
            : $"车辆于{at}载货{(goods.Length > 0 ? $"（{goods}）" : "")}行驶{(number.Length > 0 ? $"，上报运单号{number}" : "")}（由{source}上报）。";
        string grace = FigureText.Measured(rules.GraceS / 60.0);
        (string saysEn, string saysZh) = fault switch
        {
            WaybillFault.Missing => ($"No waybill that covers this time was registered within {grace} min.{(evidence.IsCamera ? " A tank that is empty and not cleaned shows its plate too." : "")}",
                $"{grace}分钟内未登记覆盖该时间的运单。{(evidence.IsCamera ? "未清洗的空罐同样悬挂标志牌。" : "")}"),
            WaybillFault.Time => ($"Waybill {known} is for {Times(against!, rules)}; this is outside it by {FigureText.Measured(Math.Round(Outside(evidence.AtMs, against!, rules) / 60_000.0, 1, MidpointRounding.AwayFromZero))} min.",
                $"运单{known}的时间为{Times(against!, rules)}，超出{FigureText.Measured(Math.Round(Outside(evidence.AtMs, against!, rules) / 60_000.0, 1, MidpointRounding.AwayFromZero))}分钟。"),
            WaybillFault.Number => ($"The waybill registered for this time is {known}, and no waybill {number} of this vehicle was registered within {grace} min.", $"该时间登记的运单为{known}，{grace}分钟内未登记该车的运单{number}。"),
            WaybillFault.Substance => ($"Waybill {known} is for {Text(against?.Substance)}.", $"运单{known}登记的货物为{Text(against?.Substance)}。"),
            _ => ($"Waybill {known} names {Text(against?.UnloadSite)} as the unloading place.", $"运单{known}登记的卸货地为{Text(against?.UnloadSite)}。"),
        };
        return new Explanation(
            $"{en} {saysEn} Dangerous goods are carried on one waybill a vehicle and trip ({rules.LegalSource}).",
            $"{zh}{saysZh}危险货物运输应当一车一趟一运单（{rules.LegalSource}）。");
    }

    /// <summary>By how much a time lies outside the trip, without tolerance, ms.</summary>
    private static long Outside(long atMs, RegisteredWaybill waybill, WaybillRules rules) => atMs < waybill.StartMs ? waybill.StartMs - atMs : Math.Max(0, atMs - waybill.EndMs(rules));

    private static string Times(RegisteredWaybill waybill, WaybillRules rules) =>
        $"{(waybill.StartMs == long.MinValue ? "..." : FigureText.Time(waybill.StartMs))} - {(waybill.EndMs(rules) == long.MaxValue ? "..." : FigureText.Time(waybill.EndMs(rules)))}";

    private static string Text(byte[]? utf8) => utf8 is null ? "" : Encoding.UTF8.GetString(utf8);
}
