using System.Net;
using System.Text.Json;
using Streaming.Grains.Turns;
using Streaming.Silo.Api;
using Streaming.Tests.Support;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

public sealed class LiveAlertTests : IAsyncLifetime
{
    private readonly Views.ManualTime time = new();
    private ApiBench api = null!;
    private int issued;

    public async Task InitializeAsync() => api = await ApiBench.StartAsync(time);

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task New_alerts_arrive_with_their_numbers_and_the_fields_of_the_contract()
    {
        Issue(3);
        using ApiBench.LiveStream stream = await api.ListenAsync("/api/departments/transport/alerts");
        Issue(1);
        (long id, string name, JsonElement data) = await stream.NextEventAsync();
        Assert.Equal((4, "alert"), (id, name));
        Assert.Equal("粤H12345-yellow", data.GetProperty("subject").GetString());
        foreach (string field in new[] { "case", "workOrder", "subject", "kind", "severity", "confidence", "district", "stage", "deadline", "evidence" })
        {
            Assert.True(data.TryGetProperty(field, out _), field);
        }
    }

    [Fact]
    public async Task A_stream_that_breaks_again_and_again_resumes_without_a_hole_or_a_repetition()
    {
        Task issuing = Task.Run(() =>
        {
            for (int i = 0; i < 300; i++)
            {
                Issue(1);
            }
        });
        List<long> seen = [];
        while (seen.Count < 300)
        {
            using ApiBench.LiveStream stream = await api.ListenAsync("/api/departments/transport/alerts", lastEventId: seen.LastOrDefault().ToString());
            for (int i = 0; i < 23 && seen.Count < 300; i++)
            {
                seen.Add((await stream.NextEventAsync()).Id);
            }
        }

        await issuing;
        Assert.Equal(Enumerable.Range(1, 300).Select(i => (long)i), seen);
    }

    [Theory]
    [InlineData("?lastEventId=2", 3)]
    [InlineData("?from=0", 1)]
    [InlineData("?district=*&from=1", 2)]
    public async Task The_place_to_resume_may_stand_in_the_address(string query, long first)
    {
        Issue(5);
        using ApiBench.LiveStream stream = await api.ListenAsync($"/api/departments/transport/alerts{query}");
        Assert.Equal(first, (await stream.NextEventAsync()).Id);
    }

    [Fact]
    public async Task Districts_have_feeds_of_their_own()
    {
        string west = await api.TokenAsync("w", "member", "transport", "west");
        using ApiBench.LiveStream stream = await api.ListenAsync("/api/departments/transport/alerts", west);
        Issue(2);
        api.Views.Journal.Show(View.Feed, "transport/west/1", Rows.Alert(1, "transport", "west"));
        api.Apply();
        (long id, _, JsonElement data) = await stream.NextEventAsync();
        Assert.Equal((1, "west"), (id, data.GetProperty("district").GetString()));
    }

    [Fact]
    public async Task A_quiet_stream_says_that_it_is_alive_and_what_the_newest_number_is()
    {
        Issue(2);
        using ApiBench.LiveStream stream = await api.ListenAsync("/api/departments/transport/alerts");
        await api.QuietAsync("transport/*");

        time.Advance(ApiLimits.Heartbeat);
        Assert.Equal(": newest 2", Assert.Single(await stream.NextBlockAsync()));
    }

    [Fact]
    public async Task A_number_that_is_none_is_refused()
    {
        ApiBench.Answer answer = await api.GetAsync("/api/departments/transport/alerts?from=yesterday");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.GetAsync("/api/departments/a%2Bb/alerts")).Status);
    }

    [Fact]
    public async Task A_reader_that_leaves_frees_its_place()
    {
        using CancellationTokenSource late = new(Waits.Longest);
        using (await api.ListenAsync("/api/departments/transport/alerts"))
        {
            await api.QuietAsync("transport/*");
        }

        while (api.Views.Feeds.WaitersOf("transport/*") > 0)
        {
            late.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Figures_are_live()
    {
        using ApiBench.LiveStream stream = await api.ListenAsync("/api/city/figures/live");
        Assert.Empty((await stream.NextEventAsync()).Data.GetProperty("districts").EnumerateArray());
        api.Views.Journal.Show(View.Warnings, "w", Rows.Warning());
        api.Apply();
        JsonElement district = Assert.Single((await stream.NextEventAsync()).Data.GetProperty("districts").EnumerateArray());
        Assert.Equal("harbour", district.GetProperty("district").GetString());
        Assert.Equal(1, district.GetProperty("warnings")[2].GetInt32());
    }

    private void Issue(int count)
    {
        for (int i = 0; i < count; i++)
        {
            int number = Interlocked.Increment(ref issued);
            api.Views.Journal.Show(View.Feed, $"transport/*/{number}", Rows.Alert(number));
        }

        api.Apply();
    }
}
