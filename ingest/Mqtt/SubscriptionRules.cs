using Streaming.Grains.Access;
using Streaming.Grains.Messages;

namespace Streaming.Ingest.Mqtt;

/// <summary>Which feed a topic filter means, for the one who asks. Filters are <c>v1/departments/{department}/{district}/alerts</c> and what covers them.</summary>
internal static class SubscriptionRules
{
    /// <summary>
    /// False where the filter names no feed, or one that this token may not see (<see cref="TokenScope"/>). A wildcard in place of the district means all that it sees and no more.
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
        TokenScope scope = TokenScope.Of(token);

        // What begins with $ are feeds of another kind, with rules of their own (ResourceFeeds); no department is called so.
        if (department is "" or "+" or "#" || department[0] == '$' || !scope.HasDepartment(department))
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
            feed = $"{department}/{scope.District ?? TokenScope.WholeCity}";
            return true;
        }

        // "*" is how a feed over the whole city is named, not a district, and no topic has it.
        if (district is "" or TokenScope.WholeCity || !scope.HasDistrict(district))
        {
            return false;
        }

        feed = $"{department}/{district}";
        return true;
    }

    /// <summary>Whether this token may see the feed.</summary>
    public static bool MayReadFeed(TokenRegistration? token, string feed)
    {
        (string department, string district) = Split(feed);
        return token is not null && TokenScope.Of(token).Has(department, district);
    }

    /// <summary>Topic of a feed's item.</summary>
    /// <param name="of">District that the item concerns.</param>
    public static string TopicOf(string feed, string of)
    {
        (string department, string district) = Split(feed);
        return $"v1/departments/{department}/{(district == TokenScope.WholeCity ? of : district)}/alerts";
    }

    private static (string Department, string District) Split(string feed)
    {
        int slash = feed.IndexOf('/', StringComparison.Ordinal);
        return (feed[..slash], feed[(slash + 1)..]);
    }
}
