using System.Text.Json;
using System.Text.Json.Serialization;

namespace Streaming.Silo.Notices;

/// <summary>What the file of <c>--gateways</c> holds.</summary>
/// <param name="PublicUrl">Where the outside reaches this silo, as <c>https://notices.city.example</c>: links begin with it.</param>
/// <param name="Gateways">The gateways; a subject whose register entry names none is sent to by the first.</param>
internal sealed record GatewaysDocument(string PublicUrl, IReadOnlyList<GatewayOptions> Gateways);

/// <summary>One gateway to telephones or to another system's messages.</summary>
/// <param name="Name">By which registers name it.</param>
/// <param name="Url">Where notices are posted to.</param>
/// <param name="TimeoutSeconds">From the first byte to the answer, s.</param>
internal sealed record GatewayOptions(string Name, string Url, int TimeoutSeconds = NoticeLimits.TimeoutSeconds)
{
    /// <summary>File whose first line is the secret that requests are signed with; relative to this file.</summary>
    public string? SecretFile { get; init; }

    /// <summary>Environment variable that holds it instead.</summary>
    public string? SecretVariable { get; init; }

    /// <summary>Networks that it may be in though they are not public, as <c>10.2.0.0/16</c>.</summary>
    public IReadOnlyList<string>? AllowNetworks { get; init; }
}

/// <summary>A gateway as it is used. The secret is in memory only, and no text shows it.</summary>
internal sealed class Gateway(string name, Uri url, byte[] secret, IReadOnlyList<System.Net.IPNetwork> networks, TimeSpan timeout)
{
    public string Name => name;

    public Uri Url => url;

    public ReadOnlySpan<byte> Secret => secret;

    public IReadOnlyList<System.Net.IPNetwork> Networks => networks;

    public TimeSpan Timeout => timeout;

    /// <summary>Its channel.</summary>
    public string Channel => ChannelOf(name);

    public static string ChannelOf(string gateway) => "webhook:" + gateway;

    public override string ToString() => name;
}

/// <summary>What the city sends notices by.</summary>
/// <param name="PublicUrl">Where links begin; null where nobody has said, so that a link is a path.</param>
/// <param name="All">The gateways, the one for subjects that name none first.</param>
internal sealed record Gateways(Uri? PublicUrl, IReadOnlyList<Gateway> All)
{
    public static Gateways None { get; } = new(null, []);

    public Gateway? Find(string name) => All.FirstOrDefault(gateway => gateway.Name == name);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(GatewaysDocument))]
internal sealed partial class GatewaysJson : JsonSerializerContext;
