namespace Streaming.Silo.Journal;

internal static class JournalLayout
{
    public const int Alignment = 64;
    public const int SegmentHeaderBytes = 64;
}
