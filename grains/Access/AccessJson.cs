using System.Text.Json.Serialization;
using Streaming.Grains.Messages;

namespace Streaming.Grains.Access;

/// <summary>JSON of the states in this folder.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionAgreement))]
[JsonSerializable(typeof(TokenRegistration))]
internal sealed partial class AccessJson : JsonSerializerContext;
