using Streaming.Silo.Journal;

namespace Streaming.Tests.Simulation;

/// <summary>The simulated machine died in the middle of a disk operation.</summary>
public sealed class SimulatedCrashException(string operation) : Exception($"The simulated machine died at: {operation}.");

/// <summary>
/// A directory in memory that keeps only what was synced. <see cref="Crash"/> is a loss of power: of what was written and not synced, each sector is kept, lost or torn; of names
/// made, changed or deleted and not synced, each is kept or lost. Everything follows from the seed.
/// </summary>
/// <remarks>
/// A torn sector holds some of its new bytes and otherwise its old ones. So bytes that were durable and are written again unchanged survive: real disks write
/// a sector whole or not at all, and the journal's format relies on no more than this weaker promise.
/// Handles from before a crash are dead: they throw, as a killed process can do nothing any more.
/// </remarks>
internal sealed class SimulatedDisk : IDisk
{
    private const int SectorBytes = 512;

    private readonly Lock gate = new();
    private readonly Random random;
    private readonly List<DirectoryChange> unsynced = [];
    private SortedDictionary<string, FileData> names = new(StringComparer.Ordinal);
    private SortedDictionary<string, FileData> durableNames = new(StringComparer.Ordinal);
    private int life;
    private int operationsLeft = int.MaxValue;

    public SimulatedDisk(int seed) => random = new Random(seed);

    /// <summary>Bytes that all files together may have; creating one that does not fit fails.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>While true, each sync of a file fails, and what it should have made durable is lost at the next crash, however often it is synced again.</summary>
    public bool FailSyncs { get; set; }

    /// <summary>While true, each write to a file fails.</summary>
    public bool FailWrites { get; set; }

    /// <summary>A lie: the sync of a file of this name returns, and nothing of the file is any safer for it. Null: no file's.</summary>
    public Predicate<string>? LiesAboutSync { get; set; }

    /// <summary>A lie: the sync of the directory returns, and its names are no safer for it.</summary>
    public bool LiesAboutDirectory { get; set; }

    /// <summary>Writes to files so far.</summary>
    public int Writes { get; private set; }

    /// <summary>Syncs of files so far.</summary>
    public int Syncs { get; private set; }

    /// <summary>Bytes written to files so far.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Called before each operation that changes something, with its name; it may throw.</summary>
    public Action<string>? Before { get; set; }

    /// <summary>Lets the machine die (<see cref="SimulatedCrashException"/>) at the operation after so many more that change something. Half of it may have happened; call <see cref="Crash"/> next.</summary>
    public void DieAfter(int operations) => operationsLeft = operations;

    /// <summary>Loss of power, and power back: only what was synced is there for certain.</summary>
    public void Crash()
    {
        lock (gate)
        {
            life++;
            operationsLeft = int.MaxValue;
            foreach (DirectoryChange change in unsynced)
            {
                if (random.Next(2) == 0)
                {
                    change.Apply(durableNames);
                }
            }

            unsynced.Clear();
            names = new SortedDictionary<string, FileData>(durableNames, StringComparer.Ordinal);
            foreach (FileData file in names.Values.Distinct())
            {
                file.LosePower(random);
            }
        }
    }

    /// <summary>The process is killed: everything written stays, synced or not, but old handles are dead.</summary>
    public void Kill()
    {
        lock (gate)
        {
            life++;
            operationsLeft = int.MaxValue;
        }
    }

    /// <summary>A file's bytes as they are now.</summary>
    public byte[] Snapshot(string name)
    {
        lock (gate)
        {
            return names[name].Bytes.ToArray();
        }
    }

    /// <summary>Sets a file's bytes, durably, behind everybody's back.</summary>
    public void Plant(string name, byte[] bytes)
    {
        lock (gate)
        {
            FileData file = new(bytes.ToArray());
            names[name] = file;
            durableNames[name] = file;
        }
    }

    /// <summary>Takes a file away, durably, behind everybody's back.</summary>
    public void Remove(string name)
    {
        lock (gate)
        {
            names.Remove(name);
            durableNames.Remove(name);
        }
    }

