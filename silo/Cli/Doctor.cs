using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Streaming.Ingest.Brokers;
using Streaming.Ingest.City;
using Streaming.Ingest.Mqtt.Doors;
using Streaming.Silo.Host;
using Streaming.Silo.Hosting;
using Streaming.Silo.Notices;

namespace Streaming.Silo.Cli;

/// <summary>How a finding of <see cref="Doctor"/> is meant.</summary>
internal enum Health
{
    Ok,

    /// <summary>It runs, with a drawback.</summary>
    Note,

    /// <summary>It does not run like this.</summary>
    Bad,
}

/// <summary>One thing looked at.</summary>
internal readonly record struct Finding(Health Health, string What, string Text);

/// <summary><c>doctor</c>: looks whether the machine, the directories and the settings are fit to run on, and says what to do where they are not.</summary>
internal sealed class Doctor(DoctorOptions options, TimeProvider time)
{
    private readonly DataExamination data = new(options.DataDirectory);

    public IReadOnlyList<Finding> Examine() =>
    [
        Runtime(),
        Host(),
        .. Families.All.Select(family => new Finding(family.BuiltIn ? Health.Ok : Health.Note, family.Name, family.BuiltIn ? "built in" : $"not built in: {family.Purpose} is absent; everything else is there")),
        DataDirectory(),
        Space(),
        .. data.Examine(),
        Port("HTTP port", options.HttpPort, "--http"),
        Port("MQTT port", options.MqttPort, "--mqtt"),
        .. options.MqttTls is { } tls ? [Port("MQTT over TLS port", tls.Port, "--mqtts"), Certificate(tls)] : (Finding[])[],
        City(),
        .. Brokers(),
        .. Gateways(),
        .. Pictures(),
        Token(),
        OpenFiles(),
        Clock(),
    ];

    /// <summary>Prints the findings; 1 where one of them is bad.</summary>
    public int Run(TextWriter output)
    {
        IReadOnlyList<Finding> findings = Examine();
        int width = findings.Max(finding => finding.What.Length);
        foreach (Finding finding in findings)
        {
            string mark = finding.Health switch { Health.Ok => "ok  ", Health.Note => "note", _ => "BAD " };
            output.WriteLine($"{mark}  {finding.What.PadRight(width)}  {finding.Text}");
        }

        bool fit = findings.All(finding => finding.Health != Health.Bad);
        output.WriteLine(fit ? "Fit to run." : "Not fit to run: see what is marked BAD.");
        return fit ? 0 : 1;
    }

    private static Finding Runtime() =>
        new(Health.Ok, "runtime", string.Create(CultureInfo.InvariantCulture, $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}, {Environment.ProcessorCount} processors"));

    private static Finding Host() =>
        new(Health.Ok, "host", $"{Hosts.Name(Hosts.Default)} is the default; this build has {string.Join(" and ", Hosts.BuiltIn.Select(Hosts.Name))}");

    private Finding DataDirectory()
    {
        const string what = "data directory";
        string probe = Path.Combine(options.DataDirectory, "doctor.tmp");
        try
        {
            Directory.CreateDirectory(options.DataDirectory);
            double[] ms = TimeFlushes(probe);
            double p99 = ms[(int)(ms.Length * 0.99)];
            string text = string.Create(CultureInfo.InvariantCulture, $"{options.DataDirectory}: {ms.Length} flushed writes, median {ms[ms.Length / 2]:0.00} ms, 99th percentile {p99:0.00} ms");
            return p99 <= CliLimits.SlowFlushMs
                ? new Finding(Health.Ok, what, text)
                : new Finding(Health.Note, what, text + "; nothing is acknowledged sooner than a flush, so a faster disk would help");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new Finding(Health.Bad, what, $"{options.DataDirectory} cannot be written: {failure.Message} Choose another with --data, or let this user write there.");
        }
        finally
        {
            Remove(probe);
        }
    }

    private double[] TimeFlushes(string path)
    {
        byte[] block = new byte[CliLimits.DoctorWriteBytes];
        double[] ms = new double[CliLimits.DoctorWrites];
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (int i = 0; i < ms.Length; i++)
        {
            long began = time.GetTimestamp();
            file.Write(block);
            file.Flush(flushToDisk: true);
            ms[i] = time.GetElapsedTime(began).TotalMilliseconds;
        }

        Array.Sort(ms);
        return ms;
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // What kept it from being written has been told already.
            Debug.WriteLine(failure);
        }
    }

    private Finding Space()
    {
        const string what = "disk space";
        try
        {
            DriveInfo drive = new(ExistingParent(options.DataDirectory));
            long free = drive.AvailableFreeSpace;
            string text = $"{Gib(free)} free on {drive.Name}; the journal keeps up to {Gib(options.RetentionBytes)}";
            return free < CliLimits.LeastFreeBytes ? new Finding(Health.Bad, what, text + ": readings would soon be refused. Make room, or choose another disk with --data.")
                : free < options.RetentionBytes ? new Finding(Health.Note, what, text + ": lower --retention, or make room")
                : new Finding(Health.Ok, what, text);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new Finding(Health.Note, what, $"not known: {failure.Message}");
        }
    }

    private static string Gib(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.#} GiB");

    private static string ExistingParent(string directory)
    {
        string? existing = directory;
        while (existing is not null && !Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing);
        }

        return existing ?? Path.GetPathRoot(Path.GetFullPath(directory))!;
    }

