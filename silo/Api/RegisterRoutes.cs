using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Registers;
using Streaming.Silo.Access;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>The registers: what fields each has, its entries by key and by what they refer to, and what every source says of one.</summary>
internal sealed class RegisterRoutes(ApiServices services)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        AuditedAs entry = new(AuditAct.Look) { Look = _ => AuditLooks.Registers, SubjectKind = request => $"register:{Auditing.Value(request, "register")}", Subject = request => Auditing.Value(request, "key") };
        routes.MapGet("/api/registers", () => Schemas()).WithSummary("The registers and their fields.").NotAudited("names of fields");
        routes.MapGet("/api/registers/{register}", (HttpContext context, string register) => ListAsync(context, register))
            .WithSummary("Entries of a register, newest first. Filters: any field that refers to something (as plate, enterprise, substance), source, district, differs, limit, after.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).AuditedAs(entry with { Subject = request => ListQuery.Value(request.Query, "plate") });
        routes.MapGet("/api/registers/{register}/{**key}", (HttpContext context, string register, string key) => EntryAsync(context, register, key))
            .WithSummary("One entry: what holds from when to when and who says so, where sources differ, and every statement.")
            .ProducesProblem(403).ProducesProblem(404).AuditedAs(entry);
    }

    private static RawJson Schemas() => new(ApiJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("items");
        foreach (RegisterSchema schema in RegisterSchema.All)
        {
            json.WriteStartObject();
            json.WriteString("register", schema.Name);
            json.WriteStartArray("key");
            foreach (RegisterField field in schema.Key)
            {
                json.WriteStringValue(field.Name);
            }

            json.WriteEndArray();
            json.WriteStartArray("fields");
            foreach (RegisterField field in schema.Fields)
            {
                Write(json, field);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }));

    /// <summary>A field of a register's schema.</summary>
    internal static void Write(Utf8JsonWriter json, RegisterField field)
    {
        json.WriteStartObject();
        json.WriteString("name", field.Name);
        json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(field.Kind.ToString()));
        json.WriteString("en", field.En);
        json.WriteString("zh", field.Zh);
        if (field.IsNeeded)
        {
            json.WriteBoolean("needed", true);
        }

        if (field.IsPersonal)
        {
            json.WriteBoolean("personal", true);
        }

        if (field.Choices.Count > 0)
        {
            json.WriteStartArray("words");
            foreach (string choice in field.Choices)
            {
                json.WriteStringValue(choice);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private async Task<IResult> ListAsync(HttpContext context, string register)
    {
        Principal caller = Gate.Caller(context);
        if (RegisterSchema.Find(register) is not { } schema)
        {
            return Unknown(register);
        }

        RegisterView view = RegisterView.Of(caller, schema);
        if (view.Refusal is { } closed)
        {
            return closed;
        }

        string[] fields = [.. schema.Fields.Where(field => field.IsReference && view.Shows(field)).Select(field => field.Name), "source"];
        (ViewQuery? query, Refusal? refusal) = ListQuery.Read(context.Request.Query, View.Registers, [.. fields, "district", "differs"]);
        if (refusal is not null)
        {
            return refusal;
        }

        string[] refs = [.. fields.Where(field => field != "district" && ListQuery.Value(context.Request.Query, field) is not null).Select(field => $"{field}={ListQuery.Value(context.Request.Query, field)}")];
        if (refs.Length > ApiLimits.RegisterFilters)
        {
            return Refusal.Invalid($"At most {ApiLimits.RegisterFilters} filters at a time.");
        }

        if (ListQuery.OfAnother(query!.District, caller) is { } another)
        {
            return another;
        }

        // What has no district, as a vehicle, is everybody's.
        query = query with { Register = schema.Name, Refs = refs, DistrictOrNone = caller.Scope.District };
        Page<byte[]> page = await services.Lists.ListAsync(query, context.RequestAborted).ConfigureAwait(false);
        services.LookUps.Count(page.Items.SelectMany(row => JsonSerializer.Deserialize(row, GrainsJson.Default.EntryRow)!.Resources).Distinct(StringComparer.Ordinal), caller);
        return new PageResult(new Page<byte[]>([.. page.Items.Select(view.Mask)], page.Next));
    }

    private async Task<IResult> EntryAsync(HttpContext context, string register, string key)
    {
        Principal caller = Gate.Caller(context);
        if (RegisterSchema.Find(register) is not { } schema)
        {
            return Unknown(register);
        }

        RegisterView view = RegisterView.Of(caller, schema);
        string id = $"{schema.Name}/{key}";
        byte[]? row = view.Refusal is null && System.Text.Encoding.UTF8.GetByteCount(id) <= GrainLimits.KeyBytes
            ? await services.Lists.FindAsync(View.Registers, id, context.RequestAborted).ConfigureAwait(false)
            : null;
        if (view.Refusal is { } closed)
        {
            return closed;
        }

        Refusal absent = Refusal.NotFound($"The register {schema.Name} has no entry '{key}'. Check the key ({string.Join("/", schema.Key.Select(field => field.Name))}); characters outside ASCII are percent-encoded UTF-8.");
        if (row is null)
        {
            return absent;
        }

        EntryRow entry = JsonSerializer.Deserialize(row, GrainsJson.Default.EntryRow)!;
        if (entry.District is not null && !caller.Scope.HasDistrict(entry.District))
        {
            return absent;
        }

        services.LookUps.Count(entry.Resources, caller);
        byte[]? statements = await services.Host.DescribeAsync(ActorKind.Entry, id, context.RequestAborted).ConfigureAwait(false);
        return new RawJson(view.Join(row, statements));
    }

    private static Refusal Unknown(string register) => Refusal.NotFound($"There is no register '{register}'; there are {string.Join(", ", RegisterSchema.All.Select(schema => schema.Name))}.");
}
