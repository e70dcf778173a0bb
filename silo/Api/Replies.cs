using Streaming.Grains.Turns;

namespace Streaming.Silo.Api;

/// <summary>An actor's answer in the words of HTTP.</summary>
internal static class Replies
{
    /// <summary>Null where the command was done.</summary>
    public static Refusal? Refusal(Reply? reply) => reply?.Status switch
    {
        null or ReplyStatus.Done => null,
        ReplyStatus.NotFound => Api.Refusal.NotFound(reply.Text),
        ReplyStatus.Conflict => Api.Refusal.Conflict(reply.Text, reply.Allowed),
        ReplyStatus.Forbidden => Api.Refusal.Forbidden(reply.Text),
        ReplyStatus.Invalid => new Refusal(StatusCodes.Status400BadRequest, reply.Text, null, reply.Allowed.Length > 0 ? reply.Allowed : null),
        _ => throw new InvalidDataException($"Unknown reply status {(byte)reply.Status}."),
    };
}
