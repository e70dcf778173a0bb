using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Turns;
using Streaming.Silo.Journal;
using Streaming.Tests.Parity;
using Streaming.Tests.Simulation;

namespace Streaming.Tests.Upgrade;

/// <summary>A data directory as some version left it when its power failed, and what was in it. <c>README.md</c> says how samples come about.</summary>
/// <param name="Directory">Where it lies in the repository.</param>
internal sealed record UpgradeSample(string Directory)
{
    private const string DataFile = "data.zip";
    private const string AboutFile = "about.json";

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Web) { WriteIndented = true, Encoder = GoldenFiles.Json.Encoder };

    /// <summary>The samples' directory in the repository.</summary>
    public static string Root { get; } = Path.Combine(Path.GetDirectoryName(ParityScript.Directory)!, "Upgrade", "samples");

    public static IReadOnlyList<string> Names { get; } =
        System.IO.Directory.Exists(Root) ? [.. System.IO.Directory.GetDirectories(Root).Select(directory => Path.GetFileName(directory)!).OrderBy(name => int.Parse(name[..name.IndexOf('-', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture))] : [];

    public static UpgradeSample Find(string name) => new(Path.Combine(Root, name));

    /// <summary>When the power failed, and whose states are recorded.</summary>
    public SampleAbout About => JsonSerializer.Deserialize<SampleAbout>(File.ReadAllText(Path.Combine(Directory, AboutFile)), JsonSerializerOptions.Web)!;

    /// <summary>The recorded lines of a moment, by file.</summary>
    public SortedDictionary<string, string[]> Golden(string moment)
    {
        SortedDictionary<string, string[]> files = new(StringComparer.Ordinal);
        foreach (string path in System.IO.Directory.GetFiles(Path.Combine(Directory, moment), "*.jsonl"))
        {
            files.Add(Path.GetFileNameWithoutExtension(path), File.ReadAllLines(path));
        }

        return files;
    }

    public void WriteGolden(string moment, IReadOnlyDictionary<string, string[]> files)
    {
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, moment));
        foreach ((string file, string[] lines) in files)
        {
            File.WriteAllText(Path.Combine(Directory, moment, file + ".jsonl"), string.Concat(lines.Select(line => line + "\n")), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }
    }

    /// <summary>Unpacks the data directory, as the process has it.</summary>
    public void Unpack(string directory) => ZipFile.ExtractToDirectory(Path.Combine(Directory, DataFile), directory);

    /// <summary>Unpacks it for a host that a test drives.</summary>
    public ParityData Open(string directory)
    {
        Unpack(directory);
        ParityData data = new(directory, About.At, statesInMemory: false);
        Plant(data.JournalDisk, Path.Combine(directory, "journal"));
        Plant(data.HistoryDisk, Path.Combine(directory, "history"));
        return data;
    }

    /// <summary>Writes a new sample.</summary>
    public void Write(ParityData data, SampleAbout about)
    {
        System.IO.Directory.CreateDirectory(Directory);
        using (ZipArchive archive = ZipFile.Open(Path.Combine(Directory, DataFile), ZipArchiveMode.Create))
        {
            Pack(archive, "journal", data.JournalDisk);
            Pack(archive, "history", data.HistoryDisk);
            archive.CreateEntryFromFile(data.StatesPath, Path.GetFileName(data.StatesPath), CompressionLevel.SmallestSize);
            archive.CreateEntryFromFile(data.ListsPath, Path.GetFileName(data.ListsPath), CompressionLevel.SmallestSize);
        }

        File.WriteAllText(Path.Combine(Directory, AboutFile), JsonSerializer.Serialize(about, Indented));
    }

    private static void Plant(SimulatedDisk disk, string directory)
    {
        foreach (string path in System.IO.Directory.GetFiles(directory))
        {
            disk.Plant(Path.GetFileName(path), File.ReadAllBytes(path));
        }
    }

    private static void Pack(ZipArchive archive, string directory, SimulatedDisk disk)
    {
        // A spare holds nothing, and a directory without one is made one.
        foreach (string name in disk.List().Where(name => name != JournalLayout.SpareName))
        {
            using Stream entry = archive.CreateEntry($"{directory}/{name}", CompressionLevel.SmallestSize).Open();
            entry.Write(disk.Snapshot(name));
        }
    }
}

/// <summary>What a sample says about itself.</summary>
/// <param name="Host">The host that wrote it.</param>
/// <param name="At">When its power failed.</param>
/// <param name="Rulebook">The parity script's directory of the rulebook that was in force.</param>
/// <param name="Actors">Kind and key of the actors whose states are recorded, besides those that the lists name.</param>
internal sealed record SampleAbout(string Host, DateTimeOffset At, string Rulebook, IReadOnlyList<SampleActor> Actors);

/// <summary>One actor of a sample.</summary>
internal sealed record SampleActor(string Kind, string Key)
{
    public (ActorKind Kind, string Key) Id => (Enum.Parse<ActorKind>(Kind), Key);
}
