using System.Text.Json.Nodes;
using Streaming.Models.Registers;
using Streaming.Silo.Access;

namespace Streaming.Silo.Api;

/// <summary>
/// What of a register a caller may see. Fields about persons are for those who supervise; for everyone else they are not there, neither as values nor to look entries up by, and a register whose very keys are about persons is closed.
/// </summary>
internal sealed class RegisterView
{
    private readonly RegisterSchema schema;
    private readonly bool seesPersons;

    private RegisterView(RegisterSchema schema, bool seesPersons)
    {
        this.schema = schema;
        this.seesPersons = seesPersons;
    }

    /// <summary>Why the register is closed; null where it is not.</summary>
    public Refusal? Refusal => !seesPersons && schema.IsAboutPersons
        ? Refusal.Forbidden($"The register {schema.Name} is about persons; supervisors, inspectors and administrators see it.")
        : null;

    public static RegisterView Of(Principal caller, RegisterSchema schema) => new(schema, caller.Supervises);

    /// <summary>What everybody may see.</summary>
    public static RegisterView WithoutPersons(RegisterSchema schema) => new(schema, seesPersons: false);

    public bool Shows(RegisterField field) => seesPersons || !field.IsPersonal;

    /// <summary>A row of the list without what the caller may not see.</summary>
    public byte[] Mask(byte[] row) => seesPersons ? row : Bytes(Masked(JsonNode.Parse(row)!.AsObject()));

    /// <summary>A row with every statement of its sources at its end.</summary>
    public byte[] Join(byte[] row, byte[]? described)
    {
        JsonObject joined = Masked(JsonNode.Parse(row)!.AsObject());
        if (described is not null && JsonNode.Parse(described)!["statements"] is JsonArray statements)
        {
            foreach (JsonObject statement in statements.OfType<JsonObject>())
            {
                Drop(statement["values"]);
            }

            joined["statements"] = statements.DeepClone();
        }

        return Bytes(joined);
    }

    private JsonObject Masked(JsonObject row)
    {
        if (seesPersons)
        {
            return row;
        }

        foreach (JsonObject span in (row["spans"] as JsonArray ?? []).OfType<JsonObject>())
        {
            Drop(span["values"]);
            Drop(span["sources"]);
            Drop(span["differs"]);
        }

        string[] hidden = [.. schema.Fields.Where(field => field.IsPersonal).Select(field => $"{field.Name}=")];
        JsonArray refs = [];
        foreach (JsonNode? each in row["refs"] as JsonArray ?? [])
        {
            string text = each!.GetValue<string>();
            if (!hidden.Any(name => text.StartsWith(name, StringComparison.Ordinal)))
            {
                refs.Add(text);
            }
        }

        row["refs"] = refs;
        return row;
    }

    private void Drop(JsonNode? values)
    {
        if (values is not JsonObject byName || seesPersons)
        {
            return;
        }

        foreach (RegisterField field in schema.Fields.Where(field => field.IsPersonal))
        {
            byName.Remove(field.Name);
        }
    }

    private static byte[] Bytes(JsonObject document) => ApiJson.Write(json => document.WriteTo(json));
}
