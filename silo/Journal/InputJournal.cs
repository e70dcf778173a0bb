using Streaming.Ingest;

namespace Streaming.Silo.Journal;

internal sealed class InputJournal : IIntake, IDisposable
{
    public static InputJournal Open(IDisk disk, JournalOptions options, TimeProvider time, int followers, long replayFrom, ILogger logger) => throw new NotImplementedException();

    public event Action? Appended;

    public event Action? DurableAdvanced;

    public long RecoveredEnd => throw new NotImplementedException();

    public long FirstPosition => throw new NotImplementedException();

    public long End => throw new NotImplementedException();

    public long DurablePosition => throw new NotImplementedException();

    public string? Refusal => throw new NotImplementedException();

    public JournalFigures Figures => throw new NotImplementedException();

    public JournalFollower Follow(long after, bool durableOnly) => throw new NotImplementedException();

    public ReplayProgress ReplayStep() => throw new NotImplementedException();

    public ValueTask<Appended> AppendAsync(ReadOnlyMemory<byte> records, CancellationToken cancellation) => throw new NotImplementedException();

    public long AppendInternal(ReadOnlySpan<byte> records)
    {
        Appended?.Invoke();
        DurableAdvanced?.Invoke();
        throw new NotImplementedException();
    }

    public bool FlushStep() => throw new NotImplementedException();

    public ValueTask WaitDurableAsync(long position) => throw new NotImplementedException();

    public void Retire(long before) => throw new NotImplementedException();

    public void Stop() => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
