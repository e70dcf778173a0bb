namespace Streaming.Ingest.City;

/// <summary>What <see cref="DemoBanner"/> needs to know.</summary>
/// <param name="Http">Address that people reach the console at.</param>
/// <param name="Token">An administrator's token.</param>
/// <param name="MqttHost">Where devices connect.</param>
/// <param name="Station">A registered weigh station.</param>
/// <param name="Password">Its password.</param>
/// <param name="Vehicle">Key of a vehicle that is overloaded soon after the start.</param>
internal sealed record DemoBannerFacts(Uri Http, string Token, string MqttHost, int MqttPort, string Station, string Password, string Vehicle);

/// <summary>What <c>up --demo</c> prints once it runs: where to look, and commands that work as they are pasted.</summary>
internal static class DemoBanner
{
    /// <summary>The vehicle that the printed reading weighs: 60 t on six axles.</summary>
    public const string WeighedByHand = "粤H12345-yellow";

    public static void Write(TextWriter output, DemoBannerFacts facts)
    {
        string address = facts.Http.AbsoluteUri.TrimEnd('/');
        string curl = $"curl -s -H 'Authorization: Bearer {facts.Token}'";
        output.WriteLine($"""

            The simulated city runs. First warnings come within ten seconds.

            Console       {address}/
            Token         {facts.Token}

            One vehicle's state:
              {curl} {address}/api/vehicles/{Uri.EscapeDataString(facts.Vehicle)}

            Live alerts of the transport department:
              {curl} -N {address}/api/departments/transport/alerts

            One reading, 60 t on six axles ({WeighedByHand}), and what became of it:
              {Reading(facts)}
              {curl} {address}/api/vehicles/{Uri.EscapeDataString(WeighedByHand)}

            Ctrl+C ends it.

            """);
    }

    /// <summary>The reading's time and id are made when it is pasted, so that it is live and new whenever that is.</summary>
    private static string Reading(DemoBannerFacts facts) =>
        $"mosquitto_pub -h {facts.MqttHost} -p {facts.MqttPort} -V 5 -q 1 -u {facts.Station} -P '{facts.Password}' -t v1/wim/{facts.Station}/2 -m '{{"
        + """
          "id":"by-hand-'$(date +%s)'","at":"'$(date -u +%Y-%m-%dT%H:%M:%SZ)'","plate":"粤H12345","plateColor":"yellow","plateConfidence":0.97,"speedKmh":63.5,
          """
        + """
          "axles":[{"massKg":6800,"offsetM":0.0},{"massKg":10900,"offsetM":3.5},{"massKg":10800,"offsetM":4.85},{"massKg":10600,"offsetM":11.2},{"massKg":10500,"offsetM":12.5},{"massKg":10400,"offsetM":13.8}],
          """
        + """
          "grossKg":60000,"vehicleClass":"combination","leftRightRatio":1.02}'
          """;
}