    public IReadOnlyList<string> List()
    {
        lock (gate)
        {
            return [.. names.Keys];
        }
    }

    public IDiskFile Create(string name, long bytes)
    {
        lock (gate)
        {
            Step("create " + name);
            if (names.ContainsKey(name))
            {
                throw new IOException($"{name} exists.");
            }

            if (UsedBytes + bytes > CapacityBytes)
            {
                throw new IOException($"No space left for {bytes} bytes.");
            }

            FileData made = new(new byte[bytes]);
            Change(new DirectoryChange(name, null, made));
            return new Handle(this, made, life);
        }
    }

    public IDiskFile Open(string name)
    {
        lock (gate)
        {
            return names.TryGetValue(name, out FileData? file) ? new Handle(this, file, life) : throw new FileNotFoundException($"There is no file {name}.", name);
        }
    }

    public void Rename(string from, string to)
    {
        lock (gate)
        {
            Step($"rename {from} to {to}");
            if (!names.ContainsKey(from) || names.ContainsKey(to))
            {
                throw new IOException($"{from} cannot be renamed to {to}.");
            }

            Change(new DirectoryChange(to, from, null));
        }
    }

    public void Replace(string from, string to)
    {
        lock (gate)
        {
            Step($"replace {to} by {from}");
            if (!names.ContainsKey(from))
            {
                throw new IOException($"{from} cannot take the place of {to}.");
            }

            Change(new DirectoryChange(to, from, null));
        }
    }

    public void Delete(string name)
    {
        lock (gate)
        {
            Step("delete " + name);
            Change(new DirectoryChange(name, null, null));
        }
    }

    public void SyncDirectory()
    {
        lock (gate)
        {
            Step("sync directory");
            if (LiesAboutDirectory)
            {
                return;
            }

            unsynced.Clear();
            durableNames = new SortedDictionary<string, FileData>(names, StringComparer.Ordinal);
        }
    }

    /// <summary>Bytes of all files as they are now.</summary>
    public long UsedBytes
    {
        get
        {
            lock (gate)
            {
                return names.Values.Distinct().Sum(file => (long)file.Bytes.Length);
            }
        }
    }

    private bool Lies(FileData file) => LiesAboutSync is { } lies && names.Any(name => name.Value == file && lies(name.Key));

    private void Change(DirectoryChange change)
    {
        change.Apply(names);
        unsynced.Add(change);
    }

    private void Step(string operation)
    {
        Before?.Invoke(operation);
        if (operationsLeft <= 0)
        {
            throw new SimulatedCrashException(operation);
        }

        operationsLeft--;
    }

    /// <summary>A name made (with a file), renamed (with the old name) or deleted (with neither).</summary>
    private sealed record DirectoryChange(string Name, string? From, FileData? Made)
    {
        public void Apply(SortedDictionary<string, FileData> names)
        {
            if (Made is not null)
            {
                names[Name] = Made;
            }
            else if (From is null)
            {
                names.Remove(Name);
            }
            else if (names.Remove(From, out FileData? file))
            {
                names[Name] = file;
            }
        }
    }

    /// <summary>A file as the process sees it, and for each sector that is not synced what the disk holds instead.</summary>
    private sealed class FileData(byte[] bytes)
    {
        private readonly SortedDictionary<int, byte[]> unsynced = [];

        /// <summary>Sectors that a failed sync dropped: the process sees the new bytes, and the disk will never get them unless they are written again.</summary>
        private readonly SortedDictionary<int, byte[]> dropped = [];

        public byte[] Bytes { get; private set; } = bytes;

