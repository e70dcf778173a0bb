using Streaming.Ingest.City;
using Xunit;

namespace Streaming.Tests.City;

public sealed class CityFilesTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("city").FullName;

    public CityFilesTests()
    {
        foreach (string name in Names)
        {
            File.Copy(Path.Combine(CityFiles.ShippedDirectory, name), Path.Combine(directory, name));
        }
    }

    private static string[] Names => ["stations.json", "cameras.json", "enterprises.json", "fleet.json", "incidents.json"];

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void The_shipped_city_holds_and_has_the_size_it_should()
    {
        CityDefinition city = ShippedCity.Load();
        Assert.Equal(51, city.Stations.Count);
        Assert.Equal(80, city.Cameras.Count);
        Assert.Equal(40, city.Enterprises.Count);
        Assert.True(city.Stations.Select(station => station.District).Distinct().Count() >= 5);
        Assert.True(city.Fleet.Provinces.Count >= 5);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        File.Delete(Path.Combine(directory, "fleet.json"));
        Assert.Contains("fleet.json does not exist", Problems(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stations.json", "\"accuracyPct\": 5", "\"accuracyPct\": 500", "accuracyPct is 500")]
    [InlineData("stations.json", "\"lanes\": 2", "\"lames\": 2", "lames")]
    [InlineData("stations.json", "\"lanes\": 2,", "", "lanes")]
    [InlineData("stations.json", "\"id\": \"S02\"", "\"id\": \"S01\"", "\"S01\" stands there 2 times")]
    [InlineData("stations.json", "\"id\": \"S01\"", "\"id\": \"S/01\"", "S/01")]
    [InlineData("cameras.json", "\"target\": \"S01\"", "\"target\": \"S99\"", "target is \"S99\"")]
    [InlineData("fleet.json", "\"share\": 0.36", "\"share\": 0.5", "shares add up to")]
    [InlineData("fleet.json", "\"overloadPct\": 0.9", "\"overloadPct\": 190", "overloadPct is 190")]
    [InlineData("incidents.json", "\"station\": \"S07\"", "\"station\": \"S77\"", "station is \"S77\"")]
    [InlineData("incidents.json", "\"grossKg\": 71400", "\"grossKg\": 41400", "more than the type's limit")]
    [InlineData("incidents.json", "\"to\": 1210", "\"to\": 1000", "to must reach the limit")]
    [InlineData("enterprises.json", "{", "", "line 2")]
    public void What_is_wrong_is_told_with_its_file_and_place(string file, string from, string to, string told)
    {
        string path = Path.Combine(directory, file);
        string text = File.ReadAllText(path);
        int at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{file} has no {from}");
        File.WriteAllText(path, text[..at] + to + text[(at + from.Length)..]);
        string problems = Problems();
        Assert.Contains(file, problems, StringComparison.Ordinal);
        Assert.Contains(told, problems, StringComparison.Ordinal);
    }

    private string Problems()
    {
        Assert.Null(CityFiles.Load(directory, out IReadOnlyList<string> problems));
        return string.Join('\n', problems);
    }
}
