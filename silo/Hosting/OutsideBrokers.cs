using Streaming.Ingest.Brokers;
using Streaming.Silo.Access;
using Streaming.Silo.Host;

namespace Streaming.Silo.Hosting;

/// <summary>The subscriptions to brokers that the city has already, where the build has what they need.</summary>
internal static class OutsideBrokers
{
#if MQTTNET
    /// <summary>Whether this build can subscribe to brokers.</summary>
    public static bool BuiltIn => true;

    /// <summary>Begins to subscribe; returns what ends it.</summary>
    public static IAsyncDisposable Start(IReadOnlyList<BrokerOptions> brokers, ActorHost host, AccessBook access, TimeProvider time, ILoggerFactory logs)
    {
        Ingest.MqttNet.BrokerSubscriptions subscriptions = new(brokers, host, access.FindDevice, host, time, logs);
        host.OutsideNotes = () => subscriptions.Notes;
        subscriptions.Start();
        return subscriptions;
    }
#else
    /// <summary>Whether this build can subscribe to brokers.</summary>
    public static bool BuiltIn => false;

    /// <exception cref="InvalidDataException">Always: this build cannot.</exception>
    public static IAsyncDisposable Start(IReadOnlyList<BrokerOptions> brokers, ActorHost host, AccessBook access, TimeProvider time, ILoggerFactory logs) => throw new InvalidDataException(LeftOut);
#endif

    public const string LeftOut = "This build leaves MQTTnet out, and --brokers needs it. Leave --brokers out and let devices publish to the MQTT endpoint, or build where the package source holds MQTTnet.";

    /// <summary>What the file names; nothing where there is none.</summary>
    /// <exception cref="InvalidDataException">The build cannot subscribe, or the file is not valid; the message names every problem.</exception>
    public static IReadOnlyList<BrokerOptions> Read(string? file)
    {
        if (file is null)
        {
            return [];
        }

        if (!BuiltIn)
        {
            throw new InvalidDataException(LeftOut);
        }

        return BrokersFile.Load(file, out IReadOnlyList<string> problems) ?? throw new InvalidDataException($"The outside brokers are not valid:{string.Concat(problems.Select(problem => $"\n  {problem}"))}");
    }
}
