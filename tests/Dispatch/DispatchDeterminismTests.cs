using System.Globalization;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Dispatch;

/// <summary>
/// One script through every actor of dispatch and access: reloading actors between turns or not, and another culture, must give the same states and the same effects, byte for byte.
/// </summary>
public class DispatchDeterminismTests
{
    private static readonly DateTimeOffset Start = new(2026, 2, 12, 2, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_same_messages_give_the_same_states_and_effects(int seed)
    {
        (string States, string Effects) reloaded = Run(seed, reload: true);
        (string States, string Effects) resident = Run(seed, reload: false);
        Assert.Equal(reloaded.Effects, resident.Effects);
        Assert.Equal(reloaded.States, resident.States);

        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            other.NumberFormat.NumberDecimalSeparator = ",";
            other.NumberFormat.NegativeSign = "~";
            other.DateTimeFormat.DateSeparator = "#";
            other.DateTimeFormat.TimeSeparator = ";";
            CultureInfo.CurrentCulture = other;
            (string States, string Effects) abroad = Run(seed, reload: true);
            Assert.Equal(reloaded.Effects, abroad.Effects);
            Assert.Equal(reloaded.States, abroad.States);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void Whatever_happens_there_is_one_open_case_a_key_and_no_hole_in_a_feed(int seed)
    {
        Scene scene = Play(seed, reload: true);
        CaseRow[] cases = scene.Rows<CaseRow>(View.Cases);
        CaseRow[] open = [.. cases.Where(row => row.State == "open")];
        Assert.True(cases.Length > open.Length, $"Seed {seed} closed no case.");
        Assert.Equal(open.Length, open.Select(row => (row.SubjectKind, row.Subject, row.Kind)).Distinct().Count());
        Assert.Equal(open.Length, scene.RowCount(ActorKind.Dispatcher, "harbour"));
        WorkOrderRow[] orders = scene.Rows<WorkOrderRow>(View.WorkOrders);
        foreach (CaseRow row in cases)
        {
            bool isOpen = row.State == "open";
            Assert.Equal(isOpen ? 1 : 0, orders.Count(order => order.Case == row.Id && order.Role == "lead" && order.Stage == row.Stage && order.State is "issued" or "accepted"));
        }

        foreach (string department in CityRules.Shipped.Departments.Select(known => known.Id).Where(id => scene.Exists(ActorKind.Department, $"{id}/harbour")))
        {
            // What the feed says adds up to what waits in the lists.
            List<Alert> feed = scene.Feed(department, "harbour");
            long waiting = orders.Count(order => order.Department == department && order.State is "issued" or "accepted");
            Assert.Equal(waiting, scene.Describe(ActorKind.Department, $"{department}/harbour").GetProperty("open").GetInt64());
            Assert.Equal(feed.Count, scene.Feed(department, "*").Count);
        }
    }

    private static (string States, string Effects) Run(int seed, bool reload)
    {
        Scene scene = Play(seed, reload);
        return (scene.AllStates(), scene.Transcript.ToString());
    }

    private static Scene Play(int seed, bool reload)
    {
        Scene scene = new(CityRules.Shipped, Start) { Reload = reload };
        Random random = new(seed);
        string[] actions = ["accept", "complete", "complete", "complete", "return", "comment"];
        string[] outcomes = ["confirmed", "false-alarm", "penalty", "corrected", "handled", "notified", "insufficient-evidence", "ecology"];
        for (int step = 0; step < 250; step++)
        {
            switch (random.Next(6))
            {
                case 0 or 1:
                    Warning warning = random.Next(2) == 0
                        ? Warnings.Overload(scene.Now, $"{"粤湘桂"[random.Next(3)]}A{random.Next(4)}-yellow", random.Next(1, 5), random.Next(8) > 0, step, count: step)
                        : Warnings.Tank(scene.Now, $"E{random.Next(3)}", random.Next(1, 5));
                    ActorKind subject = warning.SubjectKind == "vehicle" ? ActorKind.Vehicle : ActorKind.Enterprise;
                    scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, new WarningChanged((WarningChange)random.Next(1, 4), subject, warning));
                    break;
                case 2 or 3 or 4:
                    WorkOrderRow[] open = [.. scene.Rows<WorkOrderRow>(View.WorkOrders).Where(order => order.State is "issued" or "accepted")];
                    if (open.Length > 0)
                    {
                        WorkOrderRow order = open[random.Next(open.Length)];
                        scene.Send(
                            ActorKind.Case,
                            order.Case,
                            MessageKind.ActOnWorkOrder,
                            new WorkOrderAction(order.Id, actions[random.Next(actions.Length)], "王", order.Department, $"note {step}", outcomes[random.Next(outcomes.Length)], null));
                    }

                    break;
                default:
                    scene.AdvanceTo(scene.Now.AddMinutes(random.Next(1, 3000)));
                    break;
            }

            if (step % 40 == 0)
            {
                scene.Send(ActorKind.Session, "t1/c", MessageKind.SubscribeSession, new SessionSubscribed($"f{step % 3}", "transport/*", step, 1));
                scene.Send(ActorKind.Session, "t1/c", MessageKind.AcknowledgeSession, new SessionAcknowledged($"f{step % 2}", step * 2));
                scene.Send(ActorKind.Token, $"t{step}", MessageKind.IssueToken, new TokenRegistration($"t{step}", "member", "transport", "*", "sha256:00", 0));
            }
        }

        return scene;
    }
}
