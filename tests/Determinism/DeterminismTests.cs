using System.Diagnostics;
using Streaming.Determinism;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Xunit;

namespace Streaming.Tests.Determinism;

/// <summary>
/// The same messages in the same order give the same state and the same effects, byte for byte: with the state written and read between all turns, and in another process under another culture and time zone.
/// </summary>
public sealed class DeterminismTests
{
    /// <summary>A second process that takes longer hangs.</summary>
    private static readonly TimeSpan ProcessTimeout = TimeSpan.FromMinutes(2);

    public static TheoryData<string> ScriptNames => [.. ActorScripts.All.Select(script => script.Name)];

    [Theory]
    [MemberData(nameof(ScriptNames))]
    public void An_actor_that_is_stored_and_loaded_between_turns_goes_on_as_if_it_had_stayed(string name)
    {
        ActorScript script = ActorScripts.All.Single(candidate => candidate.Name == name);
        AssertSame(name, script.Run(reload: false), script.Run(reload: true));
    }

    [Fact]
    public void Every_kind_of_actor_that_can_be_made_has_a_script()
    {
        foreach (ActorKind kind in Enum.GetValues<ActorKind>())
        {
            try
            {
                ActorFactory.Create(kind);
            }
            catch (InvalidDataException)
            {
                continue;
            }

            Assert.Contains(ActorScripts.All, script => script.Kind == kind);
        }
    }

    [Fact]
    public void Another_process_under_another_culture_and_time_zone_comes_to_the_same_bytes()
    {
        byte[] written = RunElsewhere(invariant: "0") ?? RunElsewhere(invariant: "1") ?? throw new InvalidOperationException("The second process failed with and without culture data.");
        ByteReader reader = new(written);

        // A comma and half an hour: the other process really is somewhere else.
        Assert.Equal("1,5 330", reader.ReadText());
        foreach (ActorScript script in ActorScripts.All)
        {
            Assert.Equal(script.Name, reader.ReadText());
            AssertSame(script.Name, script.Run(reload: true), reader.ReadBytes().ToArray());
        }

        Assert.True(reader.AtEnd);
    }

    /// <summary>What the runner writes; null where the machine has no culture data for it to start with.</summary>
    private static byte[]? RunElsewhere(string invariant)
    {
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string dotnet = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        ProcessStartInfo start = new(dotnet)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "exec", typeof(ActorScript).Assembly.Location, "tr-TR" },
            Environment =
            {
                ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = invariant,
                ["DOTNET_SYSTEM_GLOBALIZATION_PREDEFINED_CULTURES_ONLY"] = "0",
                ["LANG"] = "tr_TR.UTF-8",
                ["LC_ALL"] = "tr_TR.UTF-8",
                ["TZ"] = "Asia/Kolkata",
            },
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using MemoryStream written = new();
        Task copied = process.StandardOutput.BaseStream.CopyToAsync(written);
        if (!process.WaitForExit(ProcessTimeout))
        {
            process.Kill();
            throw new TimeoutException($"The second process was not done after {ProcessTimeout}.");
        }

        copied.Wait();
        if (process.ExitCode != 0)
        {
            return errors.Result.Contains("ICU", StringComparison.Ordinal) ? null : throw new InvalidOperationException($"The second process ended with {process.ExitCode}: {errors.Result}");
        }

        return written.ToArray();
    }

    private static void AssertSame(string script, byte[] expected, byte[] actual)
    {
        int same = expected.AsSpan().CommonPrefixLength(actual);
        if (same == expected.Length && same == actual.Length)
        {
            return;
        }

        int step = System.Text.Encoding.UTF8.GetString(expected.AsSpan(0, same)).Split("step ").Length - 2;
        int from = Math.Max(0, same - 60);
        Assert.Fail($"Script {script} differs at step {step}, byte {same}: "
            + $"'{System.Text.Encoding.UTF8.GetString(expected.AsSpan(from, Math.Min(120, expected.Length - from)))}' became "
            + $"'{System.Text.Encoding.UTF8.GetString(actual.AsSpan(from, Math.Min(120, actual.Length - from)))}'.");
    }
}
