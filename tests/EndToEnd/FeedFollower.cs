using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Streaming.Tests.EndToEnd;

/// <summary>
/// A department that watches its alerts over SSE: when the stream breaks it comes again with the number of the last one it saw, as a browser does. It throws where a number is left out or comes twice.
/// </summary>
internal sealed class FeedFollower(SiloProcess silo, string department, string token)
{
    private readonly Lock gate = new();
    private readonly List<string> items = [];

    /// <summary>Address of the stream; the department's alerts where nothing is said.</summary>
    public string Path { get; init; } = $"/api/departments/{department}/alerts";

    /// <summary>What came, in order; the item with number n is at n - 1.</summary>
    public IReadOnlyList<string> Items
    {
        get
        {
            lock (gate)
            {
                return [.. items];
            }
        }
    }

    public int Count
    {
        get
        {
            lock (gate)
            {
                return items.Count;
            }
        }
    }

    /// <summary>How often the stream broke.</summary>
    public int Breaks { get; private set; }

    /// <summary>One item as it came, parsed.</summary>
    public JsonElement Parse(int index)
    {
        lock (gate)
        {
            return JsonSerializer.Deserialize<JsonElement>(items[index]);
        }
    }

    /// <summary>Follows until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(cancellation);
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException)
            {
                // Killed, or not up again yet, or the test is over.
            }

            Breaks++;
            await Task.Delay(20, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, Path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Add("Last-Event-ID", Count.ToString(CultureInfo.InvariantCulture));
        using HttpResponseMessage answer = await silo.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        answer.EnsureSuccessStatusCode();
        using StreamReader reader = new(await answer.Content.ReadAsStreamAsync(cancellation));
        long number = 0;
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                number = long.Parse(line[4..], CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                lock (gate)
                {
                    if (number != items.Count + 1)
                    {
                        throw new InvalidOperationException($"The feed {Path} goes on with number {number} after {items.Count}.");
                    }

                    items.Add(line[6..]);
                }
            }
        }
    }
}
