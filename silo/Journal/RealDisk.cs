using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Streaming.Silo.Journal;

/// <summary>
/// A directory of the file system. On Linux files are allocated by posix_fallocate and synced by fdatasync, and directories by fsync; elsewhere by what .NET offers.
/// A lock file, which is not listed, keeps a second process out.
/// </summary>
internal sealed class RealDisk : IDisk, IDisposable
{
    private const string LockName = "lock";

    private readonly string directory;
    private readonly FileStream? lockFile;
    private readonly int directoryHandle = -1;

    /// <summary>Takes the directory, making it where it is missing. Throws <see cref="IOException"/> where another process has it.</summary>
    public RealDisk(string directory)
    {
        this.directory = Path.GetFullPath(directory);
        try
        {
            Directory.CreateDirectory(this.directory);
            lockFile = new FileStream(Path.Combine(this.directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"{this.directory} cannot be written: {exception.Message} Let this user write there, or choose another data directory.", exception);
        }
        catch (IOException exception) when (!IsInUse(exception))
        {
            throw new IOException($"{this.directory} cannot be opened: {exception.Message} See that the disk is there, writable and not full, or choose another data directory.", exception);
        }
        catch (IOException exception)
        {
            throw new IOException($"{this.directory} is in use by another process: its file {LockName} is locked. Stop that process, or give this one a directory of its own.", exception);
        }

        if (!OperatingSystem.IsWindows())
        {
            directoryHandle = NativeFiles.OpenDirectory(this.directory);
            if (List().Count == 0)
            {
                // It may have been made just now, or by a run that died at once: its name has to outlive a loss of power as well.
                SyncParent();
            }
        }
    }

    private RealDisk(DirectoryInfo reading) => directory = reading.FullName;

    private bool MayWrite => lockFile is not null;

    /// <summary>Whether another process has a directory open for writing; false where nobody can tell.</summary>
    public static bool IsTaken(string directory)
    {
        try
        {
            using FileStream probe = new(Path.Combine(directory, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException exception)
        {
            return exception is not (FileNotFoundException or DirectoryNotFoundException) && IsInUse(exception);
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A lock that another process holds: a sharing violation on Windows, EWOULDBLOCK elsewhere.</summary>
    private static bool IsInUse(IOException exception)
    {
        const int sharingViolation = unchecked((int)0x80070020);
        return exception.HResult is sharingViolation or 11 or 35;
    }

    /// <summary>The same directory for reading alone, even while a process runs on it. Throws <see cref="DirectoryNotFoundException"/> where there is none.</summary>
    public static RealDisk ForReading(string directory)
    {
        DirectoryInfo reading = new(directory);
        return reading.Exists ? new RealDisk(reading) : throw new DirectoryNotFoundException($"There is no directory {reading.FullName}.");
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List()
    {
        List<string> names = [];
        foreach (string path in Directory.EnumerateFiles(directory))
        {
            string name = Path.GetFileName(path);
            if (name != LockName)
            {
                names.Add(name);
            }
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <inheritdoc/>
    public IDiskFile Create(string name, long bytes)
    {
        RequireWriting();
        string path = Path.Combine(directory, name);
        SafeFileHandle handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            NativeFiles.Allocate(handle, bytes);
            RandomAccess.FlushToDisk(handle);
            return new RealFile(handle, path);
        }
        catch
        {
            handle.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <inheritdoc/>
    public IDiskFile Open(string name)
    {
        string path = Path.Combine(directory, name);
        return new RealFile(File.OpenHandle(path, FileMode.Open, MayWrite ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), path);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        RequireWriting();
        File.Move(Path.Combine(directory, from), Path.Combine(directory, to), overwrite: false);
    }

    /// <inheritdoc/>
    public void Replace(string from, string to)
    {
        RequireWriting();
        File.Move(Path.Combine(directory, from), Path.Combine(directory, to), overwrite: true);
    }

    /// <inheritdoc/>
    public void Delete(string name)
    {
        RequireWriting();
        File.Delete(Path.Combine(directory, name));
    }

    /// <inheritdoc/>
    public void SyncDirectory()
    {
        RequireWriting();
        if (directoryHandle >= 0)
        {
            NativeFiles.SyncDirectory(directoryHandle, directory);
        }
    }

    public void Dispose()
    {
        if (directoryHandle >= 0 && lockFile is { SafeFileHandle.IsClosed: false })
        {
            NativeFiles.Close(directoryHandle);
        }

        lockFile?.Dispose();
    }

    private void SyncParent()
    {
        if (Path.GetDirectoryName(directory) is { } parent)
        {
            NativeFiles.SyncDirectory(parent);
        }
    }

    private void RequireWriting()
    {
        if (!MayWrite)
        {
            throw new InvalidOperationException($"{directory} was opened for reading alone.");
        }
    }

    private sealed class RealFile(SafeFileHandle handle, string path) : IDiskFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(handle, bytes, offset);

        public int Read(long offset, Span<byte> bytes)
        {
            int total = 0;
            while (total < bytes.Length)
            {
                int read = RandomAccess.Read(handle, bytes[total..], offset + total);
                if (read == 0)
                {
                    break;
                }

                total += read;
            }

            return total;
        }

        public void Sync() => NativeFiles.SyncData(handle, path);

        public void BeginSync(long offset, long bytes) => NativeFiles.BeginSync(handle, offset, bytes);

        public void SetLength(long bytes) => RandomAccess.SetLength(handle, bytes);

        public void Dispose() => handle.Dispose();
    }
}

/// <summary>
/// The system calls that .NET has no name for. A failed sync is thrown and never tried again, not even after an interruption: the kernel may have dropped what it could not
/// write, and a second sync would then succeed for nothing.
/// </summary>
internal static partial class NativeFiles
{
    private const int Interrupted = 4;
    private const int InvalidArgument = 22;
    private const int NotSupported = 95;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    /// <summary>Gives a new file its length, with the space for it. Throws <see cref="IOException"/> where there is too little.</summary>
    public static void Allocate(SafeFileHandle handle, long bytes)
    {
        if (OperatingSystem.IsLinux() && Environment.Is64BitProcess)
        {
            int error;
            do
            {
                error = PosixFallocate(Descriptor(handle), 0, bytes);
            }
            while (error == Interrupted);
            switch (error)
            {
                case 0:
                    return;
                case NoSpace or QuotaExceeded:
                    throw new IOException($"{bytes} bytes could not be allocated: {Marshal.GetPInvokeErrorMessage(error)}.");
                case not (InvalidArgument or NotSupported):
                    throw new IOException($"Allocating {bytes} bytes failed: {Marshal.GetPInvokeErrorMessage(error)} (error {error}).");
            }
        }

        byte[] zeros = new byte[1024 * 1024];
        for (long offset = 0; offset < bytes; offset += zeros.Length)
        {
            RandomAccess.Write(handle, zeros.AsSpan(0, (int)Math.Min(zeros.Length, bytes - offset)), offset);
        }
    }

    public static void SyncData(SafeFileHandle handle, string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(handle);
        }
        else if (FDataSync(Descriptor(handle)) != 0)
        {
            // A segment was the spare when it was opened; the kernel knows what it is called now.
            IOException failed = Failed($"Syncing {path}");
            string? now = File.ResolveLinkTarget($"/proc/self/fd/{Descriptor(handle)}", returnFinalTarget: false)?.FullName;
            throw now is null || now == path ? failed : new IOException(failed.Message.Replace(path, now, StringComparison.Ordinal), failed);
        }
    }

    /// <summary>Where this is not available or fails, nothing is lost: it is a hint.</summary>
    public static void BeginSync(SafeFileHandle handle, long offset, long bytes)
    {
        const uint Write = 2;
        if (OperatingSystem.IsLinux() && Environment.Is64BitProcess)
        {
            _ = SyncFileRange(Descriptor(handle), offset, bytes, Write);
        }
    }

    public static int OpenDirectory(string path)
    {
        const int ReadOnly = 0;
        int handle = OpenPath(path, ReadOnly);
        return handle >= 0 ? handle : throw Failed($"Opening the directory {path}");
    }

    /// <summary>Makes names in a directory durable that nobody has open. Where directories cannot be synced, nothing happens.</summary>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int handle = OpenDirectory(path);
        try
        {
            SyncDirectory(handle, path);
        }
        finally
        {
            Close(handle);
        }
    }

    public static void SyncDirectory(int handle, string path)
    {
        if (FSync(handle) != 0)
        {
            throw Failed($"Syncing the directory {path}");
        }
    }

    public static void Close(int handle) => _ = CloseDescriptor(handle);

    private static int Descriptor(SafeFileHandle handle)
    {
        ObjectDisposedException.ThrowIf(handle.IsClosed, handle);
        return (int)handle.DangerousGetHandle();
    }

    private static IOException Failed(string what)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{what} failed: {Marshal.GetPInvokeErrorMessage(error)} (error {error}).");
    }

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int PosixFallocate(int descriptor, long offset, long length);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FDataSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncFileRange(int descriptor, long offset, long bytes, uint flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenPath(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseDescriptor(int descriptor);
}
