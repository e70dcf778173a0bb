using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>
/// A PostgreSQL server on a directory and a Unix socket of its own, so that it meets no other server and needs no port. PostgreSQL does not run as root; then it runs as the user
/// <c>postgres</c>. It lives as long as its standard input is open: a test process that is killed leaves no server behind.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    /// <summary>For the whole of a test; PostgreSQL and Orleans share two slow cores with every other test.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private const string Run = """
        set -e
        "$1/initdb" -D "$2/data" -U streaming -A trust -E UTF8 --locale=C --no-sync >"$2/log" 2>&1 || { cat "$2/log"; exit 1; }
        "$1/pg_ctl" -D "$2/data" -l "$2/log" -w -t 60 -o "-c listen_addresses= -c unix_socket_directories=$2 -c fsync=off -c max_connections=300" start >/dev/null || { cat "$2/log"; exit 1; }
        echo ready
        cat >/dev/null || true
        "$1/pg_ctl" -D "$2/data" -m immediate -w stop >/dev/null || true
        rm -rf "$2"
        """;

    private static readonly string? Programs = FindPrograms();

    private string directory = "";
    private Process? process;
    private int databases;

    /// <summary>Why there is no server; null where there is one.</summary>
    public static string? Missing { get; } = Programs is null ? "PostgreSQL (initdb, pg_ctl) is not installed"
        : Environment.IsPrivilegedProcess && (!File.Exists("/etc/passwd") || !File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)))
            ? "PostgreSQL does not run as root, and there is no user postgres" : null;

    public async Task InitializeAsync()
    {
        // The fixture is made even when every test that needs it skips itself.
        if (Missing is not null)
        {
            return;
        }

        directory = Directory.CreateTempSubdirectory("pg-").FullName;
        string[] command = ["sh", "-c", Run, "sh", Programs!, directory];
        if (Environment.IsPrivilegedProcess)
        {
            using Process handedOver = Process.Start("chown", ["postgres", directory]);
            await handedOver.WaitForExitAsync();
            command = ["runuser", "-u", "postgres", "--", .. command];
        }

        // The working directory of the tests may be closed to the user postgres.
        process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = "/" })!;
        using CancellationTokenSource patience = new(Patience);
        string? said = await process.StandardOutput.ReadLineAsync(patience.Token);
        if (said != "ready")
        {
            throw new InvalidOperationException($"PostgreSQL did not start: {said} {await process.StandardOutput.ReadToEndAsync(patience.Token)}");
        }
    }

    public async Task DisposeAsync()
    {
        if (process is null)
        {
            return;
        }

        NpgsqlConnection.ClearAllPools();
        process.StandardInput.Close();
        using CancellationTokenSource patience = new(Patience);
        await process.WaitForExitAsync(patience.Token);
        process.Dispose();
    }

    /// <summary>The connection string of a database, as the owner of the server or as a user that was made before.</summary>
    public string Connection(string database, string user = "streaming") => new NpgsqlConnectionStringBuilder { Host = directory, Database = database, Username = user }.ConnectionString;

    /// <summary>A new, empty database.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        string name = $"test{Interlocked.Increment(ref databases)}";
        await ExecuteAsync(Connection("postgres"), $"CREATE DATABASE {name}");
        return Connection(name);
    }

    public static async Task<object?> ExecuteAsync(string connectionString, string statements)
    {
        await using NpgsqlConnection connection = new(connectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(statements, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>The newest version's directory: Debian keeps the programs of each version apart and off the PATH.</summary>
    private static string? FindPrograms()
    {
        IEnumerable<string> versions = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        IEnumerable<string> path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return versions.OrderByDescending(version => double.TryParse(Path.GetFileName(version), CultureInfo.InvariantCulture, out double number) ? number : 0)
            .Select(version => Path.Combine(version, "bin")).Concat(path)
            .FirstOrDefault(folder => IsThere(Path.Combine(folder, "initdb")) && IsThere(Path.Combine(folder, "pg_ctl")));
    }

    /// <summary>Also a link that leads nowhere counts as an existing file; one may be left over from a version that was removed.</summary>
    private static bool IsThere(string path) => File.Exists(path) && (File.ResolveLinkTarget(path, returnFinalTarget: true)?.Exists ?? true);
}
