using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Ingest.Formats;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;
using Streaming.Silo.Host;
using Streaming.Silo.Views;

namespace Streaming.Tests.Parity;

/// <summary>How a run ends.</summary>
internal enum Ending
{
    /// <summary>By a crash as soon as a step was acknowledged, whatever it led to by then.</summary>
    Crash,

    /// <summary>By an orderly stop.</summary>
    InOrder,
}

/// <summary>After which steps the host is restarted.</summary>
/// <param name="Every">After every so many steps; 0 for never.</param>
/// <param name="By">How, in turn.</param>
internal sealed record Restarts(int Every, params IReadOnlyList<Ending> By)
{
    public static Restarts Never { get; } = new(0);

    /// <summary>How the run ends after so many steps; null where it goes on.</summary>
    public Ending? After(int steps) => Every > 0 && steps % Every == 0 ? By[((steps / Every) - 1) % By.Count] : null;
}

/// <summary>
/// Plays the script on a host, step after step, each only once everything that the step before led to is handled and in the lists. Readings go through the decoder and the check of topics
/// that the MQTT endpoint puts them through, so what the journal gets is what it would get from a device.
/// </summary>
internal sealed class ParityPlayer(ParityStage stage)
{
    private readonly Dictionary<string, Device> devices = [];
    private readonly SortedSet<(ActorKind Kind, string Key)> actors = new(Comparer<(ActorKind Kind, string Key)>.Create(static (one, other) =>
        one.Kind != other.Kind ? one.Kind.CompareTo(other.Kind) : string.CompareOrdinal(one.Key, other.Key)));

    private sealed record Device(SourceContext Context, TopicPermissions Topics);

    /// <summary>The actors that were published about or sent a command, in order of kind and key.</summary>
    public IReadOnlyCollection<(ActorKind Kind, string Key)> Actors => actors;

    /// <summary>How each command was answered, in order.</summary>
    public List<JsonObject> Answers { get; } = [];

    private IParityHost Host => stage.Host;

    /// <summary>Plays it to its end.</summary>
    /// <param name="script">The steps.</param>
    /// <param name="restarts">When the host is restarted.</param>
    public async Task PlayAsync(IReadOnlyList<Step> script, Restarts restarts)
    {
        for (int i = 0; i < script.Count; i++)
        {
            Step step = script[i];
            await Host.AdvanceAsync(step.At);
            await Host.SettleAsync();
            await TakeAsync(step);
            Ending? ending = restarts.After(i + 1);
            if (ending != Ending.Crash)
            {
                await Host.SettleAsync();
            }

            if (ending is { } how)
            {
                await stage.RestartAsync(how == Ending.InOrder, rulebook: null);
            }
        }
    }

    /// <summary>Takes steps one after the other, whatever the one before still leads to.</summary>
    public async Task PlayWithoutRestAsync(IReadOnlyList<Step> steps)
    {
        foreach (Step step in steps)
        {
            await Host.AdvanceAsync(step.At);
            await TakeAsync(step);
        }
    }

    /// <summary>Sends all readings of these steps once more, as they were; nothing else of the steps is repeated.</summary>
    public async Task RepeatAsync(IReadOnlyList<Step> steps)
    {
        foreach (Step step in steps)
        {
            if (step is CommandStep { Message: MessageKind.RegisterSource, Answer: ReplyStatus.Done } registered)
            {
                Know(registered);
            }
            else if (step is PublishStep publish)
            {
                await PublishAsync(publish);
            }
        }

        await Host.SettleAsync();
    }

    private Task TakeAsync(Step step) => step switch
    {
        CommandStep command => CommandAsync(command),
        PublishStep publish => PublishAsync(publish),
        ActStep act => ActAsync(act),
        RulebookStep rulebook => stage.RestartAsync(inOrder: false, ParityScript.Rulebook(rulebook.Directory)),
        _ => Task.CompletedTask,
    };

    private async Task CommandAsync(CommandStep step)
    {
        if (step.Kind != ActorKind.Case)
        {
            // Cases are found in their list; a command can only name one that does not exist.
            actors.Add((step.Kind, step.Key));
        }

        await AnswerAsync(step, $"{step.Message} {ActorId.Prefix(step.Kind)}:{step.Key}", step.Kind, step.Key, step.Message, step.Body, step.Answer);
        if (step is { Message: MessageKind.RegisterSource, Answer: ReplyStatus.Done })
        {
            Know(step);
        }
    }

