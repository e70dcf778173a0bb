using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Streaming.Silo.Cli;

namespace Streaming.Silo.Bench;

/// <summary>
/// <c>bench registers</c>: how long the registers of a city take to load over HTTP (vehicles, an enterprise to a hundred of them, a waybill to every fourth), until every entry is on the lists, and how long an entry takes to look up then, by its key
/// and by what it refers to.
/// </summary>
internal static class RegistersBench
{
    private const int VehiclesAnEnterprise = 100;
    private const int VehiclesAWaybill = 4;

    /// <summary>A step through the entries that meets all of them, far from one another: prime to their number.</summary>
    private const int Stride = 7_919;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(BenchOptions bench, TextWriter output, CancellationToken cancellation)
    {
        await using BenchSilo silo = await BenchSilo.StartAsync(bench, [], cancellation).ConfigureAwait(false);
        using HttpClient client = silo.Client();
        client.Timeout = Timeout.InfiniteTimeSpan;
        int vehicles = bench.Registered;
        (string Register, string Columns, int Count, Func<int, string> Row)[] tables =
        [
            ("enterprises", "creditCode,name,kinds,district", vehicles / VehiclesAnEnterprise, i => $"{Enterprise(i)},Enterprise {i},transport,harbour"),
            ("vehicles", "plate,plateColor,vehicleClass,axles,driveAxles,tyres,ratedLoadKg,homeProvince,owner,enterprise", vehicles,
                i => $"{Plate(i)},yellow,combination,6,{1 + (i % 2)},22,32000,粤,Owner {i},{Enterprise(i / VehiclesAnEnterprise)}"),
            ("waybills", "number,plate,driver,substance,massKg,consignor,consignee,departure,arrival", vehicles / VehiclesAWaybill,
                i => $"{Waybill(i)},{Plate(i * VehiclesAWaybill)}-yellow,D{i:D6},1203,28000,{Enterprise(i % Math.Max(1, vehicles / VehiclesAnEnterprise))},{Enterprise(0)},2026-11-01T08:00:00Z,2026-11-01T18:00:00Z"),
        ];
        foreach ((string register, _, _, _) in tables)
        {
            using HttpResponseMessage registered = await client.PostAsJsonAsync(
                "/api/devices", JsonSerializer.Deserialize<JsonElement>($$"""{"id":"{{register}}","topics":["v1/records/{{register}}"],"kind":"register","district":"harbour","register":"{{register}}"}"""), cancellation).ConfigureAwait(false);
            registered.EnsureSuccessStatusCode();
        }

        long begun = Stopwatch.GetTimestamp();
        long taken = 0;
        foreach ((string register, string columns, int count, Func<int, string> row) in tables)
        {
            using TableContent table = new(columns, count, row);
            using HttpResponseMessage loaded = await client.PostAsync($"/api/registers/{register}/records?source={register}", table, cancellation).ConfigureAwait(false);
            loaded.EnsureSuccessStatusCode();
            taken += (await loaded.Content.ReadFromJsonAsync<JsonElement>(cancellation).ConfigureAwait(false)).GetProperty("taken").GetInt64();
        }

        await silo.Server.ShownAsync(cancellation).ConfigureAwait(false);
        double loadS = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        long records = tables.Sum(table => (long)table.Count);
        Func<long, string>[] questions =
        [
            i => $"/api/registers/vehicles/{Uri.EscapeDataString($"{Plate((int)(i % vehicles))}-yellow")}",
            i => $"/api/registers/waybills/{Waybill((int)(i % (vehicles / VehiclesAWaybill)))}",
            i => $"/api/registers/waybills?plate={Uri.EscapeDataString($"{Plate((int)(i % (vehicles / VehiclesAWaybill)) * VehiclesAWaybill)}-yellow")}",
            i => $"/api/registers/vehicles?enterprise={Enterprise((int)(i % (vehicles / VehiclesAnEnterprise)))}&limit=20",
            i => $"/api/registers/enterprises/{Enterprise((int)(i % (vehicles / VehiclesAnEnterprise)))}",
        ];
        await AskAsync(client, questions, WarmUp, cancellation).ConfigureAwait(false);
        (Percentiles ms, int unknown) = await AskAsync(client, questions, TimeSpan.FromSeconds(bench.Seconds), cancellation).ConfigureAwait(false);
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"bench":"registers","host":"{{silo.Server.Host.Name}}","records":{{records}},"taken":{{taken}},"loadSeconds":{{loadS:F1}},"recordsPerMinute":{{taken / loadS * 60:F0}},"p50Ms":{{ms.At(50):F2}},"p99Ms":{{ms.At(99):F2}},"queries":{{ms.Count}},"unknown":{{unknown}},"cores":{{Environment.ProcessorCount}}}""");
        await output.WriteLineAsync(bench.Json ? line : string.Create(
            CultureInfo.InvariantCulture,
            $"{taken:N0} of {records:N0} records in {loadS:F1} s (target 60), a look-up p50 {ms.At(50):F2} ms, p99 {ms.At(99):F2} ms (target 5)\n{line}")).ConfigureAwait(false);
        return taken == records && unknown == 0 ? 0 : 1;
    }

    private static string Plate(int number) => string.Create(CultureInfo.InvariantCulture, $"粤{(char)('A' + (number / 100_000 % 26))}{number % 100_000:D5}");

    private static string Enterprise(int number) => string.Create(CultureInfo.InvariantCulture, $"914400000000{number:D6}");

    private static string Waybill(int number) => string.Create(CultureInfo.InvariantCulture, $"W{number:D8}");

    /// <summary>One question after the other; what is not found, or found empty, is unknown.</summary>
    private static async Task<(Percentiles Ms, int Unknown)> AskAsync(HttpClient client, Func<long, string>[] questions, TimeSpan duration, CancellationToken cancellation)
    {
        Percentiles ms = new();
        int unknown = 0;
        long begun = Stopwatch.GetTimestamp();
        for (long i = 0; Stopwatch.GetElapsedTime(begun) < duration; i++)
        {
            long asked = Stopwatch.GetTimestamp();
            using HttpResponseMessage response = await client.GetAsync(new Uri(questions[i % questions.Length](i * Stride), UriKind.Relative), cancellation).ConfigureAwait(false);
            string answer = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
            ms.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            unknown += response.StatusCode != HttpStatusCode.OK || answer.StartsWith("""{"items":[]""", StringComparison.Ordinal) ? 1 : 0;
        }

        return (ms, unknown);
    }

    /// <summary>A table that is made while it is sent.</summary>
    private sealed class TableContent : HttpContent
    {
        private const int RowsAtOnce = 1_000;
        private readonly string columns;
        private readonly int count;
        private readonly Func<int, string> row;

        public TableContent(string columns, int count, Func<int, string> row)
        {
            (this.columns, this.count, this.row) = (columns, count, row);
            Headers.ContentType = new("text/csv");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            StringBuilder text = new(columns);
            text.Append('\n');
            for (int i = 0; i < count; i++)
            {
                text.Append(row(i)).Append('\n');
                if (i % RowsAtOnce == RowsAtOnce - 1 || i == count - 1)
                {
                    await stream.WriteAsync(Encoding.UTF8.GetBytes(text.ToString())).ConfigureAwait(false);
                    text.Clear();
                }
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }
}
