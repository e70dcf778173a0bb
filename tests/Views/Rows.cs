using Streaming.Grains.Messages;
using Streaming.Grains.Rules;

namespace Streaming.Tests.Views;

/// <summary>Rows as the actors show them.</summary>
internal static class Rows
{
    public static readonly DateTimeOffset At = new(2026, 11, 21, 8, 15, 30, 123, TimeSpan.Zero);

    private static readonly Explanation Explanation = new("11,000 kg over the limit", "超限11吨");

    private static readonly Evidence Evidence = new([new CitedReading("S07", "S07-000123", At)], new SortedDictionary<string, double> { ["grossKg"] = 60000, ["limitKg"] = 49000 }, "49,000 kg", "Art. 3");

    public static Warning Warning(string subject = "粤H12345-yellow", string kind = "over-road-limit", bool open = true, string district = "harbour", int severity = 3, int number = 1, int count = 1) =>
        new($"{subject}/{kind}/{number}", subject, "vehicle", kind, severity, 0.99, "road-limit/1", 1, district, At, At, count, open, true, Explanation, Evidence);

    public static WorkOrderRow WorkOrder(string caseId = "harbour-1", int number = 1, string department = "transport", string district = "harbour", string state = "issued", string subject = "粤H12345-yellow") =>
        new($"{caseId}-w{number}", caseId, department, district, "lead", "transport-review", state, subject, "over-road-limit", 3, At, At.AddHours(48), false, null, null, null, ["accept", "return", "comment"]);

    public static CaseRow Case(
        string id = "harbour-1", string state = "open", string district = "harbour", string lead = "transport", string[]? departments = null, string subject = "粤H12345-yellow", string kind = "over-road-limit", bool overdue = false) =>
        new(
            id, subject, "vehicle", kind, district, state, "transport-review", "overload-off-site", 3, 0.99, lead, departments ?? [lead], At, At.AddHours(48), overdue, null, 1,
            [WorkOrder(id, 1, lead, district)], [], Warning(subject, kind, true, district), "no open case");

    public static Alert Alert(long number, string department = "transport", string feedDistrict = "*", string caseId = "harbour-1") =>
        new(
            number, "work-order", department, feedDistrict == "*" ? "harbour" : feedDistrict, caseId, $"{caseId}-w{number}", "粤H12345-yellow", "vehicle", "over-road-limit", 3, 0.99, "transport-review", "lead", At, At.AddHours(48), Explanation, Evidence, Live: true);

    /// <summary>One that was answered with a picture.</summary>
    public static NoticeRow Notice(string id = "harbour-1-n1", string caseId = "harbour-1", string department = "transport", string district = "harbour", string? picture = null, bool open = false, string? link = null, NoticeErrand[]? errands = null) =>
        new(
            id, caseId, $"{caseId}-w1", department, district, "transport-review", "粤H12345-yellow", "vehicle", "over-road-limit", open ? "issued" : "answered", open, "desk-1", At, At.AddHours(72), new Explanation("Unload.", "请卸载。"), [], null,
            picture is null ? null : new NoticeReply(At, "unloaded", picture, "image/jpeg"), open ? null : At, Warning(district: district), errands ?? [], link);

    public static ReportRow Report(string id = "r-1", string? caseId = "harbour-1", string district = "harbour", string? picture = null, string by = "hotline-1", string state = ReportStates.Open) => new(
        id, caseId, state, "street-stall", true, district, "hotline", "H-1", "有人摆摊", new ReportPlace(null, "人民路12号"), At, At, picture is null ? [] : [new ReportPicture(picture, "image/jpeg")], new MergeReason(MergeReason.First), new MergeReason(MergeReason.First).Say(), null, null, null,
        new Reporter("Zhang", "13800000000"), by);

    public static ResourceRow Resource(string id = "S07", string? owner = "transport", string district = "harbour", string state = ResourceStates.Live, string kind = "wim", string? register = null) =>
        new(id, kind, owner, district, register, state, At, new ResourceExpectation(PerMinute: 6), 10, 40, 2, 1, 40, 2, 60, [30, 5, 3, 1, 1, 0], null, 0, At);

    /// <summary>A scene that nothing can be done with any more.</summary>
    public static SceneRow Scene(string id, string department, string district)
    {
        SceneRule rule = new() { Id = id, Name = new LocalName("Stall", "摊"), Department = department, Districts = [district], Revision = 1 };
        return new SceneRow(id, rule.Name, department, SceneStates.Withdrawn, 1, 1, [], rule, null, null, null, null, []);
    }

    public static WebhookRow Webhook(string id, string department, string district) =>
        new(id, "https://r.example/hook", department, district, [], 1, "active", 7, 1, "chief", At, 1, 0, []);

    public static JoinedItem Joined(long number, string resource = "police", string district = "harbour", string key = "粤H1-yellow") => new(
        number, JoinedItem.Joined, resource, district, At, "vehicles", key, "transport", ["axles"],
        [new EntrySpan(null, null, new() { ["axles"] = System.Text.Json.JsonSerializer.SerializeToElement(6), ["owner"] = System.Text.Json.JsonSerializer.SerializeToElement("Zhang") }, new() { ["axles"] = "transport", ["owner"] = "police" })]);

    public static SourceRegistration Device(string id = "S07", string secretHash = "sha256:00", string district = "harbour") => new(id, "wim", [$"v1/wim/{id}/+"], district, 5, secretHash);
}
