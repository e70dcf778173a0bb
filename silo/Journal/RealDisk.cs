namespace Streaming.Silo.Journal;

internal sealed class RealDisk : IDisk, IDisposable
{
    /// <summary>Takes the directory, making it where it is missing; throws <see cref="IOException"/> where another process has it.</summary>
    public RealDisk(string directory) => throw new NotImplementedException(directory);

    /// <summary>The same directory for reading alone, even while a process runs on it.</summary>
    public static RealDisk ForReading(string directory) => throw new NotImplementedException(directory);

    public IReadOnlyList<string> List() => throw new NotImplementedException();

    public IDiskFile Create(string name, long bytes) => throw new NotImplementedException();

    public IDiskFile Open(string name) => throw new NotImplementedException();

    public void Rename(string from, string to) => throw new NotImplementedException();

    public void Delete(string name) => throw new NotImplementedException();

    public void SyncDirectory() => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
