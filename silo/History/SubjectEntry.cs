using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Registers;
using Streaming.Grains.Rules;
using Streaming.Grains.Subjects;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Silo.History;

/// <summary>One line of a subject's history: a reading about it, a change of a warning, or an input or change of a case.</summary>
/// <param name="Kind">One of <see cref="SubjectEntries.Kinds"/>.</param>
/// <param name="Position">The record that it came in.</param>
/// <param name="ReceivedMs">When that came in, ms since 1970.</param>
internal sealed record SubjectEntry(string Kind, long Position, long ReceivedMs)
{
    /// <summary>For a reading: when it was taken, ms since 1970.</summary>
    public long? AtMs { get; init; }

    /// <summary>For a reading: it came in so much later that it raised no live alert.</summary>
    public bool? Late { get; init; }

    /// <summary>Who published.</summary>
    public string? Source { get; init; }

    /// <summary>The reading's id at its source.</summary>
    public string? Id { get; init; }

    /// <summary>What happened: of a warning <c>opened</c>, <c>updated</c> or <c>cleared</c>; of other things their own word.</summary>
    public string? Change { get; init; }

    public IReadOnlyList<ReadingFigure> Figures { get; init; } = [];

    /// <summary>What else there is, as one JSON object.</summary>
    public ReadOnlyMemory<byte> Detail { get; init; }

    /// <summary>The time by which ranges go: a reading's own, anything else's record's.</summary>
    public long TimeMs => AtMs ?? ReceivedMs;
}

/// <summary>Takes a journal record apart into the lines of one subject's history.</summary>
/// <remarks>
/// A reading stands once for every time it was received, repeats included: that is what came in. History's answers on readings (<see cref="InputKind.LookedUp"/>) are the same readings once more and are passed over.
/// Secrets of registrations are not part of any line.
/// </remarks>
internal sealed class SubjectEntries(ActorKind kind, string key, IRulebooks rulebooks)
{
    public const string Warning = "warning";
    public const string Published = "published";
    public const string Registered = "registered";
    public const string Action = "action";
    public const string WorkOrder = "work-order";
    public const string Case = "case";
    public const string Told = "message";
    public const string Reminder = "reminder";

    private readonly byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(key);

    /// <summary>Every kind of line there is: readings' kinds first.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        ["weigh", "video", "telemetry", "plant", "ledger", "status", Warning, Published, Registered, Action, WorkOrder, Case, Told, Reminder];

    public List<SubjectEntry> Of(in SubjectRecord subject)
    {
        List<SubjectEntry> entries = [];
        ReadOnlySpan<byte> bytes = subject.Bytes.Span;
        Record record = Record.Next(ref bytes);
        ByteReader body = new(record.Body);
        switch (record.Kind)
        {
            case InputKind.Publish:
                AddPublish(entries, subject.Position, record);
                break;
            case InputKind.Command:
                AddCommand(entries, subject.Position, record, AddressedRecord.Read(ref body));
                break;
            case InputKind.Reminder:
                AddressedRecord reminder = AddressedRecord.Read(ref body);
                if (Is(reminder.ActorKind, reminder.Key))
                {
                    entries.Add(new SubjectEntry(Reminder, subject.Position, record.TimeMs) { Change = ReminderRecord.Read(reminder.Body).Name });
                }

                break;
            case InputKind.Told:
                _ = Cause.Read(ref body);
                AddressedRecord told = AddressedRecord.Read(ref body);
                if (Is(told.ActorKind, told.Key))
                {
                    entries.Add(new SubjectEntry(Told, subject.Position, record.TimeMs) { Change = Word(told.Message), Detail = ToldDetail(told.Message, told.Body) });
                }

                break;
            case InputKind.Shown:
                _ = Cause.Read(ref body);
                AddShown(entries, subject.Position, record.TimeMs, (View)body.ReadByte(), body.ReadText(), body.Rest);
                break;
        }

        return entries;
    }

    /// <summary>What was told, as a JSON object; nothing where it is none. What the registers say of persons is for look-ups in them alone, which know who asks.</summary>
    private static byte[] ToldDetail(MessageKind message, ReadOnlySpan<byte> body) => message switch
    {
        MessageKind.EntryChanged => RegisterJson.WithoutPersons(EntryChanged.Read(body)),
        MessageKind.EntryJoined => [],
        _ => body is [(byte)'{', ..] ? body.ToArray() : [],
    };

