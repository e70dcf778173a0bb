using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>Big tables with broken lines, over HTTP and by way of the watched folder, cut off by kills of the real process: each line is taken once or quarantined once. On each host.</summary>
public sealed class TableProcessTests
{
    private const int Records = 6_000;
    private const int Broken = Records / 20;

    public static TheoryData<string> Hosts => [.. Parity.ParityHosts.Names];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_table_that_was_cut_off_by_a_kill_goes_on_where_it_was_when_it_is_sent_again(string host)
    {
        await using SiloProcess silo = new();
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(3));
        await silo.StartAsync("--host", host);
        await RegisterAsync(silo, "police");
        byte[] table = Table();

        // The first half arrives, and is in the journal in part, when the process is killed.
        TaskCompletionSource killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<HttpResponseMessage> cutOff = silo.Http.PostAsync("/api/registers/vehicles/records?source=police", new HaltingContent(table, table.Length / 2, killed.Task), patience.Token);
        while (await CountAsync(silo, "police", "accepted") < Records / 4)
        {
            await Task.Delay(5, patience.Token);
        }

        silo.Kill();
        killed.SetResult();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => cutOff);
        await silo.StartAsync("--host", host);
        long had = await CountAsync(silo, "police", "accepted");
        Assert.InRange(had, Records / 4, Records - 1);

        JsonElement outcome = await LoadAsync(silo, table, "");
        Assert.Equal((Records, Records - Broken, Broken), (Count(outcome, "records"), Count(outcome, "taken"), Count(outcome, "refused")));

        // Parts of a hundred records, five of them broken.
        Assert.Equal(had / 95 * 100, Count(outcome, "known"));
        await RequireOnceAsync(silo, patience.Token);

        // The same again, because the answer was lost: nothing of it is taken once more, unless that is asked for.
        Assert.Equal(Records, Count(await LoadAsync(silo, table, ""), "known"));
        await RequireOnceAsync(silo, patience.Token);
        Assert.Equal(0, Count(await LoadAsync(silo, table, "&again=true"), "known"));
        Assert.Equal(2 * Broken, await CountAsync(silo, "police", "rejected"));

        // Another table is another load, also while the last one is remembered.
        JsonElement other = await LoadAsync(silo, "plate,axles\n粤X1,6\n粤X2,99\n"u8.ToArray(), "");
        Assert.Equal((2, 1, 1, 0), (Count(other, "records"), Count(other, "taken"), Count(other, "refused"), Count(other, "known")));
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_table_in_the_folder_is_taken_once_over_a_kill_and_put_aside_with_what_became_of_it(string host)
    {
        await using SiloProcess silo = new();
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(3));
        string tables = Path.Combine(silo.Data, "tables");
        string[] arguments = ["--host", host, "--tables", tables];
        await silo.StartAsync(arguments);
        await RegisterAsync(silo, "police");
        string folder = Directory.CreateDirectory(Path.Combine(tables, "police")).FullName;
        string stranger = Directory.CreateDirectory(Path.Combine(tables, "nobody")).FullName;
        await File.WriteAllTextAsync(Path.Combine(stranger, "a.csv"), "plate\n粤H1\n", patience.Token);

        // Under a name that is no table's while it is written, as whoever copies a big file does.
        await File.WriteAllBytesAsync(Path.Combine(folder, "vehicles.csv.part"), Table(), patience.Token);
        await Task.Delay(TimeSpan.FromSeconds(5), patience.Token);
        Assert.Equal(0, await CountAsync(silo, "police", "accepted"));
        File.Move(Path.Combine(folder, "vehicles.csv.part"), Path.Combine(folder, "vehicles.csv"));
        while (await CountAsync(silo, "police", "accepted") == 0)
        {
            await Task.Delay(5, patience.Token);
        }

        silo.Kill();
        await silo.StartAsync(arguments);
        JsonElement outcome = await OutcomeAsync(Path.Combine(folder, "done", "vehicles.csv"), patience.Token);
        Assert.Equal((Records, Records - Broken, Broken), (Count(outcome, "records"), Count(outcome, "taken"), Count(outcome, "refused")));
        Assert.False(File.Exists(Path.Combine(folder, "vehicles.csv")));
        await RequireOnceAsync(silo, patience.Token);
        JsonElement refused = await OutcomeAsync(Path.Combine(stranger, "refused", "a.csv"), patience.Token);
        Assert.Contains("No source 'nobody'", refused.GetProperty("reason").GetString(), StringComparison.Ordinal);

        // A whole table of one vehicle: the others are no more. It has a name that is taken in the folder of those that are done.
        await File.WriteAllTextAsync(Path.Combine(folder, "vehicles.full.csv"), "plate,axles\n粤A00000,6\n", patience.Token);
        JsonElement whole = await OutcomeAsync(Path.Combine(folder, "done", "vehicles.full.csv"), patience.Token);
        Assert.Equal(Records - Broken - 1, Count(whole, "removed"));
        await File.WriteAllTextAsync(Path.Combine(folder, "vehicles.csv"), "plate,axles\n粤X1,6\n", patience.Token);
        await OutcomeAsync(Path.Combine(folder, "done", "vehicles-2.csv"), patience.Token);
    }

    private static async Task RequireOnceAsync(SiloProcess silo, CancellationToken cancellation)
    {
        Assert.Equal((Records - Broken, Broken), (await CountAsync(silo, "police", "accepted"), await CountAsync(silo, "police", "rejected")));
        List<JsonElement> quarantined;
        while ((quarantined = await silo.ListAsync("/api/quarantine?source=police&limit=1000")).Count < Broken)
        {
            await Task.Delay(25, cancellation);
        }

        Assert.Equal(
            Enumerable.Range(0, Records).Where(IsBroken).Select(i => $"{i + 2}").Order(StringComparer.Ordinal),
            quarantined.Select(each => JsonSerializer.Deserialize<JsonElement>(each.GetProperty("payload").GetString()!).GetProperty("line").GetRawText()).Order(StringComparer.Ordinal));
    }

    private static bool IsBroken(int record) => record % 20 == 7;

    private static byte[] Table()
    {
        StringBuilder table = new("plate,axles\n");
        for (int i = 0; i < Records; i++)
        {
            table.Append(CultureInfo.InvariantCulture, $"粤A{i:00000},{(IsBroken(i) ? "99" : "6")}\n");
        }

        return Encoding.UTF8.GetBytes(table.ToString());
    }

    private static long Count(JsonElement outcome, string name) => outcome.GetProperty(name).GetInt64();

    private static async Task<long> CountAsync(SiloProcess silo, string source, string name) => (await silo.GetAsync($"/api/sources/{source}"))!.Value.GetProperty(name).GetInt64();

    private static async Task<JsonElement> OutcomeAsync(string table, CancellationToken cancellation)
    {
        while (!File.Exists(table))
        {
            await Task.Delay(25, cancellation);
        }

        return JsonSerializer.Deserialize<JsonElement>(await File.ReadAllBytesAsync($"{table}.json", cancellation));
    }

    private static Task RegisterAsync(SiloProcess silo, string id) => silo.RegisterDeviceAsync(
        $$"""{"id":"{{id}}","password":"p","kind":"register","district":"harbour","topics":["v1/records/{{id}}"],"register":"vehicles"}""");

    private static Task<JsonElement> LoadAsync(SiloProcess silo, byte[] table, string more) => silo.LoadTableAsync("vehicles", "police", Encoding.UTF8.GetString(table), more);

    /// <summary>A body that stops halfway until it is told to go on.</summary>
    private sealed class HaltingContent : HttpContent
    {
        private readonly byte[] bytes;
        private readonly int halt;
        private readonly Task goOn;

        public HaltingContent(byte[] bytes, int halt, Task goOn)
        {
            (this.bytes, this.halt, this.goOn) = (bytes, halt, goOn);
            Headers.ContentType = new("text/csv");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, halt));
            await stream.FlushAsync();
            await goOn;
            await stream.WriteAsync(bytes.AsMemory(halt));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