    private void Know(CommandStep registered)
    {
        SourceRegistration registration = JsonSerializer.Deserialize(registered.Body, GrainsJson.Default.SourceRegistration)!;
        devices[registered.Key] = new Device(new SourceContext(registration), new TopicPermissions(registration.Topics));
    }

    private async Task ActAsync(ActStep step)
    {
        WorkOrderRow order = await FindOrderAsync(step) ?? throw Broken(step, $"{step.Department} has no work order about {step.Subject}, {step.Kind}, in stage {step.Stage}");
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(step.Action with { WorkOrder = order.Id }, GrainsJson.Default.WorkOrderAction);
        await AnswerAsync(step, $"{step.Action.Action} {order.Id}", ActorKind.Case, order.Case, MessageKind.ActOnWorkOrder, body, step.Answer);
    }

    /// <summary>The newest work order that the step means. Cases of one subject and kind follow one another, so neither the time of issue nor, within a case, the number depends on the host.</summary>
    private async Task<WorkOrderRow?> FindOrderAsync(ActStep step)
    {
        ViewQuery query = new(View.WorkOrders) { Subject = step.Subject, Kind = step.Kind, Department = step.Department, Limit = ViewLimits.PageRows };
        Page<byte[]> page = await Host.Lists.ListAsync(query, CancellationToken.None);
        return page.Items
            .Select(row => JsonSerializer.Deserialize(row, GrainsJson.Default.WorkOrderRow)!)
            .Where(row => row.Stage == step.Stage)
            .OrderBy(row => row.Issued)
            .ThenBy(row => StableNames.NumberOf(row.Id))
            .LastOrDefault();
    }

    private async Task AnswerAsync(Step step, string what, ActorKind kind, string key, MessageKind message, byte[] body, ReplyStatus expected)
    {
        CommandResult result = await Host.CommandAsync(kind, key, message, body);
        Reply reply = result.Reply ?? throw Broken(step, $"{what} was not answered");
        if (reply.Status != expected)
        {
            throw Broken(step, $"{what} was answered {reply.Status} instead of {expected}: {reply.Text}");
        }

        Answers.Add(new JsonObject
        {
            ["line"] = step.Line,
            ["what"] = what,
            ["status"] = reply.Status.ToString(),
            ["text"] = reply.Text,
            ["allowed"] = new JsonArray([.. reply.Allowed.Select(item => JsonValue.Create(item))]),
        });
    }

    /// <summary>What <see cref="PublishIntake"/> does with a PUBLISH, without the connection.</summary>
    private async Task PublishAsync(PublishStep step)
    {
        Device device = devices.GetValueOrDefault(step.Source) ?? throw Broken(step, $"source {step.Source} is not registered");
        byte[] topic = Encoding.UTF8.GetBytes(step.Topic);
        MqttRefusal refusal = device.Topics.Judge(topic, out bool allowed);
        if (refusal != MqttRefusal.None)
        {
            throw Broken(step, $"the endpoint would close the connection: {refusal}");
        }

        ByteWriter record = new();
        _ = allowed
            ? PublishEncoder.Encode(record, device.Context, topic, step.Payload, step.At.ToUnixTimeMilliseconds())
            : PublishEncoder.Quarantine(record, device.Context, topic, step.Payload, RejectReason.TopicNotAllowed, "The device's registration does not allow this topic.");
        AddActors(record.Written);
        Appended appended = await Host.AppendAsync(record.Written.ToArray());
        if (appended.Refusal is not null)
        {
            throw Broken(step, $"the host takes no readings: {appended.Refusal}");
        }
    }

    private void AddActors(ReadOnlySpan<byte> record)
    {
        PublishRecord publish = PublishRecord.Read(Record.Next(ref record).Body);
        foreach (ReadingElement reading in publish.GetReadings())
        {
            actors.Add((reading.SubjectKind, Encoding.UTF8.GetString(reading.Key)));
        }
    }

    private static InvalidOperationException Broken(Step step, string what) => new($"script.jsonl, line {step.Line}, at {step.At:O}: {what}.");
}
