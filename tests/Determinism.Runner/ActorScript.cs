using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Determinism;

/// <summary>One recorded input of a script: all that a turn gets, as bytes.</summary>
public sealed record ScriptStep
{
    public required MessageKind Kind { get; init; }

    public required byte[] Body { get; init; }

    /// <summary>Turn time, milliseconds since 1970.</summary>
    public required long NowMs { get; init; }

    public ReadingKind ReadingKind { get; init; }

    public long AtMs { get; init; }

    public byte[] Id { get; init; } = [];

    public byte[] Source { get; init; } = [];

    public byte[] District { get; init; } = [];

    public int AccuracyHundredthPct { get; init; }

    /// <summary>When the source's calibration runs out, ms since 1970; 0 where that is not known.</summary>
    public long CalibrationDueMs { get; init; }

    /// <summary>Where the source stands.</summary>
    public GeoPosition Position { get; init; } = GeoPosition.Unknown;

    public bool? SeenBefore { get; init; }

    /// <summary>The rulebook from this step on; null leaves it as it is.</summary>
    public Rulebook? Rules { get; init; }
}

/// <summary>The messages that one actor of a kind gets, and what came of them as bytes.</summary>
/// <param name="Name">What the script is about; unique.</param>
/// <param name="Kind">The actor's kind.</param>
/// <param name="Key">The actor's key.</param>
/// <param name="Steps">The messages in order.</param>
public sealed record ActorScript(string Name, ActorKind Kind, string Key, IReadOnlyList<ScriptStep> Steps)
{
    /// <summary>
    /// Runs the script on a new actor. The transcript holds, after each turn, the state, every effect with its payload, the reminders, the reply, the keyed rows and the state as the API shows it.
    /// </summary>
    /// <param name="reload">True to write the state and read it into a new actor between all turns, as a host does that lets actors leave memory.</param>
    public byte[] Run(bool reload)
    {
        ByteWriter transcript = new(64 * 1024);
        HostedActor hosted = new(Kind, Key, ActorFactory.Create);
        ScriptRows rows = new();
        Effects effects = new();
        Rulebook rules = new() { Version = 1 };
        long nowMs = 0;
        for (int i = 0; i < Steps.Count; i++)
        {
            ScriptStep step = Steps[i];
            rules = step.Rules ?? rules;

            // Turn time never runs backwards, whatever the age of a reading.
            nowMs = Math.Max(nowMs, step.NowMs);
            hosted.Run(
                new Message
                {
                    Kind = step.Kind,
                    Body = step.Body,
                    ReadingKind = step.ReadingKind,
                    Header = new ReadingHeader(step.AtMs, StableHash.Combine(StableHash.Of(step.Source), StableHash.Of(step.Id)), step.Id),
                    Origin = new Origin { Source = step.Source, District = step.District, AccuracyHundredthPct = step.AccuracyHundredthPct, CalibrationDueMs = step.CalibrationDueMs, Position = step.Position },
                    SeenBefore = step.SeenBefore,
                },
                i + 1,
                nowMs,
                rules,
                effects,
                rows);

            ByteWriter state = new(4096);
            hosted.Actor.Write(state);
            Record(transcript, i, hosted.Actor, effects, rows, state);
            if (reload)
            {
                byte[] saved = hosted.Save(new ByteWriter(4096));
                hosted = new HostedActor(Kind, Key, ActorFactory.Create);
                hosted.Load(saved, i + 1);
                Actor actor = ActorFactory.Create(Kind);
                ByteReader reader = new(state.Written);
                actor.Read(ref reader);
                if (!reader.AtEnd)
                {
                    throw new InvalidDataException($"{Name}, step {i}: reading the state left {reader.Rest.Length} bytes over.");
                }
            }
        }

        return transcript.Written.ToArray();
    }

    private void Record(ByteWriter transcript, int step, Actor actor, Effects effects, ScriptRows rows, ByteWriter state)
    {
        transcript.WriteText($"step {step.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
        transcript.WriteBytes(state.Written);
        foreach (Effect effect in effects.Items)
        {
            transcript.WriteByte((byte)effect.Kind);
            transcript.WriteByte((byte)effect.TargetKind);
            transcript.WriteByte((byte)effect.View);
            transcript.WriteByte((byte)effect.Message);
            transcript.WriteText(effect.Key);
            transcript.WriteBytes(effects.Payload.Slice(effect.Offset, effect.Length));
        }

        foreach (ReminderChange reminder in effects.Reminders)
        {
            transcript.WriteText(reminder.Name);
            transcript.WriteSigned(reminder.DueMs ?? -1);
        }

        transcript.WriteByte((byte)(effects.Answer?.Status ?? 0));
        transcript.WriteText(effects.Answer?.Text ?? "");
        foreach (string allowed in effects.Answer?.Allowed ?? [])
        {
            transcript.WriteText(allowed);
        }

        rows.Write(transcript);
        if (actor.Exists)
        {
            using System.Text.Json.Utf8JsonWriter json = new(transcript, GrainsJson.WriterOptions);
            actor.Describe(json, Key);
        }
    }

    /// <summary>Keyed rows in memory, written in the order of their keys.</summary>
    private sealed class ScriptRows : IActorRows
    {
        private readonly SortedDictionary<string, byte[]> rows = new(StringComparer.Ordinal);

        public byte[]? Find(string key) => rows.GetValueOrDefault(key);

        public void Put(string key, byte[] value) => rows[key] = value;

        public void Remove(string key) => rows.Remove(key);

        public void Write(ByteWriter writer)
        {
            foreach ((string key, byte[] value) in rows)
            {
                writer.WriteText(key);
                writer.WriteBytes(value);
            }
        }
    }
}
