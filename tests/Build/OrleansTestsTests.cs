using System.Globalization;
using System.Reflection;
using Xunit;

namespace Streaming.Tests.Build;

/// <summary>Whether the tests that need Orleans are in this assembly. Where they are not, the summary of the tests says how many that are, instead of being silent about them.</summary>
public sealed class OrleansTestsTests
{
    [OrleansTestsFact]
    public void Every_test_that_needs_Orleans_is_in_the_assembly()
    {
        int written = int.Parse(Metadata("OrleansTests")!, CultureInfo.InvariantCulture);
        string[] built =
        [
            .. typeof(OrleansTestsTests).Assembly.GetTypes()
                .Where(type => type.Namespace?.Split('.').Contains("Orleans") == true || type.Name.EndsWith("Grain", StringComparison.Ordinal))
                .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                .Where(method => method.IsDefined(typeof(FactAttribute)))
                .Select(method => $"{method.DeclaringType!.FullName}.{method.Name}"),
        ];
        Assert.NotEqual(0, written);
        Assert.True(written == built.Length, $"{written} tests are written in files named Orleans/ or *Grain.cs, {built.Length} are in namespaces named Orleans:\n{string.Join('\n', built.Order())}");
    }

    private static string? Metadata(string key) =>
        typeof(OrleansTestsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().SingleOrDefault(metadata => metadata.Key == key)?.Value;

    /// <summary>Skipped where they are left out, under a name that says so: the reason of a skipped test is not printed by default, its name is.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class OrleansTestsFactAttribute : FactAttribute
    {
        public OrleansTestsFactAttribute()
        {
            if (Metadata("OrleansTestsLeftOut") is { } leftOut)
            {
                DisplayName = Skip = leftOut;
            }
        }
    }
}
