using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Silo.Views;
using Streaming.Tests.Parity;
using Xunit;

namespace Streaming.Tests.History;

/// <summary>What somebody was shown: who was asked for, when, and the JSON; null where nothing was known.</summary>
internal sealed record Shown(DateTimeOffset At, ActorKind Kind, string Key, string? Json);

/// <summary>
/// Some days of a city under a seed and virtual time: weighings, telemetry and ledgers, alone and in arrays, late, shuffled and repeated; an enterprise with more tanks than its state holds; departments that work on
/// their orders; deadlines that pass; crashes, restarts and a change of the rulebook. Now and then somebody asks for a state, and what was shown is noted.
/// </summary>
internal sealed class CityLife(ParityData data, int seed, bool newRules = true)
{
    private const int Vehicles = 30;
    private const int Tanks = 60;
    private const string Enterprise = "91441200MA5079199R";
    private readonly Random random = new(seed);
    private readonly Dictionary<string, SourceContext> sources = [];
    private readonly List<(string Source, string Topic, string Payload)> sent = [];
    private ParityStage stage = null!;
    private int made;

    public List<Shown> Moments { get; } = [];

    public int Restarts { get; private set; }

    private DateTimeOffset Now => data.Time.GetUtcNow();

    public static string Vehicle(int number) => string.Create(CultureInfo.InvariantCulture, $"粤H{number:D5}-yellow");

    /// <summary>Lives until so many moments were asked at, that far apart on average, and stops in order.</summary>
    public async Task LiveAsync(int moments, TimeSpan apart, params IReadOnlyList<OpenParityHost> hosts)
    {
        stage = await ParityStage.OpenAsync(data, ParityScript.Rulebook(), hosts);
        try
        {
            await RegisterAsync("S01", "wim", "harbour", "v1/wim/S01/+");
            await RegisterAsync("S02", "wim", "central", "v1/wim/S02/+");
            await RegisterAsync("G01", "telematics", "harbour", "v1/hazmat/vehicle/+");
            await RegisterAsync("P01", "plant", "chemical-park", $"v1/hazmat/plant/{Enterprise}/+");
            await RegisterAsync("L01", "register", "chemical-park", "v1/ledger/+");
            await RegisterAsync("C01", "camera", "central", "v1/video/C01");
            while (Moments.Count < moments)
            {
                await stage.Host.AdvanceAsync(Now.AddMilliseconds(1 + random.NextInt64((long)(2 * apart.TotalMilliseconds))));
                await stage.Host.SettleAsync();
                for (int inputs = random.Next(4); inputs > 0; inputs--)
                {
                    await ActAsync();
                    if (!newRules)
                    {
                        // Who compares two runs wants one input to be over before the next.
                        await stage.Host.SettleAsync();
                    }
                }

                int end = random.Next(60);
                if (end < 3)
                {
                    Restarts++;
                    if (end == 0)
                    {
                        await stage.Host.SettleAsync();
                    }

                    await stage.RestartAsync(inOrder: end == 0, newRules && end == 1 && random.Next(4) == 0 ? ParityScript.Rulebook(random.Next(2) == 0 ? "city-2" : null) : null);
                }

                await stage.Host.SettleAsync();
                await AskAsync();
            }

            await stage.Host.CloseAsync(inOrder: true);
        }
        finally
        {
            await stage.DisposeAsync();
        }
    }

    private async Task AskAsync()
    {
        CaseRow[] cases = await RowsAsync<CaseRow>(View.Cases);
        (ActorKind kind, string key) = random.Next(20) switch
        {
            < 12 => (ActorKind.Vehicle, Vehicle(random.Next(Vehicles + 2))),
            < 14 => (ActorKind.Enterprise, Enterprise),
            < 15 => (ActorKind.Place, "camera:C01"),
            < 17 => (ActorKind.Source, sources.Keys.Order(StringComparer.Ordinal).ElementAt(random.Next(sources.Count))),
            < 18 => (ActorKind.Dispatcher, "harbour"),
            _ when cases.Length > 0 => (ActorKind.Case, cases[random.Next(cases.Length)].Id),
            _ => (ActorKind.Case, "harbour-99999"),
        };
        byte[]? json = await stage.Host.DescribeAsync(kind, key);
        Moments.Add(new Shown(Now, kind, key, json is null ? null : Encoding.UTF8.GetString(json)));
    }

    private Task ActAsync() => random.Next(100) switch
    {
        < 30 => WeighAsync(),
        < 50 => PublishAsync("G01", $"v1/hazmat/vehicle/粤H{random.Next(Vehicles):D5}-yellow", Elements(random.Next(1, 6), Telemetry)),
        < 75 => PublishAsync("P01", $"v1/hazmat/plant/{Enterprise}/T{random.Next(Tanks):D2}", Elements(random.Next(1, 4), Tank)),
        < 82 => PublishAsync("L01", $"v1/ledger/{Enterprise}", Elements(random.Next(1, 4), Ledger)),
        < 87 => PublishAsync("C01", "v1/video/C01", Elements(1, Smoke)),
        < 92 when sent.Count > 0 => AgainAsync(),
        < 98 => WorkAsync(),
        _ => RegisterAsync("S01", "wim", random.Next(2) == 0 ? "harbour" : "central", "v1/wim/S01/+"),
    };

