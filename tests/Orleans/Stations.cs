using System.Text;
using Streaming.Grains.Messages;
using Streaming.Ingest;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>Weigh stations under a seed. They remember what was acknowledged to them, and send again what was not.</summary>
internal sealed class Stations(TimeProvider time, int seed = 1)
{
    private const int Vehicles = 24;

    private readonly Random random = new(seed);
    private readonly SourceContext[] sources = [.. new[] { "harbour", "central" }.Select((district, i) => new SourceContext(new SourceRegistration($"S{i + 1:D2}", "wim", [$"v1/wim/S{i + 1:D2}/+"], district, 5, "sha256:00")))];
    private readonly List<Publish> waiting = [];
    private int made;

    /// <summary>Distinct readings acknowledged, by vehicle.</summary>
    public SortedDictionary<string, HashSet<string>> Acknowledged { get; } = new(StringComparer.Ordinal);

    /// <summary>Vehicles of which an overload was acknowledged.</summary>
    public SortedSet<string> Overloaded { get; } = new(StringComparer.Ordinal);

    public static string Vehicle(int number) => $"粤H{number:D5}-yellow";

    /// <summary>One reading, acknowledged.</summary>
    public async Task<long> WeighAsync(CityRun run, int vehicle, bool over = false)
    {
        waiting.Add(Make([(vehicle, over)]));
        return await SendAsync(run);
    }

    /// <summary>So many publishes of one to twelve readings each, at random, all acknowledged.</summary>
    public async Task PublishAsync(CityRun run, int publishes)
    {
        Make(publishes);
        await SendAsync(run);
    }

    /// <summary>The same, while <paramref name="meanwhile"/> happens, which may be the end of the run: what is not acknowledged then is sent to the next.</summary>
    public async Task PublishAsync(CityRun run, int publishes, Func<Task> meanwhile)
    {
        Make(publishes);
        Task sending = Task.Run(async () =>
        {
            foreach (Publish publish in waiting.ToList())
            {
                try
                {
                    await SendAsync(run, publish);
                }
                catch (Exception) when (run.Crashed)
                {
                    return;
                }
            }
        });
        await meanwhile();
        await sending.WaitAsync(Waits.Longest);
    }

    /// <summary>Sends what was not acknowledged, and returns the journal's position then.</summary>
    public async Task<long> SendAsync(CityRun run)
    {
        long position = 0;
        foreach (Publish publish in waiting.ToList())
        {
            position = await SendAsync(run, publish);
        }

        return position;
    }

    private async Task<long> SendAsync(CityRun run, Publish publish)
    {
        Appended appended = await run.Host.AppendAsync(publish.Record, CancellationToken.None);
        if (appended.Refusal is { } refusal)
        {
            throw new InvalidOperationException($"A reading was refused: {refusal}");
        }

        await run.Host.WaitDurableAsync(appended.LastPosition).AsTask().WaitAsync(Waits.Longest);
        waiting.Remove(publish);
        foreach ((string vehicle, string id, bool over) in publish.Readings)
        {
            if (!Acknowledged.TryGetValue(vehicle, out HashSet<string>? ids))
            {
                Acknowledged.Add(vehicle, ids = []);
            }

            ids.Add(id);
            if (over)
            {
                Overloaded.Add(vehicle);
            }
        }

        return appended.LastPosition;
    }

    private void Make(int publishes)
    {
        for (int i = 0; i < publishes; i++)
        {
            waiting.Add(Make([.. Enumerable.Range(0, random.Next(4) == 0 ? random.Next(2, 13) : 1).Select(_ =>
            {
                int vehicle = random.Next(Vehicles);
                return (vehicle, vehicle % 3 == 0 && random.Next(5) == 0);
            })]));
        }
    }

    private Publish Make((int Vehicle, bool Over)[] readings)
    {
        SourceContext source = sources[random.Next(sources.Length)];
        List<(string, string, bool)> truth = [];
        StringBuilder json = new("[");
        foreach ((int vehicle, bool over) in readings)
        {
            string id = $"{source.Registration.Id}-{++made}";
            int massKg = over ? 30_000 : 6_000;
            json.Append(truth.Count == 0 ? "" : ",").Append($$"""{"id":"{{id}}","at":"{{time.GetUtcNow().AddMilliseconds(-random.Next(240_000)):yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤H{{vehicle:D5}}","plateColor":"yellow","grossKg":{{2 * massKg}},"vehicleClass":"combination","axles":[{"massKg":{{massKg}},"offsetM":0},{"massKg":{{massKg}},"offsetM":4}]}""");
            truth.Add((Vehicle(vehicle), id, over));
        }

        json.Append(']');
        ByteWriter record = new();
        EncodeOutcome outcome = PublishEncoder.Encode(record, source, Encoding.UTF8.GetBytes($"v1/wim/{source.Registration.Id}/1"), Encoding.UTF8.GetBytes(json.ToString()), time.GetUtcNow().ToUnixTimeMilliseconds());
        Assert.Equal(readings.Length, outcome.Accepted);
        return new Publish(record.Written.ToArray(), truth);
    }

    private sealed record Publish(byte[] Record, List<(string Vehicle, string Id, bool Over)> Readings);
}
