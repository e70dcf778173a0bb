using System.Text;
using Streaming.Models.Readings;
using Streaming.Silo.Registers;
using Xunit;

namespace Streaming.Tests.Registers;

public sealed class PlateMemoryTests
{
    private const string Mine = "粤H12345-yellow";
    private static readonly GeoPosition Here = new(23_100_000, 112_400_000);
    private readonly PlateMemory memory = new();

    [Theory]
    [InlineData("粤H12346-yellow", true)]
    [InlineData("粤B12345-yellow", true)]
    [InlineData("湘H12345-yellow", true)]
    [InlineData("粤H12344-blue", false)]
    [InlineData("粤H12364-yellow", false)]
    [InlineData("粤H1234-yellow", false)]
    [InlineData("粤H12345-blue", false)]
    public void A_plate_read_badly_may_be_one_that_differs_by_one_sign_and_was_near_just_now(string near, bool found)
    {
        Assert.Equal("", Read(near, 990, Here, 0));
        Assert.Equal(found ? near : "", Read(Mine, 900, Here, 60_000));
        Assert.Equal("", Read(Mine, 960, Here, 60_000));
    }

    [Fact]
    public void A_plate_that_was_plausible_there_itself_is_not_doubted()
    {
        Read("粤H12346-yellow", 990, Here, 0);
        Read(Mine, 990, Here, 10_000);
        Assert.Equal("", Read(Mine, 900, Here, 60_000));
        Assert.Equal("", Read("粤H12346-yellow", 900, Here, 60_000));
    }

    /// <summary>Ten minutes and five kilometres are near; 0.03 degrees of latitude are 3.3 km, which takes more than the 31 s that 60 s more allow at 50 m/s only where less time was.</summary>
    [Theory]
    [InlineData(0, 600_000, true)]
    [InlineData(0, 600_001, false)]
    [InlineData(30_000, 60_000, true)]
    [InlineData(30_000, 1_000, false)]
    [InlineData(50_000, 600_000, false)]
    public void It_has_to_have_been_near_and_just_now(int northE6, long afterMs, bool found)
    {
        Read("粤H12346-yellow", 990, new GeoPosition(Here.LatitudeE6 + northE6, Here.LongitudeE6), 0);
        Assert.Equal(found ? "粤H12346-yellow" : "", Read(Mine, 900, Here, afterMs));
    }

    [Fact]
    public void A_plate_read_badly_is_not_remembered_and_one_without_a_place_says_nothing()
    {
        Read("粤H12346-yellow", 940, Here, 0);
        Assert.Equal("", Read(Mine, 900, Here, 1_000));
        Read("粤H12346-yellow", 990, GeoPosition.Unknown, 0);
        Assert.Equal("", Read(Mine, 900, Here, 1_000));
    }

    private string Read(string plate, int permille, GeoPosition position, long atMs) => Encoding.UTF8.GetString(memory.Read(Encoding.UTF8.GetBytes(plate), permille, position, atMs));
}
