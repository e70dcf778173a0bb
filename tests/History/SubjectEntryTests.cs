using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Registers;
using Streaming.Silo.History;
using Xunit;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.History;

/// <summary>A record as a line of a subject's history: JSON whatever the journal keeps it as, and nothing of persons that only a look-up may show.</summary>
public sealed class SubjectEntryTests
{
    private const string Subject = "91441200MA5079199R";

    [Fact]
    public void What_a_register_told_in_binary_is_read_as_its_fields_without_those_of_persons()
    {
        ByteWriter fields = new();
        RegisterSchema schema = RegisterSchema.Of(Register.Enterprises);
        foreach (RegisterField field in schema.Fields.Where(field => field.Name is "name" or "phone" or "peopleWithin500M").OrderBy(field => field.Number))
        {
            new RegisterValue(field, 120, Encoding.UTF8.GetBytes(field.Name == "name" ? "Jinhe" : "13800000000")).Write(fields);
        }

        ByteWriter body = new();
        new EntryChanged(Register.Enterprises, Subject, [new HeldSpan(RegisterStatement.Always, 1_700_000_000_000, fields.Written.ToArray())], "city-enterprises").Write(body);
        SubjectEntry entry = Assert.Single(EntriesOf(Told(MessageKind.EntryChanged, body.Written)));
        Assert.Equal(("message", "entry-changed"), (entry.Kind, entry.Change));
        JsonElement detail = JsonSerializer.Deserialize<JsonElement>(entry.Detail.Span);
        Assert.Equal(("enterprises", Subject, "city-enterprises"), (detail.GetProperty("register").GetString(), detail.GetProperty("key").GetString(), detail.GetProperty("by").GetString()));
        JsonElement span = Assert.Single(detail.GetProperty("spans").EnumerateArray());
        Assert.False(span.TryGetProperty("from", out _));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000), span.GetProperty("to").GetDateTimeOffset());
        Assert.Equal("""{"name":"Jinhe","peopleWithin500M":120}""", span.GetProperty("values").GetRawText());
    }

    [Theory]
    [InlineData(new byte[] { 3, 0, 255 })]
    [InlineData(new byte[0])]
    public void What_is_no_JSON_has_no_detail(byte[] body) =>
        Assert.Equal(0, Assert.Single(EntriesOf(Told(MessageKind.ShowResource, body))).Detail.Length);

    private static List<SubjectEntry> EntriesOf(byte[] record) => new SubjectEntries(ActorKind.Enterprise, Subject, null!).Of(new SubjectRecord(1, record));

    private static byte[] Told(MessageKind message, ReadOnlySpan<byte> body)
    {
        byte[] key = Encoding.UTF8.GetBytes(Subject);
        ByteWriter writer = new();
        int start = Record.Begin(writer, InputKind.Told, Partition.Of(ActorKind.Enterprise, key));
        Cause.Of(1, 0, 0, 0).Write(writer);
        AddressedRecord.Write(writer, ActorKind.Enterprise, message, key, body);
        Record.End(writer, start);
        return writer.Written.ToArray();
    }
}
