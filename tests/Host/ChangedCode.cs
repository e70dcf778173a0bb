using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Journal;
using Streaming.Silo.Views;
using Xunit;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.Host;

/// <summary>
/// A later version of the code, as a deployment brings it: vehicles word a warning otherwise and show a second row with it, and cases tell one more department. What the same inputs lead to has changed, then, while the journal
/// holds what they led to before.
/// </summary>
internal static class ChangedCode
{
    public const string Model = "road-limit/changed";

    /// <summary>The department that only the changed code tells.</summary>
    public const string NewDepartment = "newcomer";

    public static Actor Make(ActorKind kind) => kind switch
    {
        ActorKind.Vehicle => new Changed(ActorFactory.Create(kind), ChangeVehicle),
        ActorKind.Case => new Changed(ActorFactory.Create(kind), ChangeCase),
        _ => ActorFactory.Create(kind),
    };

    /// <summary>The second row that changed vehicles show with a warning.</summary>
    public static string SecondRow(string warning) => warning + "/second";

    /// <summary>Every effect stands in the journal once, and the numbers of each feed go up by one.</summary>
    public static void CheckJournal(InputJournal journal)
    {
        HashSet<(long, uint)> causes = [];
        Dictionary<string, long> feeds = [];
        using JournalReplay read = journal.Read(1, journal.DurablePosition);
        while (read.TryRead(out BlockHeader header, out ReadOnlySpan<byte> records))
        {
            for (long position = header.FirstPosition; records.Length > 0; position++)
            {
                Record record = Record.Next(ref records);
                if (record.Kind is not (InputKind.Told or InputKind.Shown or InputKind.LookedUp))
                {
                    continue;
                }

                ByteReader body = new(record.Body);
                Cause cause = Cause.Read(ref body);
                Assert.True(causes.Add((cause.Position, cause.Index)), $"record {position} is effect {cause.Index} of input {cause.Position}, which the journal has already");
                if (record.Kind == InputKind.Shown && (View)body.ReadByte() == View.Feed)
                {
                    Assert.True(FeedKey.TrySplit(body.ReadText(), out string feed, out long number));
                    Assert.True(feeds.GetValueOrDefault(feed) + 1 == number, $"record {position} is number {number} of feed {feed}, whose last was {feeds.GetValueOrDefault(feed)}");
                    feeds[feed] = number;
                }
            }
        }
    }

    private static void ChangeVehicle(in Turn turn)
    {
        Effects effects = turn.Effects;
        Effect[] asked = [.. effects.Items];
        if (!asked.Any(effect => effect is { Kind: EffectKind.Show, View: View.Warnings, Length: > 0 }))
        {
            return;
        }

        byte[] payload = effects.Payload.ToArray();
        ReminderChange[] reminders = [.. effects.Reminders];
        Assert.Null(effects.Answer);
        effects.Clear();
        List<Warning> warnings = [];
        foreach (Effect effect in asked)
        {
            ReadOnlySpan<byte> json = payload.AsSpan(effect.Offset, effect.Length);
            switch (effect)
            {
                case { Kind: EffectKind.Show, View: View.Warnings, Length: > 0 }:
                    Warning warning = JsonSerializer.Deserialize(json, GrainsJson.Default.Warning)! with { Model = Model };
                    warnings.Add(warning);
                    effects.Show(View.Warnings, effect.Key, warning);
                    break;
                case { Kind: EffectKind.Tell, Message: MessageKind.WarningChanged }:
                    effects.Tell(effect.TargetKind, effect.Key, effect.Message, JsonSerializer.Deserialize(json, GrainsJson.Default.WarningChanged)!);
                    break;
                default:
                    throw new InvalidOperationException($"The test does not know how to change {effect}.");
            }
        }

        foreach (Warning warning in warnings)
        {
            effects.Show(View.Warnings, SecondRow(warning.Id), warning with { Id = SecondRow(warning.Id) });
        }

        foreach (ReminderChange change in reminders)
        {
            if (change.DueMs is { } due)
            {
                effects.RemindAt(change.Name, due);
            }
            else
            {
                effects.Forget(change.Name);
            }
        }
    }

    private static void ChangeCase(in Turn turn)
    {
        Effect told = turn.Effects.Items.FirstOrDefault(effect => effect is { Kind: EffectKind.Tell, Message: MessageKind.AlertIssued });
        if (told.Length > 0)
        {
            Alert alert = JsonSerializer.Deserialize(turn.Effects.Payload.Slice(told.Offset, told.Length), GrainsJson.Default.Alert)!;
            turn.Effects.Tell(ActorKind.Department, $"{NewDepartment}/{alert.District}", MessageKind.AlertIssued, alert with { Department = NewDepartment });
        }
    }

    private delegate void Change(in Turn turn);

    /// <summary>The actor as it was, whose effects are changed after each turn. Its state is the same.</summary>
    private sealed class Changed(Actor before, Change change) : Actor
    {
        public override bool HasRows => before.HasRows;

        public override bool Exists => before.Exists;

        public override void Handle(scoped in Turn turn, scoped in Message message)
        {
            before.Handle(turn, message);
            change(turn);
        }

        public override void Write(ByteWriter writer) => before.Write(writer);

        public override void Read(ref ByteReader reader) => before.Read(ref reader);

        public override void Describe(Utf8JsonWriter json, string key) => before.Describe(json, key);
    }
}