    private Task WeighAsync()
    {
        string source = random.Next(2) == 0 ? "S01" : "S02";
        int only = random.Next(3) == 0 ? random.Next(Vehicles) : -1;
        return PublishAsync(source, $"v1/wim/{source}/1", Elements(random.Next(3) == 0 ? random.Next(1, 30) : 1, (id, at) =>
        {
            int vehicle = only >= 0 ? only : random.Next(Vehicles);
            int axleKg = vehicle % 3 == 0 && random.Next(4) == 0 ? 30_000 : 6_000;
            string confidence = random.Next(10) == 0 ? ",\"plateConfidence\":0.5" : "";
            return $$"""{"id":"{{id}}","at":"{{at}}","plate":"粤H{{vehicle:D5}}","plateColor":"yellow"{{confidence}},"grossKg":{{2 * axleKg}},"vehicleClass":"combination","axles":[{"massKg":{{axleKg}},"offsetM":0},{"massKg":{{axleKg}},"offsetM":4}]}""";
        }));
    }

    private string Telemetry(string id, string at) =>
        $$$"""{"id":"{{{id}}}","at":"{{{at}}}","position":{"lat":23.1,"lon":112.4},"speedKmh":{{{random.Next(90)}}},"tank":{"pressureKpa":{{{random.Next(400, 1500)}}},"temperatureC":31.2,"levelPct":{{{random.Next(100)}}},"valve":"{{{(random.Next(8) == 0 ? "open" : "closed")}}}"}}""";

    private string Tank(string id, string at) =>
        $$$"""{"id":"{{{id}}}","at":"{{{at}}}","substance":"UN1017","pressureKpa":{{{random.Next(600, 1500)}}},"temperatureC":24.8,"massKg":{{{random.Next(40_000)}}},"gasPpm":{{{(random.Next(6) == 0 ? "1.4" : "0.1")}}}}""";

    private string Ledger(string id, string at) =>
        $$$"""{"id":"{{{id}}}","at":"{{{at}}}","action":"{{{(random.Next(2) == 0 ? "produce" : "ship")}}}","substance":"UN{{{random.Next(1000, 1050)}}}","massKg":{{{random.Next(1, 500)}}}}""";

    private string Smoke(string id, string at) => $$"""{"id":"{{id}}","at":"{{at}}","event":"{{(random.Next(3) == 0 ? "fire" : "smoke")}}","confidence":0.9}""";

    /// <summary>An object, or an array in any order; one in ten was taken up to two days ago.</summary>
    private string Elements(int count, Func<string, string, string> element)
    {
        List<string> elements = [];
        for (int i = 0; i < count; i++)
        {
            DateTimeOffset at = Now.AddMilliseconds(-random.NextInt64(random.Next(10) == 0 ? 48 * 3_600_000L : 200_000L));
            string id = string.Create(CultureInfo.InvariantCulture, $"r{++made}");
            elements.Add(element(id, at.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)));
        }

        return count == 1 ? elements[0] : $"[{string.Join(',', elements)}]";
    }

    private async Task PublishAsync(string source, string topic, string payload)
    {
        sent.Add((source, topic, payload));
        ByteWriter record = new();
        EncodeOutcome outcome = PublishEncoder.Encode(record, sources[source], Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload), Now.ToUnixTimeMilliseconds());
        Assert.True(outcome.Accepted > 0, outcome.FirstDetail);
        Appended appended = await stage.Host.AppendAsync(record.Written.ToArray());
        Assert.Null(appended.Refusal);
    }

    /// <summary>A station that sends what it was acknowledged once more.</summary>
    private Task AgainAsync()
    {
        (string source, string topic, string payload) = sent[random.Next(sent.Count)];
        return PublishAsync(source, topic, payload);
    }

    private async Task RegisterAsync(string id, string kind, string district, string topic)
    {
        SourceRegistration registration = new(id, kind, [topic], district, kind == "wim" ? 5 : null, "sha256:00");
        sources[id] = new SourceContext(registration);
        await stage.Host.CommandAsync(ActorKind.Source, id, MessageKind.RegisterSource, JsonSerializer.SerializeToUtf8Bytes(registration, GrainsJson.Default.SourceRegistration));
    }

    private async Task WorkAsync()
    {
        await stage.Host.SettleAsync();
        WorkOrderRow[] open = [.. (await RowsAsync<WorkOrderRow>(View.WorkOrders)).Where(row => row.State is "issued" or "accepted")];
        if (open.Length == 0)
        {
            return;
        }

        WorkOrderRow order = open[random.Next(open.Length)];
        string doing = random.Next(4) switch { 0 => "comment", 1 => "accept", _ => "complete" };
        WorkOrderAction action = new(order.Id, doing, "clerk", order.Department, "as seen", null, null);
        await stage.Host.CommandAsync(ActorKind.Case, order.Case, MessageKind.ActOnWorkOrder, JsonSerializer.SerializeToUtf8Bytes(action, GrainsJson.Default.WorkOrderAction));
    }

    private async Task<T[]> RowsAsync<T>(View view) where T : class =>
        [.. (await stage.Host.Lists.ListAsync(new ViewQuery(view) { Limit = ViewLimits.PageRows }, CancellationToken.None)).Items.Select(row => (T)JsonSerializer.Deserialize(row, typeof(T), GrainsJson.Default)!)];
}
