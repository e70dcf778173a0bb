using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Inputs;

/// <summary>One input of one actor, as a journal record holds it. Whoever runs turns, a host, a look at the past or a back-test, gets its inputs in this form.</summary>
public readonly ref struct ActorInput
{
    public required ActorKind ActorKind { get; init; }

    /// <summary>The actor's key, UTF-8.</summary>
    public required ReadOnlySpan<byte> Key { get; init; }

    /// <summary>Number of the reading within its record, from 1; 0 for the record's own actor.</summary>
    public required int Element { get; init; }

    public required MessageKind Kind { get; init; }

    /// <summary>For all but readings: the message's body; for a reminder as <see cref="ReminderRecord"/> has it.</summary>
    public ReadOnlySpan<byte> Body { get; init; }

    /// <summary>For readings and <see cref="MessageKind.Published"/>: who published.</summary>
    public Origin Origin { get; init; }

    /// <summary>For readings: as <see cref="Turns.Message.SeenBefore"/>.</summary>
    public bool? SeenBefore { get; init; }

    /// <summary>For readings: the reading.</summary>
    public ReadingElement Reading { get; init; }

    /// <summary>For readings: the reading as it stands in the record.</summary>
    public ReadOnlySpan<byte> ReadingBytes { get; init; }

    /// <summary>What the actor's turn sees of it.</summary>
    public Message Message => Kind switch
    {
        MessageKind.Reading => new Message { Kind = Kind, Body = Reading.Body, ReadingKind = Reading.Kind, Header = Reading.Header, Origin = Origin, SeenBefore = SeenBefore },
        MessageKind.Reminded => new Message { Kind = Kind, Body = ReminderRecord.NameOf(Body) },
        _ => new Message { Kind = Kind, Body = Body, Origin = Origin },
    };

    public static ActorInput OfReading(ReadOnlySpan<byte> bytes, Origin origin, bool? seenBefore, int element)
    {
        ReadingElement reading = ReadingElement.Read(bytes);
        return new ActorInput
        {
            ActorKind = reading.SubjectKind,
            Key = reading.Key,
            Element = element,
            Kind = MessageKind.Reading,
            Origin = origin,
            SeenBefore = seenBefore,
            Reading = reading,
            ReadingBytes = bytes,
        };
    }
}

/// <summary>
/// Takes a journal record apart into the inputs of the actors that it is for, in the order in which they have their turns: of a PUBLISH the source's and then the readings', of any other record one.
/// A rulebook and a row of a list are nobody's input.
/// </summary>
/// <param name="record">The record.</param>
/// <param name="scratch">Gets the body of a message that is not in the record as such; the current input is valid until the next is asked for.</param>
public ref struct RecordInputs(Record record, ByteWriter scratch)
{
    private readonly Record record = record;
    private readonly PublishRecord publish = record.Kind == InputKind.Publish ? PublishRecord.Read(record.Body) : default;
    private PublishRecord.ReadingEnumerator readings;
    private int element = -1;

    public bool MoveNext()
    {
        element++;
        switch (record.Kind)
        {
            case InputKind.Publish when element == 0:
                readings = publish.GetReadings();
                return true;
            case InputKind.Publish:
                return readings.MoveNext();
            case InputKind.Command or InputKind.Reminder or InputKind.Told or InputKind.LookedUp:
                return element == 0;
            case InputKind.Rules or InputKind.Shown:
                return false;
            default:
                throw new InvalidDataException($"A record of the journal has the unknown kind {(byte)record.Kind}. It was written by a newer version; use that one.");
        }
    }

    /// <summary>The partition of the current input's actor, which costs less than the input.</summary>
    public readonly byte Partition => element > 0 ? readings.Partition : record.Partition;

    public readonly ActorInput Current
    {
        get
        {
            if (element > 0)
            {
                return ActorInput.OfReading(readings.Bytes, publish.Origin, null, element);
            }

            ByteReader body = new(record.Body);
            switch (record.Kind)
            {
                case InputKind.Publish:
                    scratch.Clear();
                    Published.Of(publish, record.TimeMs).Write(scratch);
                    return new ActorInput { ActorKind = ActorKind.Source, Key = publish.Origin.Source, Element = 0, Kind = MessageKind.Published, Body = scratch.Written, Origin = publish.Origin };
                case InputKind.LookedUp:
                    _ = Cause.Read(ref body);
                    bool seenBefore = body.ReadBool();
                    Origin origin = Origin.Read(ref body);
                    return ActorInput.OfReading(body.Rest, origin, seenBefore, 0);
                case InputKind.Told:
                    _ = Cause.Read(ref body);
                    break;
            }

            AddressedRecord addressed = AddressedRecord.Read(ref body);
            return new ActorInput { ActorKind = addressed.ActorKind, Key = addressed.Key, Element = 0, Kind = addressed.Message, Body = addressed.Body };
        }
    }

    public readonly RecordInputs GetEnumerator() => this;
}
