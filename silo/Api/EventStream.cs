using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace Streaming.Silo.Api;

/// <summary>
/// Writes server-sent events (WHATWG HTML, 9.2: lines "id", "event", "data", then an empty line; a line beginning with a colon is a comment). What is written is flushed before more is read, and a reader
/// that takes nothing for <see cref="ApiLimits.WriteTimeout"/> loses the connection, so a slow one holds one batch in memory and no more.
/// </summary>
internal sealed class EventStream(HttpContext context, TimeProvider time)
{
    private readonly PipeWriter body = context.Response.BodyWriter;

    /// <summary>Sends the head, so that the reader knows at once that it is connected.</summary>
    public ValueTask<bool> BeginAsync(string comment, CancellationToken cancellation)
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache, no-transform";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        Write("retry: 2000\n"u8);
        Comment(comment);
        return FlushAsync(cancellation);
    }

    public void Comment(string text)
    {
        Write(": "u8);
        Write(Encoding.UTF8.GetBytes(text));
        Write("\n\n"u8);
    }

    /// <summary>One event. The data is one line: JSON writes line ends as escapes.</summary>
    public void Event(long? id, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        if (id is { } number)
        {
            Span<byte> digits = stackalloc byte[20];
            number.TryFormat(digits, out int length, provider: CultureInfo.InvariantCulture);
            Write("id: "u8);
            Write(digits[..length]);
            Write("\n"u8);
        }

        Write("event: "u8);
        Write(name);
        Write("\ndata: "u8);
        Write(data);
        Write("\n\n"u8);
    }

    /// <summary>False where the reader is gone or too slow: the stream is over then.</summary>
    public async ValueTask<bool> FlushAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource late = new(ApiLimits.WriteTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            FlushResult result = await body.FlushAsync(either.Token).ConfigureAwait(false);
            return !result.IsCompleted;
        }
        catch (OperationCanceledException)
        {
            context.Abort();
            return false;
        }
    }

    private void Write(ReadOnlySpan<byte> bytes) => BuffersExtensions.Write(body, bytes);
}
