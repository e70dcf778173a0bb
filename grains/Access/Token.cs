using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Access;

/// <summary>
/// A bearer token, by its name. What is kept is the SHA-256 of the token; the token itself is known to its holder alone. Issued again, it is
/// another token under the same name, and the earlier one stops working: how a lost one is replaced. The very same registration again (a command repeated because its answer was lost) changes nothing.
/// </summary>
public sealed class Token : Actor
{
    private const byte StateVersion = 1;
    private static readonly string[] AllRoles = ["member", "operator", "supervisor", "inspector", "administrator"];
    private TokenRegistration? registration;

    public override bool Exists => registration is not null;

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        if (message.Kind != MessageKind.IssueToken)
        {
            throw new InvalidDataException($"A token does not handle {message.Kind}.");
        }

        TokenRegistration issued = message.Read<TokenRegistration>();
        if (registration is not null && IsSame(registration, issued))
        {
            turn.Effects.Reply(ReplyStatus.Done);
            return;
        }

        if (Refusal(turn.Key, issued) is { } refusal)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, refusal);
            return;
        }

        registration = issued with { IssuedMs = turn.NowMs };
        turn.Effects.Show(View.Tokens, turn.Key, registration);
        turn.Effects.Reply(ReplyStatus.Done);
    }

    public override void Write(ByteWriter writer) =>
        StateJson.Write(writer, StateVersion, registration ?? throw new InvalidOperationException("The token has not been issued."), AccessJson.Default.TokenRegistration);

    public override void Read(ref ByteReader reader) => registration = StateJson.Read(ref reader, StateVersion, AccessJson.Default.TokenRegistration);

    /// <summary>Everything but the hash, which never leaves by the API.</summary>
    public override void Describe(Utf8JsonWriter json, string key)
    {
        json.WriteStartObject();
        json.WriteString("name", key);
        if (registration is not null)
        {
            json.WriteString("role", registration.Role);
            if (registration.Department is { } department)
            {
                json.WriteString("department", department);
            }

            json.WriteString("district", registration.District);
            json.WriteString("issued", DateTimeOffset.FromUnixTimeMilliseconds(registration.IssuedMs));
        }

        json.WriteEndObject();
    }

    /// <summary>Filters count by their text, not by where they are kept.</summary>
    private static bool IsSame(TokenRegistration known, TokenRegistration issued) =>
        known == issued with { IssuedMs = known.IssuedMs, Publishes = known.Publishes, Receives = known.Receives }
        && (known.Publishes ?? []).AsSpan().SequenceEqual(issued.Publishes ?? [])
        && (known.Receives ?? []).AsSpan().SequenceEqual(issued.Receives ?? []);

    private static string? Refusal(string key, TokenRegistration issued)
    {
        if (issued.Name != key)
        {
            return $"The token is named {issued.Name}, and was addressed to {key}.";
        }

        if (Array.IndexOf(AllRoles, issued.Role) < 0)
        {
            return $"\"{issued.Role}\" is no role; use one of {string.Join(", ", AllRoles)}.";
        }

        if (issued.Role == "member" && string.IsNullOrEmpty(issued.Department))
        {
            return "A member belongs to a department; name it.";
        }

        return string.IsNullOrEmpty(issued.District) ? "Name the district, or * for the whole city." : null;
    }
}
