using System.Globalization;
using Microsoft.Extensions.Logging;
using Streaming.Ingest;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace Streaming.Tests.Mqtt;

/// <summary>
/// Damaged streams of packets into connections of the endpoint, without sockets. Each is sent twice, cut into reads in two ways: the outcome must be the same, since where a network cuts a stream means nothing.
/// <c>STREAMING_FUZZ</c> (a count, or <c>from-to</c>) runs more than a test run has time for; a failure prints the number of the stream, which makes it again.
/// </summary>
[Collection(MeasuredAlone.Name)]
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const long StreamsByDefault = 20_000;

    /// <summary>No stream takes more than milliseconds; whoever is still at one after so long hangs.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task No_stream_of_bytes_breaks_a_connection_or_is_refused_without_a_name_wherever_it_is_cut()
    {
        (long from, long to) = Streams();
        using Endpoint endpoint = new();
        long at = from;
        Task run = Task.Run(async () =>
        {
            for (; at < to; at++)
            {
                await endpoint.PlayAsync(at);
            }
        });
        for (long seen = -1; await Task.WhenAny(run, Task.Delay(Hang)) != run; seen = Volatile.Read(ref at))
        {
            Assert.True(Volatile.Read(ref at) != seen, $"Stream {seen} hangs.");
        }

        await run;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Streams {from} to {to - 1}: {endpoint.Admitted} were admitted, {endpoint.Records} records; refusals: {endpoint.Refusals}"));
        endpoint.RequireNothingLeft(from, to);
    }

    private static (long From, long To) Streams()
    {
        string[] range = (Environment.GetEnvironmentVariable("STREAMING_FUZZ") ?? $"{StreamsByDefault}").Split('-');
        return range.Length == 2
            ? (long.Parse(range[0], CultureInfo.InvariantCulture), long.Parse(range[1], CultureInfo.InvariantCulture))
            : (0, long.Parse(range[0], CultureInfo.InvariantCulture));
    }

    /// <summary>What a connection stands on, and what is looked at after each.</summary>
    private sealed class Endpoint : IDisposable
    {
        /// <summary>Sessions that wait for their expiry, as many as there may be, take some 20 MiB of it: nothing here makes them end.</summary>
        private const int LeftBytes = 48 * 1024 * 1024;

        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

        private readonly FuzzedStreams streams = new();
        private readonly FakeIntake intake = new();
        private readonly FakeSessions sessions;
        private readonly ConnectionRegistry registry = new();
        private readonly FirstError errors = new();
        private readonly SteppedTime time = new();
        private readonly MqttMetrics metrics;
        private readonly MqttContext context;
        private long number;
        private long bytesBefore;

        public Endpoint()
        {
            sessions = new FakeSessions(intake);
            FakeAccess access = new();
            access.AddDevice("S07", "p", "v1/wim/S07/+", "v1/status/S07");
            access.AddDevice("C07", "p", "v1/video/C07");
            access.AddToken("t1", "t", "member", "transport", "*");
            access.AddToken("t2", "t", "member", "transport", "harbour");
            access.AddToken("admin", "t", "administrator", null, "*");
            metrics = new MqttMetrics(() => registry.Count);
            context = new MqttContext(intake, access, new FakeFeeds(), sessions, sessions, time, metrics, registry, new SessionExpiries(sessions, errors));
        }

        public int Admitted { get; private set; }

        public long Records { get; private set; }

        public string Refusals => string.Join(", ", metrics.Refusals.OrderByDescending(each => each.Value).Select(each => string.Create(CultureInfo.InvariantCulture, $"{each.Key} {each.Value}")));

        public async Task PlayAsync(long stream)
        {
            byte[] bytes = streams.Make(stream);
            string whole = await PlayAsync(stream, bytes, [bytes.Length]);
            string cut = await PlayAsync(stream, bytes, FuzzedStreams.Cuts(stream, bytes.Length));
            Assert.True(whole == cut, $"Stream {stream} ({Convert.ToHexString(bytes)}) comes to another end where it is cut otherwise:\n{whole}\n{cut}");

            // A device may send only so much a second, and all of these are of a few.
            time.Advance(Pause);
            if (stream % 1_000 == 0 && bytesBefore == 0)
            {
                bytesBefore = GC.GetTotalMemory(forceFullCollection: true);
            }
        }

        public void RequireNothingLeft(long from, long to)
        {
            Assert.Equal(0, registry.Count);
            Assert.Equal(MqttLimits.LargePacketsAtOnce, context.LargePackets.CurrentCount);
            Assert.True(Admitted > (to - from) / 4, "Hardly any stream gets past its CONNECT: the packets behind it are not looked at.");
            Assert.True(Records > (to - from) / 20, "Hardly any publish is taken.");
            Assert.True(metrics.Refusals.Count > 20, $"Only few kinds of refusals were met: {Refusals}");
            long grown = GC.GetTotalMemory(forceFullCollection: true) - bytesBefore;
            Assert.True(grown < LeftBytes, $"{grown} bytes more are held than after the first streams.");
        }

        public void Dispose() => metrics.Dispose();

        /// <summary>What the server sent, the acknowledgements of publishes apart since they have a loop of their own, what was journaled, and why it ended.</summary>
        private async Task<string> PlayAsync(long stream, byte[] bytes, int[] cuts)
        {
            IReadOnlyDictionary<MqttRefusal, long> before = new Dictionary<MqttRefusal, long>(metrics.Refusals);
            await using CutStream peer = new(bytes, cuts);
            MqttConnection connection = new(++number, new Transport(peer, TransportKind.Tcp, null), context, errors);
            registry.TryAdd(connection, int.MaxValue);
            await connection.RunAsync();
            registry.Remove(connection);
            Assert.True(errors.First is null, $"Stream {stream} ({Convert.ToHexString(bytes)}): {errors.First}");
            string refusals = string.Join(' ', metrics.Refusals.Where(each => each.Value != before.GetValueOrDefault(each.Key)).Select(each => $"{each.Key}{each.Value - before.GetValueOrDefault(each.Key)}").Order(StringComparer.Ordinal));
            Assert.DoesNotContain(nameof(MqttRefusal.InternalError), refusals, StringComparison.Ordinal);
            string sent = Sent(stream, peer.Sent);
            // Each way of cutting a stream starts from nothing: a damaged CONNECT may keep a session, under an identifier that is damaged as well.
            int records = intake.Arrived.Count;
            Records += records;
            intake.Clear();
            return $"{sent} | {records} records | {refusals}";
        }

        /// <summary>The server's packets: whole, of kinds that a server sends, a CONNACK first and nothing behind a DISCONNECT.</summary>
        private string Sent(long stream, byte[] bytes)
        {
            List<string> others = [];
            List<string> acks = [];
            bool first = true;
            bool ended = false;
            for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty;)
            {
                Assert.True(FrameHeader.Read(rest, int.MaxValue, out FrameHeader header) == MqttRefusal.None && header.IsComplete && rest.Length >= header.TotalBytes, $"Stream {stream}: the answer {Convert.ToHexString(bytes)} is not made of whole packets.");
                Assert.True(first == (header.Type == PacketType.ConnAck), $"Stream {stream}: the answer begins with {header.Type}, or has two CONNACKs.");
                Assert.False(ended, $"Stream {stream}: something is sent behind a DISCONNECT.");
                Assert.True(header.Type is not (PacketType.Connect or PacketType.Subscribe or PacketType.Unsubscribe or PacketType.PingReq), $"Stream {stream}: a server sent {header.Type}.");
                if (first && rest[header.HeaderBytes + 1] == 0)
                {
                    Admitted++;
                }

                // A CONNACK may carry an identifier that was made up, and is another each time.
                string packet = header.Type == PacketType.ConnAck ? $"CONNACK{rest[header.HeaderBytes]}-{rest[header.HeaderBytes + 1]}" : Convert.ToHexString(rest[..header.TotalBytes]);
                (header.Type is PacketType.PubAck ? acks : others).Add(packet);
                ended = header.Type == PacketType.Disconnect;
                first = false;
                rest = rest[header.TotalBytes..];
            }

            return string.Join(' ', others.Concat(acks));
        }
    }

    /// <summary>A peer that has sent all it will, in these pieces, and takes whatever it is sent.</summary>
    private sealed class CutStream(byte[] bytes, int[] cuts) : Stream
    {
        private readonly MemoryStream sent = new();
        private readonly Lock gate = new();
        private int at;
        private int cut;
        private int left = cuts.Length > 0 ? cuts[0] : 0;

        public byte[] Sent
        {
            get
            {
                lock (gate)
                {
                    return sent.ToArray();
                }
            }
        }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return ValueTask.FromCanceled<int>(cancellationToken);
            }

            if (buffer.IsEmpty || at == bytes.Length)
            {
                return ValueTask.FromResult(0);
            }

            while (left == 0)
            {
                left = cuts[++cut];
            }

            int count = Math.Min(left, buffer.Length);
            bytes.AsMemory(at, count).CopyTo(buffer);
            at += count;
            left -= count;
            return ValueTask.FromResult(count);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            lock (gate)
            {
                sent.Write(buffer.Span);
            }

            return ValueTask.CompletedTask;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }

    /// <summary>Keeps the first error that is logged: an exception that nobody named.</summary>
    private sealed class FirstError : ILogger
    {
        public string? First { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
            {
                First ??= $"{formatter(state, exception)} {exception}";
            }
        }
    }
}
