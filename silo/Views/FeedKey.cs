using System.Globalization;

namespace Streaming.Silo.Views;

/// <summary>Key of a feed item: <c>{department}/{district}/{number}</c>, or of a resource's way back <c>$resources/{id}/{number}</c>; what stands before the last slash names the feed. Messages of a queue have keys of the same form, with the session's.</summary>
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