    private Finding Port(string what, int port, string option)
    {
        if (port == 0)
        {
            return new Finding(Health.Ok, what, "any free one");
        }

        try
        {
            // Every address of the machine means both families, as the server listens.
            bool everywhere = options.Bind.Equals(IPAddress.Any) && Socket.OSSupportsIPv6;
            IPAddress address = everywhere ? IPAddress.IPv6Any : options.Bind;
            using Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (everywhere)
            {
                socket.DualMode = true;
            }

            // As the server itself binds: a connection of an earlier run that lingers does not count as in use.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, !OperatingSystem.IsWindows());
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return new Finding(Health.Ok, what, string.Create(CultureInfo.InvariantCulture, $"{port} is free"));
        }
        catch (SocketException failure)
        {
            if (data.InUse)
            {
                return new Finding(Health.Note, what, string.Create(CultureInfo.InvariantCulture, $"{port} is in use, as the data directory is: by the silo that runs, it seems"));
            }

            return new Finding(Health.Bad, what, string.Create(CultureInfo.InvariantCulture, $"{port} cannot be used: {failure.Message}. Stop what uses it, or choose another with {option}."));
        }
    }

    private IEnumerable<Finding> Brokers()
    {
        const string what = "outside brokers";
        if (options.BrokersFile is not { } file)
        {
            return [];
        }

        try
        {
            IReadOnlyList<BrokerOptions> brokers = OutsideBrokers.Read(file);
            return brokers.Select(broker => new Finding(Health.Ok, what, $"{broker}, {broker.Subscriptions.Count} subscriptions"));
        }
        catch (InvalidDataException problem)
        {
            return [new Finding(Health.Bad, what, problem.Message)];
        }
    }

    /// <summary>The file and the secrets that it names; whether a gateway answers is seen with the first notice.</summary>
    private IEnumerable<Finding> Gateways()
    {
        const string what = "gateways";
        if (options.GatewaysFile is not { } file)
        {
            return [];
        }

        try
        {
            Gateways gateways = GatewaysFile.Read(file, Environment.GetEnvironmentVariable);
            return gateways.All.Select(gateway => new Finding(Health.Ok, what, $"{gateway}, at {gateway.Url.Host}{(gateway.Networks.Count > 0 ? $", allowed in {string.Join(", ", gateway.Networks)}" : "")}; links begin with {gateways.PublicUrl}"));
        }
        catch (InvalidDataException problem)
        {
            return [new Finding(Health.Bad, what, problem.Message)];
        }
    }

    /// <summary>The hosts that pictures are fetched from; whether one answers is seen with the first picture.</summary>
    private IEnumerable<Finding> Pictures()
    {
        const string what = "pictures";
        if (options.PicturesFile is not { } file)
        {
            return [];
        }

        try
        {
            return [new Finding(Health.Ok, what, $"from {string.Join(", ", Sealing.PictureHosts.Read(file).All.Select(host => host.Host))}")];
        }
        catch (InvalidDataException problem)
        {
            return [new Finding(Health.Bad, what, problem.Message)];
        }
    }

    private Finding Certificate(TlsOptions tls)
    {
        const string what = "certificate";
        try
        {
            string? note = new TlsDoor(tls, time, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).Note;
            return new Finding(note is null ? Health.Ok : Health.Note, what, note ?? $"{tls.CertificateFile} can be used");
        }
        catch (InvalidDataException failure)
        {
            return new Finding(Health.Bad, what, failure.Message);
        }
    }

    private Finding City()
    {
        const string what = "simulated city";
        CityDefinition? city = CityFiles.Load(options.CityDirectory, out IReadOnlyList<string> problems);
        return city is null
            ? new Finding(Health.Note, what, $"up --demo would not start: {problems[0]}{(problems.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" (and {problems.Count - 1} more)") : "")}")
            : new Finding(Health.Ok, what, string.Create(CultureInfo.InvariantCulture, $"{city.Stations.Count} stations, {city.Cameras.Count} cameras, {city.Enterprises.Count} enterprises"));
    }

    private Finding Token() => options.AdminToken switch
    {
        null => new Finding(Health.Ok, "admin token", $"{UpArguments.AdminTokenVariable} is not set: the first start makes one and prints it once"),
        { Length: < CliLimits.TokenCharacters } => new Finding(Health.Note, "admin token", $"{UpArguments.AdminTokenVariable} is set, and short enough to be guessed: 32 random characters are better"),
        _ => new Finding(Health.Ok, "admin token", $"from {UpArguments.AdminTokenVariable}"),
    };

    private static Finding OpenFiles()
    {
        const string what = "open files";
        if (OpenFileLimit.Most is not { } most)
        {
            return new Finding(Health.Ok, what, OpenFileLimit.Exists ? "no limit" : "this system has no such limit");
        }

        string text = string.Create(CultureInfo.InvariantCulture, $"at most {most}, one a connection");
        return most >= CliLimits.OpenFiles ? new Finding(Health.Ok, what, text) : new Finding(Health.Note, what, text + ": a large city needs more (ulimit -n, or LimitNOFILE in the unit)");
    }

    private Finding Clock()
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset built = File.GetLastWriteTimeUtc(typeof(Doctor).Assembly.Location);
        string text = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return now < built - TimeSpan.FromMinutes(1)
            ? new Finding(Health.Bad, "clock", $"{text} is before this program was built. Set the clock: deadlines and the times of readings rest on it.")
            : new Finding(Health.Ok, "clock", text);
    }
}
