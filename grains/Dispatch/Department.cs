using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Dispatch;

/// <summary>What a department keeps: the number of its newest feed item, and its figures.</summary>
internal sealed class DepartmentState
{
    public long Last { get; set; }

    public long Issued { get; set; }

    public long Completed { get; set; }

    /// <summary>Of the completed ones, those that were completed after their deadline.</summary>
    public long CompletedLate { get; set; }

    public long Returned { get; set; }

    public long Withdrawn { get; set; }

    /// <summary>Deadlines missed, whether or not the work was done later.</summary>
    public long Overdue { get; set; }

    public long Escalated { get; set; }

    /// <summary>Work orders that wait for the department now.</summary>
    public long Open { get; set; }
}

/// <summary>
/// Numbers what a department is told and shows it in its feed. The number is counted in the state and the row carries it, in one turn: replaying the turn gives the
/// same number, so the feed rises by one without a hole and no item ever changes its number. The key <c>{department}/*</c> is the department's feed over the whole city,
/// with numbers of its own; every alert goes to it as well. What a street is told, it hands to its district, whose feed so tells everything of its streets.
/// </summary>
public sealed class Department : Actor
{
    private const byte StateVersion = 1;
    private DepartmentState state = new();

    public override bool Exists => state.Last > 0;

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        if (message.Kind != MessageKind.AlertIssued)
        {
            throw new InvalidDataException($"A department does not handle {message.Kind}.");
        }

        Alert alert = message.Read<Alert>() with { Number = ++state.Last };
        Count(alert);
        turn.Effects.Show(View.Feed, $"{turn.Key}/{alert.Number}", alert);
        (string department, string district) = Split(turn.Key);
        if (DistrictPath.IsStreet(district))
        {
            turn.Effects.Tell(ActorKind.Department, $"{department}/{DistrictPath.DistrictOf(district)}", MessageKind.AlertIssued, alert);
        }
    }

    public override void Write(ByteWriter writer) => StateJson.Write(writer, StateVersion, state, DispatchJson.Default.DepartmentState);

    public override void Read(ref ByteReader reader) => state = StateJson.Read(ref reader, StateVersion, DispatchJson.Default.DepartmentState);

    public override void Describe(Utf8JsonWriter json, string key)
    {
        (string department, string district) = Split(key);
        json.WriteStartObject();
        json.WriteString("id", key);
        json.WriteString("department", department);
        json.WriteString("district", district);
        json.WriteNumber("last", state.Last);
        json.WriteNumber("issued", state.Issued);
        json.WriteNumber("open", state.Open);
        json.WriteNumber("completed", state.Completed);
        json.WriteNumber("completedLate", state.CompletedLate);
        json.WriteNumber("returned", state.Returned);
        json.WriteNumber("withdrawn", state.Withdrawn);
        json.WriteNumber("overdue", state.Overdue);
        json.WriteNumber("escalated", state.Escalated);
        json.WriteEndObject();
    }

    private static (string Department, string District) Split(string key)
    {
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (key, "") : (key[..slash], key[(slash + 1)..]);
    }

    /// <summary>Copies of others' alerts (a co-handler's return as the lead sees it, an escalation as the command centre sees it) are not of this department's own work.</summary>
    private void Count(Alert alert)
    {
        bool own = alert.Role is Roles.Lead or Roles.CoHandler;
        switch (alert.Type)
        {
            case AlertTypes.WorkOrder:
                state.Issued++;
                state.Open++;
                break;
            case AlertTypes.Completed:
                state.Completed++;
                state.CompletedLate += alert.Deadline < alert.At ? 1 : 0;
                state.Open--;
                break;
            case AlertTypes.Returned when own:
                state.Returned++;
                state.Open--;
                break;
            case AlertTypes.Withdrawn:
                state.Withdrawn++;
                state.Open--;
                break;
            case AlertTypes.Lapsed when own:
                state.Overdue++;
                state.Open--;
                break;
            case AlertTypes.Overdue:
                state.Overdue++;
                break;
            case AlertTypes.Escalated when own:
                state.Escalated++;
                break;
        }
    }
}
