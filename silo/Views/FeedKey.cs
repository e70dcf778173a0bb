using System.Globalization;

namespace Streaming.Silo.Views;

/// <summary>Key of a feed item: <c>{department}/{district}/{number}</c>; what stands before the last slash names the feed.</summary>
internal static class FeedKey
{
    public static bool TrySplit(string key, out string feed, out long number)
    {
        int slash = key.LastIndexOf('/');
        feed = slash > 0 ? key[..slash] : "";
        number = 0;
        return slash > 0 && long.TryParse(key.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;
    }
}
