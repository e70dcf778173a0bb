using Streaming.Grains.Messages;
using Streaming.Grains.Turns;

namespace Streaming.Tests.Dispatch;

/// <summary>Warnings as subjects send them.</summary>
internal static class Warnings
{
    public const string Plate = "粤H12345-yellow";

    public static Warning Overload(DateTimeOffset at, string subject = Plate, int severity = 2, bool live = true, int number = 1, string district = "harbour", int count = 1) =>
        Of("over-road-limit", "vehicle", subject, at, severity, live, number, district, count);

    public static Warning Tank(DateTimeOffset at, string enterprise = "91440101MA5CH001", int severity = 3) =>
        Of("tank-pressure", "enterprise", enterprise, at, severity, live: true, number: 1, "harbour", count: 1);

    public static WarningChanged Opened(this Warning warning, ActorKind subject = ActorKind.Vehicle) => new(WarningChange.Opened, subject, warning);

    public static WarningChanged Updated(this Warning warning, ActorKind subject = ActorKind.Vehicle) => new(WarningChange.Updated, subject, warning);

    public static WarningChanged Cleared(this Warning warning, ActorKind subject = ActorKind.Vehicle) => new(WarningChange.Cleared, subject, warning with { Open = false });

    private static Warning Of(string kind, string subjectKind, string subject, DateTimeOffset at, int severity, bool live, int number, string district, int count) => new(
        $"{subject}/{kind}/{number}",
        subject,
        subjectKind,
        kind,
        severity,
        0.97,
        "road-limit/1",
        1,
        district,
        at,
        at,
        count,
        true,
        live,
        new Explanation("60,000 kg on six axles: 11,000 kg over the limit.", "六轴车辆总质量 60,000 千克，超限 11,000 千克。"),
        new Evidence(
            [new CitedReading("S07", $"S07-{count:000000}", at, "https://pictures.example/1.jpg", new string('a', 64))],
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["grossKg"] = 60_000, ["limitKg"] = 49_000 },
            "49,000 kg",
            "超限运输车辆行驶公路管理规定 Art. 3"));
}
