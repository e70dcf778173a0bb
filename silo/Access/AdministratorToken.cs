using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Host;
using Streaming.Silo.Views;

namespace Streaming.Silo.Access;

/// <summary>The first administrator.</summary>
internal static class AdministratorToken
{
    /// <summary>
    /// Makes an administrator's token where there is none yet, neither from the environment nor from an earlier start. To be called once the lists are current.
    /// Returns the new token, to be printed once: it is kept nowhere. Null where there is one already.
    /// </summary>
    public static async Task<string?> EnsureAsync(AccessBook access, IActorHost host, ViewPosition position, TimeProvider time, CancellationToken cancellation)
    {
        if (access.HasEnvironmentToken || access.FindToken(AccessBook.AdministratorName) is not null)
        {
            return null;
        }

        string secret = Secrets.Generate();
        TokenRegistration token = new(
            AccessBook.AdministratorName,
            Roles.Name(Role.Administrator),
            null,
            Principal.WholeCity,
            Secrets.HashGenerated(Encoding.UTF8.GetBytes(secret)),
            time.GetUtcNow().ToUnixTimeMilliseconds());
        CommandResult result = await host.CommandAsync(
            ActorKind.Token, token.Name, MessageKind.IssueToken, JsonSerializer.SerializeToUtf8Bytes(token, GrainsJson.Default.TokenRegistration), cancellation).ConfigureAwait(false);
        if (result.Reply is { Status: not ReplyStatus.Done } reply)
        {
            throw new InvalidOperationException($"The administrator's token was refused: {reply.Text}");
        }

        await position.WaitAsync(result.Position, cancellation).ConfigureAwait(false);
        return secret;
    }
}
