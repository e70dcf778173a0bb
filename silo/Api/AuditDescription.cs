using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Streaming.Grains;

namespace Streaming.Silo.Api;

/// <summary>Tells in the interface's description which calls are audited, and that they take a reason.</summary>
internal static class AuditDescription
{
    /// <summary><c>look</c>, <c>change</c>, or <c>no</c> with why not.</summary>
    public const string Extension = "x-audited";

    public static Task AddAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<AuditedAs>().LastOrDefault() is not { } declared)
        {
            return Task.CompletedTask;
        }

        string says = declared.Act switch
        {
            AuditAct.Look => "look",
            AuditAct.Change => "change",
            _ => $"no: {declared.Because}",
        };
        operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
        operation.Extensions[Extension] = new JsonNodeExtension(JsonValue.Create(says));
        if (declared.Act != AuditAct.None)
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = AuditReason.Header,
                In = ParameterLocation.Header,
                Description = "Why, for the audit: UTF-8, which may be percent-encoded. The parameter 'reason' does the same.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = GrainLimits.NoteChars },
            });
        }

        return Task.CompletedTask;
    }
}
