using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.EndToEnd;
using Streaming.Tests.Journal;
using Xunit;

namespace Streaming.Tests.Faults;

/// <summary>
/// A data directory that cannot be used as it is: each start, and <c>doctor</c>, says what is wrong, where, and what to do, and never shows a raw exception. Where the advice is to have something made again from the journal, it is followed to
/// the letter here, and what comes of it is a working silo.
/// </summary>
public sealed class BrokenStoreTests : IDisposable
{
    private const string Station = "B01";
    private const int Readings = 12;

    private readonly TemporaryDirectory directory = new();

    public static TheoryData<string> Hosts => [.. Silo.Host.Hosts.BuiltIn.Select(Silo.Host.Hosts.Name)];

    private string Data => Path.Combine(directory.Path, "data");

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("state.db", "standalone")]
    [InlineData("views.db", "standalone")]
    public async Task A_file_that_is_no_database_stops_the_start_and_is_made_again_from_the_journal(string file, string host)
    {
        await FillAsync(host);
        await File.WriteAllBytesAsync(Path.Combine(Data, file), new byte[8192].Select((_, i) => (byte)(i * 7)).ToArray());
        await StopsAsync($"{file} is damaged", $"move {file}, -wal and -shm away together", "If the journal still begins at position 1");
        await DoctorSaysAsync("BAD", $"move {file}, -wal and -shm away together");
        MoveAway(file, file + "-wal", file + "-shm");
        await WorksAsync(host);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task States_that_turn_out_to_be_damaged_end_the_process_and_are_made_again_from_the_journal(string host)
    {
        await FillAsync(host);
        DamageLeaves(Path.Combine(Data, "state.db"), "actors");
        await DoctorSaysAsync("BAD", "move state.db, -wal and -shm away together");
        await using (SiloProcess silo = new(Data))
        {
            silo.Launch("--host", host);
            await Task.WhenAny(silo.WaitForExitAsync(), AskAllAsync(silo));
            int code = await silo.WaitForExitAsync();
            Assert.True(code is 1 or 3, $"ended with {code}");
            Assert.Contains("state.db is damaged", silo.Output, StringComparison.Ordinal);
            Assert.Contains("move state.db, -wal and -shm away together", silo.Output, StringComparison.Ordinal);
        }

        MoveAway("state.db", "state.db-wal", "state.db-shm");
        await WorksAsync(host);
    }

    [Fact]
    public async Task Damaged_identities_stop_the_start_and_are_made_again_from_the_journal()
    {
        await FillAsync("standalone");
        string file = Directory.GetFiles(Path.Combine(Data, "history"), "*.idx").Order(StringComparer.Ordinal).First();
        byte[] bytes = await File.ReadAllBytesAsync(file);
        bytes[0] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        await StopsAsync($"history/{Path.GetFileName(file)} is damaged", "move history/ and state.db (with -wal and -shm) away together");
        await DoctorSaysAsync("BAD", "move history/ and state.db");
        MoveAway("history", "state.db", "state.db-wal", "state.db-shm");
        await WorksAsync("standalone");
    }

    [Fact]
    public async Task Stores_that_are_missing_are_made_again_from_the_journal()
    {
        await FillAsync("standalone");
        MoveAway("state.db", "views.db", "history");
        await WorksAsync("standalone");
    }

    [Fact]
    public async Task A_missing_journal_stops_the_start_where_stores_were_built_from_it()
    {
        await FillAsync("standalone");
        MoveAway("journal");
        await StopsAsync("built from it", "Restore the stores and the journal from the same copy of the directory");
        await DoctorSaysAsync("BAD", "from the same copy of the directory");
    }

    [Theory]
    [InlineData("state.db", "UPDATE meta SET value = 99 WHERE name = 'format'", "has format 99")]
    [InlineData("views.db", "PRAGMA user_version = 99", "has layout 99")]
    public async Task A_file_of_a_newer_version_is_left_as_it_is(string file, string change, string said)
    {
        await FillAsync("standalone");
        Change(file, change);
        byte[] before = await File.ReadAllBytesAsync(Path.Combine(Data, file));
        await StopsAsync(said, "Start the version that wrote it, or a newer one");
        await DoctorSaysAsync("BAD", said);
        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(Data, file)));
    }

    [Theory]
    [InlineData("state.db")]
    [InlineData("views.db")]
    public async Task A_file_that_another_program_has_locked_is_said_to_be(string file)
    {
        await FillAsync("standalone");
        using (SqliteConnection other = Open(file))
        {
            Execute(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
            await StopsAsync(file, "locked", "a second silo, a backup or a database browser");
        }

        await WorksAsync("standalone");
    }

    [Fact]
    public async Task A_second_process_on_one_data_directory_is_refused_and_doctor_says_that_one_runs()
    {
        await using SiloProcess first = new(Data);
        await first.StartAsync();
        await StopsAsync("in use by another process", "give this one a directory of its own");
        (int code, string said) = await SiloProcess.RunAsync("doctor", "--data", Data, "--http", $"{first.HttpPort}", "--mqtt", $"{first.MqttPort}");
        Assert.Equal(0, code);
        Assert.Matches("note +in use", said);
        Assert.Equal(HttpStatusCode.OK, (await first.ReadyAsync()).Status);
    }

    [Fact]
    public async Task Doctor_looks_at_a_data_directory_and_finds_it_sound()
    {
        await FillAsync("standalone");
        (int code, string said) = await SiloProcess.RunAsync("doctor", "--data", Data, "--http", "0", "--mqtt", "0");
        Assert.True(code == 0, said);
        Assert.Matches("ok +journal +1 segments, positions 1 to [0-9]+, since 20[0-9-]+T[0-9:]+Z; all of it is sound", said);
        Assert.Matches("ok +states +[0-9]+ actors, format 1, built from the journal up to position [0-9]+; the file is sound", said);
        Assert.Matches("ok +lists +layout [0-9]+, at position [0-9]+; the file is sound", said);
        Assert.Matches("ok +history +[0-9]+ files", said);
        Assert.Matches("ok +together +journal, states and lists fit; a start replays [0-9]+ records", said);
    }

    [SmallDiskTheory]
    [InlineData("")]
    [InlineData("journal")]
    public async Task A_directory_that_is_read_only_is_said_to_be(string inner)
    {
        using SmallDisk disk = new(Path.Combine(Data, inner), mebibytes: 200);
        disk.Protect(readOnly: true);
        await StopsAsync("Read-only file system", "writable");
        disk.Protect(readOnly: false);
        await WorksAsync("standalone", registered: false);
    }

    [SmallDiskTheory]
    [InlineData("")]
    [InlineData("journal")]
    public async Task A_directory_of_another_user_is_said_to_be(string inner)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // Who may mount is root, and root may write everywhere; so the process runs as nobody.
        Directory.CreateDirectory(Data);
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_101_101);
        Directory.CreateDirectory(Path.Combine(Data, inner));
        File.SetUnixFileMode(Data, (UnixFileMode)(inner.Length == 0 ? 0b111_101_101 : 0b111_111_111));
        await using SiloProcess silo = new(Data) { Under = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] };
        Assert.Equal(1, await silo.StartAndWaitForExitAsync());
        Assert.Contains("Not started:", silo.Output, StringComparison.Ordinal);
        Assert.Contains("denied", silo.Output, StringComparison.Ordinal);
        Assert.Contains("Let this user write there", silo.Output, StringComparison.Ordinal);
        NoRawException(silo.Output);
    }

    /// <summary>A silo that weighed one vehicle and ended in order.</summary>
    private async Task FillAsync(string host)
    {
        await using SiloProcess silo = new(Data);
        await silo.StartAsync("--host", host);
        await silo.RegisterStationAsync(Station);
        await WeighAsync(silo, 0);
        Assert.Equal(0, await silo.TerminateAsync());
    }

    private static async Task WeighAsync(SiloProcess silo, int first)
    {
        await using MqttPublisher station = await MqttPublisher.ConnectAsync("127.0.0.1", silo.MqttPort, Station, Station, "p", MqttVersion.V5);
        for (int i = first; i < first + Readings; i++)
        {
            byte[] payload = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { id = $"b{i}", at = TimeProvider.System.GetUtcNow(), plate = "粤B00001", plateColor = "yellow", grossKg = 60_000, vehicleClass = "combination", axles = new[] { new { massKg = 30_000, offsetM = 0 }, new { massKg = 30_000, offsetM = 4 } } }));
            Assert.True((await station.PublishAndWaitAsync("v1/wim/B01/1"u8.ToArray(), payload)).IsSuccess);
        }
    }

    /// <summary>The silo starts, has everything, and takes more.</summary>
    private async Task WorksAsync(string host, bool registered = true)
    {
        await using SiloProcess silo = new(Data);
        await silo.StartAsync("--host", host);
        if (!registered)
        {
            await silo.RegisterStationAsync(Station);
            await WeighAsync(silo, 0);
        }

        Assert.Equal(Readings, await CountAsync(silo));
        Assert.Single(await silo.ListUntilAsync("/api/cases", 1));
        await WeighAsync(silo, 0);
        Assert.Equal(Readings, await CountAsync(silo));
        await WeighAsync(silo, Readings);
        Assert.Equal(2 * Readings, await CountAsync(silo));
        Assert.Single(await silo.ListUntilAsync("/api/cases", 1));
    }

    private static async Task<int> CountAsync(SiloProcess silo) => (await silo.GetAsync("/api/vehicles/%E7%B2%A4B00001-yellow"))!.Value.GetProperty("weighings").GetInt32();

    private static async Task AskAllAsync(SiloProcess silo)
    {
        await silo.WaitUntilReadyAsync();
        while (silo.Ended is null)
        {
            try
            {
                using HttpResponseMessage answer = await silo.Http.GetAsync(new Uri("/api/vehicles/%E7%B2%A4B00001-yellow", UriKind.Relative));
            }
            catch (HttpRequestException)
            {
                // It ended meanwhile.
            }
        }
    }

    /// <summary>A start fails, and says all of this.</summary>
    private async Task StopsAsync(params string[] said)
    {
        await using SiloProcess silo = new(Data);
        Assert.Equal(1, await silo.StartAndWaitForExitAsync("--host", "standalone"));
        Assert.Contains("Not started:", silo.Output, StringComparison.Ordinal);
        Assert.All(said, text => Assert.Contains(text, silo.Output, StringComparison.Ordinal));
        NoRawException(silo.Output);
    }

    private async Task DoctorSaysAsync(params string[] said)
    {
        (int code, string printed) = await SiloProcess.RunAsync("doctor", "--data", Data, "--http", "0", "--mqtt", "0");
        Assert.Equal(1, code);
        Assert.All(said, text => Assert.Contains(text, printed, StringComparison.Ordinal));
        NoRawException(printed);
    }

    private static void NoRawException(string output)
    {
        Assert.DoesNotMatch(@"\bat (Streaming|Microsoft|System)\.", output);
        Assert.DoesNotContain("Unhandled", output, StringComparison.Ordinal);
    }

    private void MoveAway(params string[] names)
    {
        string away = Path.Combine(directory.Path, "away");
        Directory.CreateDirectory(away);
        foreach (string name in names)
        {
            string from = Path.Combine(Data, name);
            if (File.Exists(from) || Directory.Exists(from))
            {
                Directory.Move(from, Path.Combine(away, name));
            }
        }
    }

    /// <summary>Writes nonsense over every page of a table; the file opens as if nothing were wrong.</summary>
    private static void DamageLeaves(string path, string table)
    {
        using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        long page = Read(connection, "PRAGMA page_size");
        long root = Read(connection, string.Create(CultureInfo.InvariantCulture, $"SELECT rootpage FROM sqlite_master WHERE name = '{table}'"));
        Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        connection.Close();
        using FileStream file = new(path, FileMode.Open);
        file.Position = (root - 1) * page;
        file.Write([.. Enumerable.Range(0, (int)page).Select(i => (byte)(i * 31))]);
    }

    private SqliteConnection Open(string file)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(Data, file), Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private void Change(string file, string sql)
    {
        using SqliteConnection connection = Open(file);
        Execute(connection, sql);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static long Read(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}