        public void Write(long offset, ReadOnlySpan<byte> content)
        {
            if (offset + content.Length > Bytes.Length)
            {
                throw new IOException("A write past the end of what was allocated.");
            }

            int first = (int)(offset / SectorBytes);
            int last = (int)((offset + content.Length - 1) / SectorBytes);
            for (int sector = first; sector <= last && content.Length > 0; sector++)
            {
                if (dropped.Remove(sector, out byte[]? onDisk))
                {
                    unsynced[sector] = onDisk;
                }
                else if (!unsynced.ContainsKey(sector))
                {
                    // Whole, as the file may grow before the power goes.
                    byte[] whole = new byte[SectorBytes];
                    Sector(sector).CopyTo(whole);
                    unsynced[sector] = whole;
                }
            }

            content.CopyTo(Bytes.AsSpan((int)offset));
        }

        public void Sync() => unsynced.Clear();

        public void FailSync()
        {
            foreach ((int sector, byte[] onDisk) in unsynced)
            {
                dropped[sector] = onDisk;
            }

            unsynced.Clear();
        }

        public void SetLength(long length)
        {
            byte[] resized = new byte[length];
            Bytes.AsSpan(0, (int)Math.Min(length, Bytes.Length)).CopyTo(resized);
            Bytes = resized;
        }

        public void LosePower(Random random)
        {
            foreach ((int sector, byte[] onDisk) in dropped)
            {
                onDisk.AsSpan(0, Sector(sector).Length).CopyTo(Sector(sector));
            }

            foreach ((int sector, byte[] onDisk) in unsynced)
            {
                Span<byte> now = Sector(sector);
                int cut = random.Next(now.Length + 1);
                switch (random.Next(4))
                {
                    case 0:
                        break;
                    case 1:
                        onDisk.AsSpan(0, now.Length).CopyTo(now);
                        break;
                    case 2:
                        onDisk.AsSpan(cut, now.Length - cut).CopyTo(now[cut..]);
                        break;
                    default:
                        onDisk.AsSpan(0, cut).CopyTo(now);
                        break;
                }
            }

            dropped.Clear();
            unsynced.Clear();
        }

        private Span<byte> Sector(int sector) => Bytes.AsSpan(sector * SectorBytes, Math.Min(SectorBytes, Bytes.Length - (sector * SectorBytes)));
    }

    private sealed class Handle(SimulatedDisk disk, FileData file, int life) : IDiskFile
    {
        private bool closed;

        public long Length => file.Bytes.Length;

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            lock (disk.gate)
            {
                RequireAlive();
                disk.Before?.Invoke("write");
                if (disk.FailWrites)
                {
                    throw new IOException("The simulated disk fails writes.");
                }

                if (disk.operationsLeft <= 0)
                {
                    file.Write(offset, bytes);
                    throw new SimulatedCrashException("write");
                }

                disk.operationsLeft--;
                file.Write(offset, bytes);
                disk.Writes++;
                disk.BytesWritten += bytes.Length;
            }
        }

        public int Read(long offset, Span<byte> bytes)
        {
            lock (disk.gate)
            {
                RequireAlive();
                int count = (int)Math.Clamp(file.Bytes.Length - offset, 0, bytes.Length);
                file.Bytes.AsSpan((int)Math.Min(offset, file.Bytes.Length), count).CopyTo(bytes);
                return count;
            }
        }

        public void Sync()
        {
            lock (disk.gate)
            {
                RequireAlive();
                disk.Step("sync");
                disk.Syncs++;
                if (disk.FailSyncs)
                {
                    file.FailSync();
                    throw new IOException("The simulated disk fails syncs.");
                }

                if (!disk.Lies(file))
                {
                    file.Sync();
                }
            }
        }

        public void SetLength(long bytes)
        {
            lock (disk.gate)
            {
                RequireAlive();
                disk.Step("set length");
                if (bytes > file.Bytes.Length && disk.names.Values.Distinct().Sum(each => (long)each.Bytes.Length) + bytes - file.Bytes.Length > disk.CapacityBytes)
                {
                    throw new IOException($"No space left for {bytes} bytes.");
                }

                file.SetLength(bytes);
            }
        }

        public void Dispose() => closed = true;

        private void RequireAlive()
        {
            ObjectDisposedException.ThrowIf(closed, this);
            if (life != disk.life)
            {
                throw new InvalidOperationException("A handle from before the crash was used: the process that held it is dead.");
            }
        }
    }
}
