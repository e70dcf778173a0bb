using Streaming.Silo.Access;

namespace Streaming.Silo.Catalogue;

/// <summary>How often somebody looked at what a resource said.</summary>
internal sealed record ResourceLookUp(DateOnly Day, string Consumer, long Uses);

/// <summary>
/// Look-ups over the API by resource, day (UTC) and consumer, which is the caller's department, or its role where it names none. In memory alone and of the last days: a read changes nothing that is journaled, and a record for each would make reading
/// as dear as writing. A restart begins anew, and <see cref="Since"/> says when that was.
/// </summary>
internal sealed class ResourceLookUps(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<DateOnly, Dictionary<(string Resource, string Consumer), long>> days = [];

    public DateTimeOffset Since { get; } = time.GetUtcNow();

    /// <summary>Counts one look-up of what each of these resources said. Beyond the bound of a day, who is not counted yet is not counted.</summary>
    public void Count(IEnumerable<string> resources, Principal caller)
    {
        string consumer = caller.Department is { } department ? Views.ResourceUseTable.Department + department : "role:" + Roles.Name(caller.Role);
        DateOnly today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        lock (gate)
        {
            if (!days.TryGetValue(today, out Dictionary<(string Resource, string Consumer), long>? counts))
            {
                days[today] = counts = [];
                while (days.Count > SiloLimits.LookUpDays)
                {
                    days.Remove(days.First().Key);
                }
            }

            foreach (string resource in resources)
            {
                if (counts.TryGetValue((resource, consumer), out long known) || counts.Count < SiloLimits.LookUpsADay)
                {
                    counts[(resource, consumer)] = known + 1;
                }
            }
        }
    }

    /// <summary>Newest day first.</summary>
    public IReadOnlyList<ResourceLookUp> Of(string resource)
    {
        lock (gate)
        {
            return
            [
                .. days.Reverse().SelectMany(day => day.Value.Where(each => each.Key.Resource == resource).OrderBy(each => each.Key.Consumer, StringComparer.Ordinal)
                    .Select(each => new ResourceLookUp(day.Key, each.Key.Consumer, each.Value))),
            ];
        }
    }
}
