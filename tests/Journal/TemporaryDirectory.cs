namespace Streaming.Tests.Journal;

/// <summary>A new directory that goes away with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("streaming-journal-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
