namespace Streaming.Silo.Journal;

internal sealed class JournalFollower
{
    /// <summary>The last record consumed.</summary>
    public long Position => throw new NotImplementedException();

    public bool TryRead(out ReadOnlySpan<byte> records, out long firstPosition, out int count) => throw new NotImplementedException();

    public void Release() => throw new NotImplementedException();
}
