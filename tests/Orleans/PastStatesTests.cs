using Streaming.Tests.History;
using Streaming.Tests.Parity;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>States that grains stored, and copies that their storage kept, tell what was: read afterwards as the standalone host's are.</summary>
public sealed class PastStatesTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("past").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task The_state_as_of_random_moments_is_what_was_shown_then_by_either_host_in_turn()
    {
        ParityData data = new(directory, new DateTimeOffset(2026, 9, 18, 20, 0, 0, TimeSpan.Zero), statesInMemory: false);
        CityLife life = new(data, 4);
        await life.LiveAsync(150, TimeSpan.FromMinutes(40), ParityHosts.Find("orleans"), ParityHosts.Find(ParityHosts.Standalone));
        using Past past = new(data);
        past.Check(life.Moments);
        Assert.True(life.Restarts > 2);
    }
}
