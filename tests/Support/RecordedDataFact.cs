using Xunit;

namespace Streaming.Tests.Support;

/// <summary>
/// A test on recorded device data, which lies in <c>shared/data</c> beside the repository (or one of the folders above it), or where STREAMING_RECORDED_DATA says. It is
/// skipped, visibly, where the file is not there.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RecordedDataFactAttribute : FactAttribute
{
    public RecordedDataFactAttribute(string file)
    {
        File = file;
        if (RecordedData.Find(file) is null)
        {
            Skip = $"recorded data {file} is not there";
        }
    }

    public string File { get; }
}

/// <summary>Where recorded device data lies.</summary>
internal static class RecordedData
{
    public static string? Find(string file)
    {
        string? named = Environment.GetEnvironmentVariable("STREAMING_RECORDED_DATA");
        if (named is not null && File.Exists(Path.Combine(named, file)))
        {
            return Path.Combine(named, file);
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "data", file);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    public static string Get(string file) => Find(file) ?? throw new FileNotFoundException($"Recorded data {file} is not there.");
}
