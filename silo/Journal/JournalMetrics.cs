using System.Diagnostics.Metrics;
using Streaming.Silo.Journal.Archives;

namespace Streaming.Silo.Journal;

/// <summary>What there is to see of a journal and its archives. Everything is read when somebody asks.</summary>
internal sealed class JournalMetrics : IDisposable
{
    public const string MeterName = "Streaming.Journal";

    private readonly Meter meter = new(MeterName);

    public JournalMetrics(InputJournal journal, Archiver archiver, TimeProvider time)
    {
        meter.CreateObservableGauge("streaming_journal_disk_bytes", () => journal.Figures.DiskBytes, description: "Bytes that segments, archives and the spare take on disk.");
        meter.CreateObservableGauge("streaming_journal_segments", () => journal.Figures.Segments, description: "Segment files, archived ones that replay still needs included.");
        meter.CreateObservableGauge("streaming_journal_archives", () => journal.Figures.Archives, description: "Archives.");
        meter.CreateObservableGauge("streaming_journal_archive_bytes", () => journal.Figures.ArchiveBytes, description: "Bytes of the archives.");
        meter.CreateObservableGauge("streaming_journal_archived_bytes", () => journal.Figures.ArchivedBytes, description: "Bytes of the records that the archives were made from; divided by their bytes it is the ratio of compression and retention.");
        meter.CreateObservableCounter("streaming_journal_archiving_seconds", () => archiver.Worked.TotalSeconds, description: "Time spent archiving; its rate is the share of one core.");
        meter.CreateObservableGauge("streaming_journal_archiving_stuck", () => archiver.Trouble is null ? 0 : 1, description: "1 while segments cannot be archived.");
        meter.CreateObservableGauge("streaming_journal_reach_seconds", () => Reach(journal, time), description: "How far back each section of the journal reaches without a gap.");
    }

    public void Dispose() => meter.Dispose();

    /// <summary>Where the oldest archive begins from which on no archive lacks the section; without archives, where the oldest segment begins.</summary>
    private static IEnumerable<Measurement<double>> Reach(InputJournal journal, TimeProvider time)
    {
        double nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        long oldestMs = journal.Figures.OldestMs;
        foreach (ArchiveSection section in RetentionAges.Sections)
        {
            long sinceMs = oldestMs;
            foreach (ArchiveHeader archive in journal.Files.Archives)
            {
                sinceMs = archive.Sections[section.Number].Dropped ? archive.LastTimeMs : sinceMs;
            }

            yield return new Measurement<double>(Math.Max(0, nowMs - sinceMs) / 1000, new KeyValuePair<string, object?>("section", section.Name));
        }
    }
}
