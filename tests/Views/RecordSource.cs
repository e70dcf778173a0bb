using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Views;

namespace Streaming.Tests.Views;

/// <summary>A journal in memory: what is appended is durable at once; a reader begins where it likes. Each append is a run.</summary>
internal sealed class RecordSource
{
    public const long TimeMs = 1_795_248_930_123;

    private readonly Lock gate = new();
    private readonly List<(long First, int Count, byte[] Bytes)> runs = [];
    private long last;

    /// <summary>Time of what is appended next, ms.</summary>
    public long NowMs { get; set; } = TimeMs;

    public long Last
    {
        get
        {
            lock (gate)
            {
                return last;
            }
        }
    }

    /// <summary>Number to give the first record, where it is not 1: a journal whose beginning was dropped.</summary>
    public void BeginAt(long first) => last = first - 1;

    public IRecordSource Follow(long from = 1) => new Reader(this, from);

    public long Show<T>(View view, string key, T row) =>
        Append(writer => Shown(writer, view, key, JsonSerializer.SerializeToUtf8Bytes(row, (JsonTypeInfo<T>)GrainsJson.Default.GetTypeInfo(typeof(T))!)));

    public long ShowRaw(View view, string key, string json) => Append(writer => Shown(writer, view, key, Encoding.UTF8.GetBytes(json)));

    public long Hide(View view, string key) => Append(writer => Shown(writer, view, key, []));

    public long Append(params Action<ByteWriter>[] records)
    {
        ByteWriter writer = new();
        foreach (Action<ByteWriter> record in records)
        {
            record(writer);
        }

        byte[] bytes = writer.Written.ToArray();
        int count = Record.Stamp(bytes, NowMs);
        lock (gate)
        {
            runs.Add((last + 1, count, bytes));
            return last += count;
        }
    }

    public static void Shown(ByteWriter writer, View view, string key, ReadOnlySpan<byte> json)
    {
        int start = Record.Begin(writer, InputKind.Shown, 0);
        new Cause(1, 1, 0).Write(writer);
        writer.WriteByte((byte)view);
        writer.WriteText(key);
        writer.WriteRaw(json);
        Record.End(writer, start);
    }

    public static void Publish(ByteWriter writer, string source, string topic, byte[] raw, params Rejection[] rejections)
    {
        int start = Record.Begin(writer, InputKind.Publish, 3);
        new Origin { Source = Encoding.UTF8.GetBytes(source), District = "harbour"u8, AccuracyHundredthPct = 500 }.Write(writer);
        writer.WriteText(topic);
        writer.WriteBytes(raw);
        writer.WriteInt32(0);
        writer.WriteInt32(rejections.Length);
        foreach (Rejection rejection in rejections)
        {
            rejection.Write(writer);
        }

        Record.End(writer, start);
    }

    private sealed class Reader(RecordSource source, long from) : IRecordSource
    {
        private long from = from;

        public bool TryRead(out ReadOnlySpan<byte> records, out long firstPosition, out int count)
        {
            lock (source.gate)
            {
                foreach ((long first, int number, byte[] bytes) in source.runs)
                {
                    if (first + number > from)
                    {
                        records = bytes;
                        firstPosition = first;
                        count = number;
                        from = first + number;
                        return true;
                    }
                }
            }

            records = default;
            firstPosition = 0;
            count = 0;
            return false;
        }
    }
}
