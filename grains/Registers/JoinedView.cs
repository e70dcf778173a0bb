using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Models.Registers;

namespace Streaming.Grains.Registers;

/// <summary>
/// An item of a way back as a reader may see it: what a look-up in the register would not show it is not there. It is masked when it is read and not when it is written, since one feed has readers of all kinds; its number stays, so that no
/// reader sees a hole.
/// </summary>
public static class JoinedView
{
    /// <param name="json">A <see cref="JoinedItem"/>, UTF-8.</param>
    /// <param name="seesPersons">False for a reader that does not see what concerns persons.</param>
    /// <param name="district">The only district, with its streets, or the only street, whose entries the reader sees, and those of none; null for all. Of an entry of another one, or that is itself named by what concerns persons, only the number is told.</param>
    public static ReadOnlyMemory<byte> Read(ReadOnlyMemory<byte> json, bool seesPersons, string? district)
    {
        if (seesPersons && district is null)
        {
            return json;
        }

        JoinedItem item = JsonSerializer.Deserialize(json.Span, GrainsJson.Default.JoinedItem) ?? throw new InvalidDataException("An item of a way back is empty.");
        RegisterSchema? schema = item.Register is null ? null : RegisterSchema.Find(item.Register);
        if ((district is not null && DistrictOf(item) is { } other && !DistrictPath.Covers(district, other)) || (!seesPersons && schema?.IsAboutPersons == true))
        {
            return Bytes(new JoinedItem(item.Number, JoinedItem.Withheld, item.Resource, item.District, item.At));
        }

        string[] hidden = seesPersons || schema is null ? [] : [.. schema.Fields.Where(field => field.IsPersonal).Select(field => field.Name)];
        if (hidden.Length == 0)
        {
            return json;
        }

        foreach (EntrySpan span in item.Spans ?? [])
        {
            foreach (string field in hidden)
            {
                span.Values.Remove(field);
                span.Sources.Remove(field);
                span.Differs?.Remove(field);
            }
        }

        return Bytes(item with { Changed = [.. (item.Changed ?? []).Except(hidden)] });
    }

    /// <summary>The entry's district, as its row has it: of the latest span that names one.</summary>
    private static string? DistrictOf(JoinedItem item)
    {
        string? district = null;
        foreach (EntrySpan span in item.Spans ?? [])
        {
            district = span.Values.TryGetValue("district", out JsonElement named) ? named.GetString() : district;
        }

        return district;
    }

    private static byte[] Bytes(JoinedItem item) => RegisterJson.Bytes(json => JsonSerializer.Serialize(json, item, GrainsJson.Default.JoinedItem)).ToArray();
}
