using System.Text;
using Streaming.Determinism;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Tests.Subjects;
using Xunit;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.Registers;

/// <summary>What sources of registers publish, decoded as the silo does.</summary>
internal static class Statements
{
    public const long Noon = 1_795_262_400_000;

    public static SourceRegistration Source(string id, string register, RegisterMapping? mapping = null) =>
        new(id, "register", [$"v1/records/{id}"], "north", null, "", Register: register, Mapping: mapping);

    /// <summary>The outcome of a payload, and what each accepted record is to its entry.</summary>
    public static (EncodeOutcome Outcome, List<(string Key, ScriptStep Step)> Steps, List<Rejection> Rejections) Decode(SourceRegistration source, string payload, long nowMs = Noon, string? topic = null)
    {
        ByteWriter records = new();
        EncodeOutcome outcome = PublishEncoder.Encode(records, new SourceContext(source), Encoding.UTF8.GetBytes(topic ?? $"v1/records/{source.Id}"), Encoding.UTF8.GetBytes(payload), nowMs);
        ReadOnlySpan<byte> rest = records.Written;
        PublishRecord publish = PublishRecord.Read(Record.Next(ref rest).Body);
        List<(string, ScriptStep)> steps = [];
        PublishRecord.ReadingEnumerator readings = publish.GetReadings();
        while (readings.MoveNext())
        {
            ReadingElement element = readings.Current;
            Assert.Equal(ActorKind.Entry, element.SubjectKind);
            steps.Add((Encoding.UTF8.GetString(element.Key), new ScriptStep
            {
                Kind = MessageKind.Reading,
                Body = element.Body.ToArray(),
                NowMs = nowMs,
                ReadingKind = element.Kind,
                AtMs = element.Header.AtMs,
                Id = element.Header.Id.ToArray(),
                Source = Encoding.UTF8.GetBytes(source.Id),
                District = Encoding.UTF8.GetBytes(source.District),
            }));
        }

        List<Rejection> rejections = [];
        foreach (Rejection rejection in publish.GetRejections())
        {
            rejections.Add(rejection);
        }

        return (outcome, steps, rejections);
    }

    /// <summary>The one record of a payload that has to be good.</summary>
    public static ScriptStep Say(SourceRegistration source, string payload, long nowMs = Noon)
    {
        (EncodeOutcome outcome, List<(string Key, ScriptStep Step)> steps, _) = Decode(source, payload, nowMs);
        Assert.True(outcome.Rejected == 0, outcome.FirstDetail);
        return Assert.Single(steps).Step;
    }

    /// <summary>Passes what an entry tells of itself to the vehicle that it is about.</summary>
    public static void TellOf(SubjectStage entry, SubjectStage vehicle)
    {
        foreach ((string told, EntryChanged changed) in entry.Entries)
        {
            Assert.Equal(vehicle.Key, told);
            ByteWriter body = new();
            changed.Write(body);
            vehicle.Play(new ScriptStep { Kind = MessageKind.EntryChanged, Body = body.Written.ToArray(), NowMs = Noon + 500_000 });
        }
    }
}
