using Streaming.Grains.Inputs;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Silo.Host;

namespace Streaming.Silo.Bench;

/// <summary>Stored states of vehicles of the load, as if each had been weighed some times before: the state of one, made by its own turns, under the name of all.</summary>
internal static class MadeStates
{
    /// <summary>Weighings that each state is of.</summary>
    public const int Weighings = 4;

    private const int RowsPerCommit = 50_000;

    /// <summary>Fills the store in its own order, which is the fastest.</summary>
    /// <param name="store">Gets the states.</param>
    /// <param name="rules">Judge the weighings.</param>
    /// <param name="vehicles">How many, numbered from 0.</param>
    /// <param name="position">The journal position that the states reflect.</param>
    /// <param name="start">Time of the first weighing; what is weighed later has to be later.</param>
    public static void Fill(IStateStore store, Rulebook rules, int vehicles, long position, DateTimeOffset start)
    {
        byte[] state = Make(rules, start);
        ulong[] hashes = new ulong[vehicles];
        int[] numbers = new int[vehicles];
        for (int number = 0; number < vehicles; number++)
        {
            hashes[number] = Partition.HashOf(ActorKind.Vehicle, LoadPackets.Vehicle(number));
            numbers[number] = number;
        }

        hashes.AsSpan().Sort(numbers.AsSpan());
        for (int done = 0; done < vehicles; done += RowsPerCommit)
        {
            StateBatch batch = new() { UnsavedSince = position, NeedsDurable = position, Saved = static () => { } };
            for (int i = done; i < Math.Min(done + RowsPerCommit, vehicles); i++)
            {
                batch.Actors.Add(new StateRow(hashes[i], ActorKind.Vehicle, LoadPackets.Vehicle(numbers[i]), position, null, state));
            }

            store.Commit([batch], position + 1);
        }
    }

    private static byte[] Make(Rulebook rules, DateTimeOffset start)
    {
        // A vehicle within the limit: the first of the load are overloaded.
        const int Number = 500;
        LoadPackets packets = new(BackgroundLoad.Station(0), Number, 1, start, overloadedPerMille: 0);
        SourceContext source = new(BenchSilo.Registration(BackgroundLoad.Station(0)));
        HostedActor actor = new(ActorKind.Vehicle, LoadPackets.Vehicle(Number), ActorFactory.Create);
        Effects effects = new();
        ByteWriter records = new();
        byte[] packet = new byte[packets.PacketBytes];
        for (int i = 0; i < Weighings; i++)
        {
            records.Clear();
            packets.Next(packet, 1);
            PublishEncoder.Encode(records, source, packets.Topic, packets.Payload(packet), start.ToUnixTimeMilliseconds() + 1_000);
            ReadOnlySpan<byte> bytes = records.Written;
            PublishRecord publish = PublishRecord.Read(Record.Next(ref bytes).Body);
            PublishRecord.ReadingEnumerator readings = publish.GetReadings();
            readings.MoveNext();
            ReadingElement reading = readings.Current;
            Message message = new() { Kind = Streaming.Grains.Messages.MessageKind.Reading, Body = reading.Body, ReadingKind = reading.Kind, Header = reading.Header, Origin = publish.Origin };
            actor.Run(message, i + 1, start.ToUnixTimeMilliseconds(), rules, effects, NoRows.Instance);
        }

        return actor.Save(new ByteWriter());
    }

    /// <summary>A vehicle uses none.</summary>
    private sealed class NoRows : IActorRows
    {
        public static readonly NoRows Instance = new();

        public byte[]? Find(string key) => throw new NotSupportedException("A vehicle has no keyed rows.");

        public void Put(string key, byte[] value) => throw new NotSupportedException("A vehicle has no keyed rows.");

        public void Remove(string key) => throw new NotSupportedException("A vehicle has no keyed rows.");
    }
}
