using System.Net;
using Streaming.Silo.Access;
using Streaming.Silo.Cli;
using Streaming.Silo.Journal;
using Streaming.Silo.Notices;

namespace Streaming.Silo.Hosting;

/// <summary><c>up</c>: runs one silo in the foreground until it is told to stop, or must.</summary>
internal static partial class Up
{
    public static async Task<int> RunAsync(UpOptions options, CancellationToken cancellation)
    {
        using ILoggerFactory logs = Logs.Create(LogLevel.Information);
        ILogger logger = logs.CreateLogger(nameof(Up));
        try
        {
            // The simulated city needs an administrator's token at every start; without one from outside it gets one that lives as long as the process.
            string? given = options.AdminToken ?? (options.Demo ? Secrets.Generate() : null);
            await using CityServer server = await CityServer.StartAsync(ServerOptionsOf(options, given), TimeProvider.System, logs, cancellation).ConfigureAwait(false);
            foreach (string problem in Models.Learned.TrainedModels.Shipped.Problems)
            {
                Log.ModelNotUsed(logger, problem);
            }

            Console.WriteLine($"Ready: http://localhost:{server.HttpPort} and MQTT on port {server.MqttPort}{(server.MqttTlsPort is { } tls ? $", over TLS on port {tls}" : "")}, host {server.Host.Name}, data in {options.DataDirectory}.");
            if (options.MqttTestProfile)
            {
                Log.TestProfile(logger, Ingest.Mqtt.MqttTestProfile.Warning);
            }

            if (server.NewAdministratorToken is { } token)
            {
                Console.WriteLine($"The administrator's token, shown this once: {token}");
            }

            await using IAsyncDisposable? demo = options.Demo ? await Demo.StartAsync(options, server, given!, logs, cancellation).ConfigureAwait(false) : null;
            try
            {
                Exception failure = await server.Failed.WaitAsync(cancellation).ConfigureAwait(false);

                // What is in memory may be ahead of what the disk has, so nothing more is written, in no order but the kernel's.
                Log.Ended(logger, failure.Message);

                // The console is written by a thread of its own, which an exit does not wait for: the last words would be lost.
                logs.Dispose();
                Environment.Exit(3);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                Log.Stopping(logger);
            }

            return 0;
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException or JournalDamagedException or JournalFailedException or Views.ViewStoreException or Host.StateStoreException or Host.HostUnavailableException or Ingest.City.RegistrationException or System.Data.Common.DbException or UnauthorizedAccessException or System.Net.Sockets.SocketException)
        {
            Log.NotStarted(logger, failure.Message);
            return 1;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 0;
        }
    }

    private static ServerOptions ServerOptionsOf(UpOptions options, string? administratorToken) => new()
    {
        DataDirectory = options.DataDirectory,
        CityDirectory = options.CityDirectory,
        Address = options.Bind.Equals(IPAddress.Any) || options.Bind.Equals(IPAddress.IPv6Any) ? null : options.Bind,
        MqttTestProfile = options.MqttTestProfile,
        HttpPort = options.HttpPort,
        MqttPort = options.MqttPort,
        MqttTls = options.MqttTls,
        AdministratorToken = administratorToken,
        HostKind = options.Host,
        Cluster = options.Cluster,
        Brokers = OutsideBrokers.Read(options.BrokersFile),
        Gateways = GatewaysFile.Read(options.GatewaysFile, Environment.GetEnvironmentVariable),
        WebhookNetworks = options.WebhookNetworks,
        Pictures = Sealing.PictureHosts.Read(options.PicturesFile),
        TablesDirectory = options.TablesDirectory,
        AuditReasons = options.AuditReasons,
        Lists = new Views.ViewRetention { AuditDays = options.AuditKeepDays },
        Journal = new JournalOptions { RetentionBytes = options.RetentionBytes, Keep = options.Keep, ChecksAtOnce = Environment.ProcessorCount },
    };

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Critical, Message = "Not started: {Problem}")]
        public static partial void NotStarted(ILogger logger, string problem);

        [LoggerMessage(Level = LogLevel.Critical, Message = "The process ends: {Problem}")]
        public static partial void Ended(ILogger logger, string problem);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
        public static partial void TestProfile(ILogger logger, string warning);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Problem}")]
        public static partial void ModelNotUsed(ILogger logger, string problem);

        [LoggerMessage(Level = LogLevel.Information, Message = "Stopping")]
        public static partial void Stopping(ILogger logger);
    }
}
