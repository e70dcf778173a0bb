using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Dispatch;

public class DepartmentTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero);
    private readonly Scene scene = new(CityRules.Shipped, Start);

    [Fact]
    public void Numbers_rise_by_one_without_a_hole_and_each_feed_has_its_own()
    {
        for (int i = 0; i < 20; i++)
        {
            string district = i % 3 == 0 ? "north" : "harbour";
            scene.Send(ActorKind.Dispatcher, district, MessageKind.WarningChanged, Warnings.Overload(Start, $"粤A{i:00000}-blue", district: district).Opened());
        }

        Assert.Equal(7, scene.Feed("transport", "north").Count);
        Assert.Equal(13, scene.Feed("transport", "harbour").Count);
        Assert.Equal(20, scene.Feed("transport", "*").Count);
        Assert.Equal(20, scene.Feed("transport", "*").Select(alert => alert.WorkOrder).Distinct().Count());
    }

    [Fact]
    public void Figures_follow_what_happens_to_the_departments_own_work()
    {
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Tank(Start).Opened(ActorKind.Enterprise));
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Tank(Start, "other").Opened(ActorKind.Enterprise));
        Act("harbour-1-w2", "return");
        Act("harbour-1-w3", "complete", "handled");
        Act("harbour-1-w1", "complete", "corrected");

        // Of the lead's own work nothing was returned; it only heard of the co-handler's return.
        Assert.Equal((2, 1, 1, 0, 0), Figures("emergency/harbour"));
        Assert.Equal((2, 1, 0, 1, 0), Figures("fire-rescue/*"));
        Assert.Equal((2, 1, 1, 0, 0), Figures("ecology/harbour"));
        scene.AdvanceTo(Start.AddHours(2));
        Assert.Equal((2, 1, 1, 0, 1), Figures("emergency/harbour"));
        JsonElement described = scene.Describe(ActorKind.Department, "emergency/harbour");
        Assert.Equal(("emergency", "harbour", scene.Feed("emergency", "harbour").Count), (described.GetProperty("department").GetString(), described.GetProperty("district").GetString(), described.GetProperty("last").GetInt32()));
    }

    private void Act(string order, string action, string? outcome = null)
    {
        Reply reply = scene.Send(ActorKind.Case, order[..^3], MessageKind.ActOnWorkOrder, new WorkOrderAction(order, action, "li", null, null, outcome, null))!;
        Assert.True(reply.Status == ReplyStatus.Done, reply.Text);
    }

    private (long Issued, long Open, long Completed, long Returned, long Overdue) Figures(string key)
    {
        JsonElement described = scene.Describe(ActorKind.Department, key);
        long Of(string name) => described.GetProperty(name).GetInt64();
        return (Of("issued"), Of("open"), Of("completed"), Of("returned"), Of("overdue"));
    }
}
