using Streaming.Grains.Messages;

namespace Streaming.Ingest.Mqtt;

/// <summary>Which feed a topic filter means, for the one who asks. Filters are <c>v1/departments/{department}/{district}/alerts</c> and what covers them.</summary>
internal static class SubscriptionRules
{
    private const string WholeCity = "*";

    /// <summary>
    /// False where the filter names no feed, or one that this token may not see. A token reads its own department; without a department, an administrator or supervisor reads any. Its
    /// district is the most it sees: a wildcard there means all of that and no more.
    /// </summary>
    public static bool TryResolve(TokenRegistration? token, string filter, out string feed)
    {
        feed = "";
        string[] levels = filter.Split('/');
        if (token is null || levels.Length < 4 || levels[0] != "v1" || levels[1] != "departments")
        {
            return false;
        }

        string department = levels[2];
        if (department is "" or "+" or "#" || !MayRead(token, department))
        {
            return false;
        }

        string district = levels[3];
        bool allBelow = levels.Length == 4 && district == "#";
        bool alerts = levels.Length == 5 && (levels[4] is "alerts" or "+" or "#");
        if (!allBelow && !alerts)
        {
            return false;
        }

        if (district is "+" or "#")
        {
            feed = $"{department}/{token.District}";
            return true;
        }

        // "*" is how a feed over the whole city is named, not a district, and no topic has it.
        if (district is "" or WholeCity || (token.District != WholeCity && token.District != district))
        {
            return false;
        }

        feed = $"{department}/{district}";
        return true;
    }

    /// <summary>Topic of a feed item.</summary>
    public static string TopicOf(string department, string district) => $"v1/departments/{department}/{district}/alerts";

    /// <summary>Department of a feed.</summary>
    public static string DepartmentOf(string feed) => feed[..feed.IndexOf('/', StringComparison.Ordinal)];

    private static bool MayRead(TokenRegistration token, string department) =>
        token.Department is null ? token.Role is "administrator" or "supervisor" : token.Department == department;
}
