using System.Diagnostics;
using Xunit;

namespace Streaming.Tests.Faults;

/// <summary>
/// A small file system of its own (tmpfs), mounted over a directory, that a test can fill up to the last page and give room again. That takes the right to mount; where it is missing, tests that need it skip themselves.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string directory;

    /// <summary>Mounts it over a directory, which is made where it is missing.</summary>
    public SmallDisk(string directory, int mebibytes)
    {
        this.directory = directory;
        Directory.CreateDirectory(directory);
        Require(Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m,mode=0777", "tmpfs", directory), "mount");
    }

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? Unavailable { get; } = Probe();

    private string Filler => Path.Combine(directory, "filler");

    /// <summary>Takes all of the room that is left.</summary>
    public void Fill()
    {
        using FileStream filler = new(Filler, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (byte[] bytes = new byte[64 * 1024]; bytes.Length > 0;)
        {
            try
            {
                filler.Write(bytes);
            }
            catch (IOException)
            {
                // Full for so much; perhaps not for less.
                bytes = new byte[bytes.Length / 2];
            }
        }
    }

    public void MakeRoom() => File.Delete(Filler);

    /// <summary>Makes the whole file system read-only, or writable again.</summary>
    public void Protect(bool readOnly) => Require(Run("mount", "-o", readOnly ? "remount,ro" : "remount,rw", directory), "remount");

    public void Dispose() => Run("umount", "-l", directory);

    private static string? Probe()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "a file system of its own is mounted on Linux only";
        }

        string directory = Directory.CreateTempSubdirectory("streaming-mount-").FullName;
        try
        {
            (int code, string said) = Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", directory);
            if (code != 0)
            {
                return $"a small file system cannot be mounted here: {said.Trim()}";
            }

            Run("umount", directory);
            return null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "there is no mount here";
        }
        finally
        {
            Directory.Delete(directory);
        }
    }

    private static void Require((int Code, string Said) outcome, string what)
    {
        if (outcome.Code != 0)
        {
            throw new InvalidOperationException($"{what} failed: {outcome.Said}");
        }
    }

    private static (int Code, string Said) Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true };
        using Process run = Process.Start(start)!;
        string said = run.StandardError.ReadToEnd();
        run.WaitForExit();
        return (run.ExitCode, said);
    }
}

/// <summary>A theory that needs a small file system of its own; skipped, visibly, where none can be mounted.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskTheoryAttribute : TheoryAttribute
{
    public SmallDiskTheoryAttribute() => Skip = SmallDisk.Unavailable;
}

/// <summary>The same for a single test.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.Unavailable;
}
