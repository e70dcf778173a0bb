using Streaming.Ingest.City;
using Xunit;

namespace Streaming.Tests.City;

/// <summary>The city of <c>deploy/city</c>, and simulations of it.</summary>
internal static class ShippedCity
{
    public const long StartMs = 1_795_248_000_000;

    public static CityDefinition Load()
    {
        CityDefinition? city = CityFiles.Load(CityFiles.ShippedDirectory, out IReadOnlyList<string> problems);
        Assert.True(city is not null, string.Join('\n', problems));
        return city;
    }

    public static CitySimulation Simulate(ulong seed = 7, double readingsPerSecond = 200) => new(Load(), new CitySettings(seed, readingsPerSecond, StartMs));
}
