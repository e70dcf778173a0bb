using Streaming.Grains;
using Streaming.Grains.Access;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Tests.Dispatch;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Access;

/// <summary>The audit of one caller: entries are numbered without a hole, and a change is one row from its beginning to its end.</summary>
public sealed class AuditTests
{
    private const string Who = "desk-1";
    private static readonly AuditEntry Look = new(Who, "member", "transport", "harbour", "look", "GET", "/api/vehicles/{id}") { Subject = "粤H1-yellow", Status = 200, Reason = "查超限" };
    private static readonly AuditEntry Change = new(Who, "member", "transport", "harbour", "change", "POST", "/api/workorders/{id}/accept") { Subject = "harbour-1-w1" };
    private readonly Scene scene = new(CityRules.Shipped, new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Every_entry_is_a_row_of_its_own_with_its_number_and_time()
    {
        DateTimeOffset first = scene.Now;
        string key = Record(Look).Text;
        scene.AdvanceTo(scene.Now.AddHours(1));
        Record(Look with { Subject = "粤H2-yellow" });
        AuditEntry[] rows = scene.Rows<AuditEntry>(View.Audit);
        Assert.Equal([(1L, "粤H1-yellow", first), (2L, "粤H2-yellow", first.AddHours(1))], rows.Select(row => (row.Number!.Value, row.Subject!, row.At!.Value)));
        Assert.Equal((key, "查超限", 200), (rows[0].Id, rows[0].Reason, rows[0].Status));
        Assert.Equal(2, scene.Describe(ActorKind.Audit, Who).GetProperty("entries").GetInt32());
    }

    [Fact]
    public void A_change_is_one_row_that_its_end_completes()
    {
        DateTimeOffset begun = scene.Now;
        string key = Record(Change).Text;
        Record(Look);
        Assert.Null(scene.Row<AuditEntry>(View.Audit, key)!.Status);
        scene.AdvanceTo(begun.AddMinutes(10));
        Assert.Equal(ReplyStatus.Done, Record(Change with { Began = key, Status = 409 }).Status);
        AuditEntry row = scene.Row<AuditEntry>(View.Audit, key)!;
        Assert.Equal((409, 1L, begun, null), (row.Status, row.Number, row.At, row.Began));
        Assert.Equal(2, scene.Rows<AuditEntry>(View.Audit).Length);

        // It ended once.
        Assert.Equal(ReplyStatus.NotFound, Record(Change with { Began = key, Status = 200 }).Status);
        Assert.Equal(409, scene.Row<AuditEntry>(View.Audit, key)!.Status);
    }

    [Fact]
    public void Of_changes_whose_end_never_came_no_more_are_waited_for_than_may_be()
    {
        string oldest = Record(Change).Text;
        string second = Record(Change).Text;
        for (int i = 1; i < GrainLimits.ChangesUnderWay; i++)
        {
            Record(Change);
        }

        Assert.Equal(GrainLimits.ChangesUnderWay, scene.Describe(ActorKind.Audit, Who).GetProperty("underWay").GetInt32());
        Assert.Equal(ReplyStatus.NotFound, Record(Change with { Began = oldest, Status = 200 }).Status);
        Assert.Null(scene.Row<AuditEntry>(View.Audit, oldest)!.Status);
        Assert.Equal(ReplyStatus.Done, Record(Change with { Began = second, Status = 200 }).Status);
    }

    [Fact]
    public void Another_callers_entry_is_refused()
    {
        Assert.Equal(ReplyStatus.Invalid, Record(Look with { Who = "desk-2" }).Status);
        Assert.False(scene.Exists(ActorKind.Audit, Who));
        Assert.Empty(scene.Rows<AuditEntry>(View.Audit));
    }

    [Fact]
    public void Keys_sort_as_entries_came_and_numbers_of_kinds_stay()
    {
        Assert.True(string.CompareOrdinal(Audit.KeyOf(999), Audit.KeyOf(1000)) < 0);
        Assert.Equal(long.MaxValue.ToString("D", System.Globalization.CultureInfo.InvariantCulture), Audit.KeyOf(long.MaxValue));
        Assert.Equal((12, 10, 70), ((int)ActorKind.Audit, (int)View.Audit, (int)MessageKind.RecordAudit));
    }

    private Reply Record(AuditEntry entry) => scene.Send(ActorKind.Audit, Who, MessageKind.RecordAudit, entry)!;
}
