using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Dispatch;

public class CaseDeadlineTests
{
    // A Tuesday, 10:00 in China, in an ordinary week: the review is due on Thursday at the same hour.
    private static readonly DateTimeOffset Start = new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Due = Start.AddHours(48);
    private readonly Scene scene = new(CityRules.DeadlinesOnly, Start);

    public CaseDeadlineTests() => scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start).Opened());

    [Fact]
    public void A_deadline_that_passes_is_overdue_once_then_urged_daily_then_escalated_and_then_silent()
    {
        scene.AdvanceTo(Due.AddMilliseconds(-1));
        Assert.Equal(["work-order"], Types("transport"));
        Assert.False(Row().Overdue);

        scene.AdvanceTo(Due);
        Assert.Equal(["work-order", "overdue"], Types("transport"));
        Assert.True(Row().Overdue);
        Assert.True(Order("harbour-1-w1").Overdue);
        Assert.Equal("overdue", Row().History[^1].What);

        scene.AdvanceTo(Due.AddDays(60));
        Assert.Equal(["work-order", "overdue", "urge", "urge", "urge", "urge", "escalated"], Types("transport"));
        Assert.Equal("0 24 48 72 96 120", string.Join(' ', scene.Feed("transport", "harbour").Skip(1).Select(alert => (int)(alert.At - Due).TotalHours)));
        Assert.DoesNotContain(scene.Reminders, reminder => reminder.Name == "due:w1");
    }

    [Fact]
    public void The_command_centre_hears_of_an_escalation_and_it_is_not_its_own_work()
    {
        scene.AdvanceTo(Due.AddHours(120));
        Alert alert = Assert.Single(scene.Feed("command-centre", "harbour"));
        Assert.Equal(("escalated", "supervisor", "harbour-1-w1", "command-centre"), (alert.Type, alert.Role, alert.WorkOrder, alert.Department));
        Assert.Contains("Transport", alert.Explanation.En);
        Assert.Equal(0, scene.Describe(ActorKind.Department, "command-centre/harbour").GetProperty("escalated").GetInt64());
        Assert.Equal(1, scene.Describe(ActorKind.Department, "transport/harbour").GetProperty("escalated").GetInt64());
    }

    [Fact]
    public void Work_done_before_its_deadline_is_never_reminded_of()
    {
        Act("harbour-1-w1", "complete", "transport", "false-alarm");
        Assert.Empty(scene.Reminders);
        scene.AdvanceTo(Due.AddDays(60));
        Assert.Equal(["work-order", "completed", "case-closed"], Types("transport"));
        Assert.False(Order("harbour-1-w1").Overdue);
    }

    [Fact]
    public void A_reminder_that_crosses_the_completion_or_comes_early_or_twice_changes_nothing()
    {
        Remind("due:w1");
        Assert.Equal(["work-order"], Types("transport"));

        scene.AdvanceTo(Due);
        string states = scene.AllStates();
        Remind("due:w1");
        Assert.Equal(states, scene.AllStates());

        Act("harbour-1-w1", "complete", "transport", "confirmed");
        states = scene.AllStates();
        Remind("due:w1");
        Remind("due:w99");
        Assert.Equal(states, scene.AllStates());
    }

    [Fact]
    public void Work_done_late_stays_marked_and_counts_as_late()
    {
        scene.AdvanceTo(Due.AddHours(1));
        Act("harbour-1-w1", "complete", "transport", "confirmed");
        Assert.True(Order("harbour-1-w1").Overdue);
        Assert.False(Row().Overdue);
        var figures = scene.Describe(ActorKind.Department, "transport/harbour");
        Assert.Equal((1, 1, 1, 0), (figures.GetProperty("completed").GetInt64(), figures.GetProperty("completedLate").GetInt64(), figures.GetProperty("overdue").GetInt64(), figures.GetProperty("open").GetInt64()));
        scene.AdvanceTo(Due.AddDays(5));
        Assert.DoesNotContain("urge", Types("transport"));
    }

    [Fact]
    public void After_an_outage_the_deadline_is_told_once_and_missed_urgings_are_not_made_up_for()
    {
        scene.SleepTo(Due.AddHours(50));
        Assert.Equal(["work-order", "overdue"], Types("transport"));
        Assert.Equal(Due.AddHours(72), scene.Reminders.Single(reminder => reminder.Name == "due:w1").Due);

        scene.SleepTo(Due.AddDays(30));
        Assert.Equal(["work-order", "overdue", "escalated"], Types("transport"));
    }

    [Fact]
    public void Each_co_handler_has_a_clock_of_its_own()
    {
        Assert.Equal(new DateTimeOffset(2026, 3, 12, 2, 0, 0, TimeSpan.Zero), Order("harbour-1-w2").Deadline);
        Act("harbour-1-w1", "complete", "transport", "confirmed");
        scene.AdvanceTo(new DateTimeOffset(2026, 3, 12, 2, 0, 0, TimeSpan.Zero));
        Assert.Equal(["work-order", "overdue"], Types("streets"));
        Assert.Equal(["work-order"], Types("traffic-police"));

        // The police's ten days count from the capture.
        scene.AdvanceTo(Start.AddDays(10));
        Assert.Equal(["work-order", "overdue"], Types("traffic-police"));
    }

    [Fact]
    public void A_deadline_that_had_passed_before_the_work_order_was_issued_is_overdue_at_once()
    {
        Act("harbour-1-w1", "accept", "transport", null);
        scene.AdvanceTo(Start.AddDays(12));
        Act("harbour-1-w1", "complete", "transport", "confirmed");
        Assert.False(Order("harbour-1-w3").Overdue);
        scene.AdvanceTo(scene.Now);
        Assert.True(Order("harbour-1-w3").Overdue);
        Assert.Equal(["work-order", "overdue"], Types("traffic-police"));
    }

    [Fact]
    public void A_returned_work_order_takes_its_reminder_with_it_and_the_next_has_a_new_one()
    {
        scene.AdvanceTo(Start.AddHours(24));
        Act("harbour-1-w1", "return", "transport", null);
        Assert.DoesNotContain(scene.Reminders, reminder => reminder.Name == "due:w1");
        Assert.Equal(Start.AddHours(72), scene.Reminders.Single(reminder => reminder.Name == "due:w3").Due);
    }

    private void Remind(string name) => scene.Send(ActorKind.Case, "harbour-1", MessageKind.Reminded, Encoding.UTF8.GetBytes(name));

    private CaseRow Row() => scene.Row<CaseRow>(View.Cases, "harbour-1")!;

    private WorkOrderRow Order(string id) => scene.Row<WorkOrderRow>(View.WorkOrders, id)!;

    private string[] Types(string department) => [.. scene.Feed(department, "harbour").Select(alert => alert.Type)];

    private void Act(string order, string action, string department, string? outcome)
    {
        Reply reply = scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnWorkOrder, new WorkOrderAction(order, action, "li", department, null, outcome, null))!;
        Assert.True(reply.Status == ReplyStatus.Done, reply.Text);
    }
}
