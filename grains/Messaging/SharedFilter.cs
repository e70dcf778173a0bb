namespace Streaming.Grains.Messaging;

/// <summary>MQTT 5.0 section 4.8.2: <c>$share/{name}/{filter}</c>, a subscription that its group of sessions has together.</summary>
public static class SharedFilter
{
    private const string Prefix = "$share/";

    public static bool Is(string filter) => filter.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Takes it apart; false where a part is missing, or the name has a wildcard.</summary>
    public static bool TrySplit(string filter, out string name, out string inner)
    {
        name = inner = "";
        int slash = Is(filter) ? filter.IndexOf('/', Prefix.Length) : -1;
        if (slash <= Prefix.Length || slash == filter.Length - 1)
        {
            return false;
        }

        name = filter[Prefix.Length..slash];
        inner = filter[(slash + 1)..];
        return name.AsSpan().IndexOfAny('+', '#') < 0;
    }

    /// <summary>The filter that topics are matched with: the inner one of a shared one, any other itself.</summary>
    public static string Inner(string filter) => TrySplit(filter, out _, out string inner) ? inner : filter;
}
