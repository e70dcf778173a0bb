using Microsoft.Extensions.Logging;

namespace Streaming.Ingest.City;

/// <summary>Where the simulated city publishes, and how much.</summary>
/// <param name="Http">Address of the HTTP interface, where its devices are registered.</param>
/// <param name="AdminToken">An administrator's token.</param>
/// <param name="ReadingsPerSecond">1 to <see cref="CityLimits.ReadingsPerSecond"/>.</param>
/// <param name="Seed">Seed of the simulation.</param>
internal sealed record CityPublisherOptions(Uri Http, string AdminToken, string MqttHost, int MqttPort, double ReadingsPerSecond, ulong Seed = 2026);

/// <summary>How the publishing stands.</summary>
/// <param name="Acknowledged">Readings answered with success.</param>
/// <param name="Refused">Readings answered with an error.</param>
/// <param name="Dropped">Readings that were never sent because the server took too long.</param>
internal readonly record struct CityFigures(int Connected, long Acknowledged, long Refused, long Dropped);

/// <summary>
/// Publishes the simulated city as a real one would be: it registers every device and loads its register of enterprises over the HTTP interface, and sends their readings over MQTT, a connection for each device.
/// </summary>
internal sealed partial class CityPublisher(CityDefinition city, CityPublisherOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Dictionary<string, CityLink> links = [];

    /// <summary>What is being published, and what should be warned of; null until it has started. The truth grows while it runs; read it once <see cref="RunAsync"/> has ended, or from a copy of the city with the same settings.</summary>
    public CitySimulation? Simulation { get; private set; }

    /// <summary>Completes when every device is registered and the readings begin; fails where that fails.</summary>
    public Task Started => started.Task;

    public CityFigures Figures => new(
        links.Values.Count(link => link.IsConnected),
        links.Values.Sum(link => link.Acknowledged),
        links.Values.Sum(link => link.Refused),
        links.Values.Sum(link => link.Dropped));

    /// <summary>The secret of a device, once started.</summary>
    public string PasswordOf(string device) => links[device].Password;

    /// <summary>Registers, connects and publishes until cancelled. Fails with <see cref="RegistrationException"/> where the devices cannot be registered.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            CityDevices devices = new(city);
            links = await RegisterAsync(devices, cancellation).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            started.TrySetException(failure);
            throw;
        }

        // The loop or a link that fails takes the others with it, so that a failure ends the publisher instead of silently thinning the city out.
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        List<Task> running = [.. links.Values.Select(link => link.RunAsync(ending.Token)), PumpAsync(ending.Token)];
        started.TrySetResult();
        Log.Started(logger, links.Count, options.ReadingsPerSecond);
        Task first = await Task.WhenAny(running).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancellation.IsCancellationRequested)
        {
            await first.ConfigureAwait(false);
        }
    }

    private async Task<Dictionary<string, CityLink>> RegisterAsync(CityDevices devices, CancellationToken cancellation)
    {
        using DeviceRegistrar registrar = new(options.Http, options.AdminToken);
        CityLink[] registered = new CityLink[devices.All.Count];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = CityLimits.RegistrationsAtOnce, CancellationToken = cancellation };
        await Parallel.ForAsync(0, registered.Length, parallel, async (index, stop) =>
        {
            CityDevice device = devices.All[index];
            string password = await registrar.RegisterAsync(device, stop).ConfigureAwait(false);
            registered[index] = new CityLink(device, password, options, time, logger);
        }).ConfigureAwait(false);
        await registrar.LoadAsync(CityRegister.Source, CityRegister.Register, city.Enterprises[0].District, CityRegister.Lines(city), cancellation).ConfigureAwait(false);
        return registered.ToDictionary(link => link.Device.Id, StringComparer.Ordinal);
    }

    private async Task PumpAsync(CancellationToken cancellation)
    {
        long last = Now();
        CitySimulation simulation = new(city, new CitySettings(options.Seed, options.ReadingsPerSecond, last));
        Simulation = simulation;
        using PeriodicTimer timer = new(Pace, time);
        while (!cancellation.IsCancellationRequested)
        {
            long now = Now();
            if (now - last > CityLimits.CatchUpMs)
            {
                simulation.Skip(now - last - CityLimits.CatchUpMs);
            }

            last = Math.Max(last, now);
            foreach (CityMessage message in simulation.NextBatch(now))
            {
                links[message.Device.Id].Offer(message);
            }

            try
            {
                await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The simulated city runs: {Devices} devices, {Rate} readings a second.")]
        public static partial void Started(ILogger logger, int devices, double rate);
    }
}
