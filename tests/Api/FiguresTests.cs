using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>The city in numbers, for who sees all of it and for who does not.</summary>
public sealed class FiguresTests : IAsyncLifetime
{
    private readonly ManualTime time = new();
    private ApiBench api = null!;
    private int number;

    public async Task InitializeAsync()
    {
        api = await ApiBench.StartAsync(time);
        api.Views.Journal.Show(View.Devices, "S07", Rows.Device("S07"));
        api.Views.Journal.Show(View.Devices, "S30", Rows.Device("S30", district: "north"));
        api.Views.Journal.Show(View.Resources, "S07", Rows.Resource("S07", state: ResourceStates.Silent));
        api.Views.Journal.Show(View.Resources, "S30", Rows.Resource("S30", district: "north", state: ResourceStates.Live));
        api.Views.Journal.Show(View.Warnings, "粤H12345-yellow/over-road-limit/1", Over("S07", "harbour"));
        api.Views.Journal.Show(View.Warnings, "粤A1-yellow/evasion/1", Rows.Warning("粤A1-yellow", "evasion", district: "north", severity: 1));
        api.Views.Journal.Show(View.Cases, "harbour-1", Rows.Case(overdue: true));
        Weigh("S07", "harbour", 3);
        Weigh("S30", "north", 2);
    }

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task Who_sees_the_whole_city_sees_all_of_it()
    {
        time.Advance(TimeSpan.FromSeconds(1));
        JsonElement figures = (await api.GetAsync("/api/city/figures")).Json;
        Assert.Equal([1, 0, 1, 0], figures.GetProperty("bySeverity").EnumerateArray().Select(each => each.GetInt32()));
        Assert.Equal((1, 1), (figures.GetProperty("cases").GetInt32(), figures.GetProperty("overdue").GetInt32()));
        Assert.Equal((5, 1), Day(figures, "today"));
        Assert.Equal((0, 0), Day(figures, "weekAgo"));
        Assert.Equal((0.5, 1), (figures.GetProperty("readingsPerSecond").GetDouble(), figures.GetProperty("silentSources").GetInt32()));
        Assert.Equal(2, figures.GetProperty("districts").GetArrayLength());

        // Ten seconds on, nothing has come in.
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(0, (await api.GetAsync("/api/city/figures")).Json.GetProperty("readingsPerSecond").GetDouble());
    }

    [Fact]
    public async Task Who_is_kept_to_a_district_or_a_department_has_what_is_theirs_and_none_of_the_citys()
    {
        JsonElement north = (await api.GetAsync("/api/city/figures", await api.TokenAsync("n", "operator", district: "north"))).Json;
        Assert.Equal([1, 0, 0, 0], north.GetProperty("bySeverity").EnumerateArray().Select(each => each.GetInt32()));
        Assert.Equal((2, 0), Day(north, "today"));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (north.GetProperty("readingsPerSecond").ValueKind, north.GetProperty("silentSources").ValueKind));
        JsonElement member = (await api.GetAsync("/api/city/figures", await api.TokenAsync("m", "member", "transport"))).Json;
        Assert.Equal([0, 0, 1, 0], member.GetProperty("bySeverity").EnumerateArray().Select(each => each.GetInt32()));
        Assert.Equal(JsonValueKind.Null, member.GetProperty("silentSources").ValueKind);
    }

    [Fact]
    public async Task What_is_weighed_today_is_held_against_the_same_day_of_the_week_before()
    {
        time.Advance(TimeSpan.FromDays(7));
        JsonElement figures = (await api.GetAsync("/api/city/figures")).Json;
        Assert.Equal((0, 0), Day(figures, "today"));
        Assert.Equal((5, 1), Day(figures, "weekAgo"));
    }

    [Fact]
    public async Task Live_figures_say_the_same_and_come_again_though_nothing_is_opened_or_closed()
    {
        using ApiBench.LiveStream stream = await api.ListenAsync("/api/city/figures/live");
        (_, string name, JsonElement first) = await stream.NextEventAsync();
        Assert.Equal(("figures", 5), (name, Day(first, "today").Weighed));
        Assert.Equal(1, first.GetProperty("silentSources").GetInt32());
        Task<(long, string, JsonElement Data)> next = stream.NextEventAsync();
        while (!next.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        Assert.Equal(1, (await next).Data.GetProperty("overdue").GetInt32());
    }

    private static (int Weighed, int Over) Day(JsonElement figures, string day)
    {
        JsonElement of = figures.GetProperty("overloadRate").GetProperty(day);
        return (of.GetProperty("weighed").GetInt32(), of.GetProperty("over").GetInt32());
    }

    private Warning Over(string station, string district) =>
        Rows.Warning(district: district) with { Evidence = new Evidence([new CitedReading(station, "r", time.GetUtcNow())], new(StringComparer.Ordinal), null, null) };

    private void Weigh(string station, string district, int readings)
    {
        string at = FormattableString.Invariant($"{time.GetUtcNow().UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}");
        SourceContext source = new(Rows.Device(station, district: district));
        byte[] topic = Encoding.UTF8.GetBytes($"v1/wim/{station}/1");
        api.Views.Journal.NowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        for (int i = 0; i < readings; i++)
        {
            byte[] payload = Encoding.UTF8.GetBytes($$"""{"id":"{{++number}}","at":"{{at}}","plate":"粤H{{number:00000}}","plateColor":"yellow","grossKg":20000,"axles":[{"massKg":8000,"offsetM":0},{"massKg":12000,"offsetM":4}]}""");
            api.Views.Journal.Append(writer => Assert.Equal(1, PublishEncoder.Encode(writer, source, topic, payload, api.Views.Journal.NowMs).Accepted));
        }

        // Weighings alone wait for a transaction of something else.
        api.Views.Journal.Show(View.Devices, station, Rows.Device(station, district: district));
        api.Apply();
    }
}