    private void AddPublish(List<SubjectEntry> entries, long position, scoped in Record record)
    {
        PublishRecord publish = PublishRecord.Read(record.Body);
        string source = Text(publish.Origin.Source);
        if (Is(ActorKind.Source, publish.Origin.Source))
        {
            entries.Add(new SubjectEntry(Published, position, record.TimeMs)
            {
                Source = source,
                Change = Text(publish.Topic),
                Detail = System.Text.Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{{\"accepted\":{publish.Readings},\"rejected\":{publish.Rejections}}}")),
            });
        }

        long lateAfterMs = (rulebooks.At(position)?.LateAfterS ?? 0) * 1000L;
        foreach (ReadingElement reading in publish.GetReadings())
        {
            if (Is(reading.SubjectKind, reading.Key))
            {
                entries.Add(new SubjectEntry(ReadingFigures.KindOf(reading.Kind), position, record.TimeMs)
                {
                    AtMs = reading.Header.AtMs,
                    Late = record.TimeMs - reading.Header.AtMs > lateAfterMs,
                    Source = source,
                    Id = Text(reading.Header.Id),
                    Figures = ReadingFigures.Of(reading),
                });
            }
        }
    }

    private void AddCommand(List<SubjectEntry> entries, long position, scoped in Record record, scoped in AddressedRecord command)
    {
        if (!Is(command.ActorKind, command.Key))
        {
            return;
        }

        entries.Add(command.Message switch
        {
            MessageKind.RegisterSource => new SubjectEntry(Registered, position, record.TimeMs)
            {
                Detail = Bytes(JsonSerializer.Deserialize(command.Body, GrainsJson.Default.SourceRegistration)! with { SecretHash = "" }, GrainsJson.Default.SourceRegistration),
            },
            MessageKind.ActOnWorkOrder => new SubjectEntry(Action, position, record.TimeMs)
            {
                Change = JsonSerializer.Deserialize(command.Body, GrainsJson.Default.WorkOrderAction)!.Action,
                Detail = command.Body.ToArray(),
            },
            _ => new SubjectEntry(Told, position, record.TimeMs) { Change = Word(command.Message) },
        });
    }

    private void AddShown(List<SubjectEntry> entries, long position, long timeMs, View view, string rowKey, ReadOnlySpan<byte> row)
    {
        switch (view)
        {
            case View.Warnings when row.Length > 0:
                Warning warning = JsonSerializer.Deserialize(row, GrainsJson.Default.Warning)!;
                if (warning.Subject == key && warning.SubjectKind == ActorId.Prefix(kind))
                {
                    entries.Add(new SubjectEntry(Warning, position, timeMs) { Change = !warning.Open ? "cleared" : warning is { Count: 1, Revised: null } ? "opened" : "updated", Detail = row.ToArray() });
                }

                break;
            case View.WorkOrders when row.Length > 0 && kind == ActorKind.Case:
                WorkOrderRow order = JsonSerializer.Deserialize(row, GrainsJson.Default.WorkOrderRow)!;
                if (order.Case == key)
                {
                    entries.Add(new SubjectEntry(WorkOrder, position, timeMs) { Id = order.Id, Change = order.State, Detail = row.ToArray() });
                }

                break;
            case View.Cases when row.Length > 0 && kind == ActorKind.Case && rowKey == key:
                CaseRow shown = JsonSerializer.Deserialize(row, GrainsJson.Default.CaseRow)!;
                entries.Add(new SubjectEntry(Case, position, timeMs) { Change = $"{shown.State}/{shown.Stage}" });
                break;
        }
    }

    private bool Is(ActorKind other, ReadOnlySpan<byte> otherKey) => other == kind && otherKey.SequenceEqual(utf8);

    private static string Word(MessageKind message) => JsonNamingPolicy.KebabCaseLower.ConvertName(message.ToString());

    private static string Text(ReadOnlySpan<byte> text) => System.Text.Encoding.UTF8.GetString(text);

    private static byte[] Bytes<T>(T value, JsonTypeInfo<T> type)
    {
        ByteWriter buffer = new(256);
        using (Utf8JsonWriter json = new(buffer, GrainsJson.WriterOptions))
        {
            JsonSerializer.Serialize(json, value, type);
        }

        return buffer.Written.ToArray();
    }
}
