namespace Streaming.Ingest.Mqtt.Doors;

/// <summary>
/// Lies between a socket and TLS. Until the handshake is over, a read gives the permit back while it waits for the peer and takes one again before TLS computes on what came: the permits bound the
/// computing, not the waiting, so a peer that stalls holds none. Afterwards everything passes through.
/// </summary>
/// <remarks>Used by the one task that does the handshake until <see cref="Finish"/>; only then may reads and writes come from different tasks.</remarks>
internal sealed class HandshakeStream(Stream inner, SemaphoreSlim permits) : Stream
{
    private bool computing;
    private bool finished;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The handshake is over, well or not.</summary>
    public void Finish()
    {
        finished = true;
        GiveBack();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        finished ? inner.ReadAsync(buffer, cancellationToken) : ReadPacedAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadPacedAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        GiveBack();
        int count = await inner.ReadAsync(buffer, cancellation);
        await permits.WaitAsync(cancellation);
        computing = true;
        return count;
    }

    private void GiveBack()
    {
        if (computing)
        {
            computing = false;
            permits.Release();
        }
    }
}
