using System.Buffers;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Notices;

namespace Streaming.Silo.Api;

/// <summary>
/// The page of a notice, <c>/notice/{secret}</c>, for a subject that has neither token nor account: what it is warned of, and a form for its answer. Who has the address may answer, once; there is no cookie and nothing else that a browser would
/// send along, so another site's page can make nobody answer: it would have to know the secret, and would then need no browser of the subject's.
/// </summary>
/// <remarks>
/// A secret is 256 bits, so a right one is never refused whoever guesses behind the same address, and guessing is slowed only to keep the lists free for others. Unknown links and those whose notice is over are answered alike.
/// The page is made here, needs no script and loads nothing.
/// </remarks>
internal sealed partial class NoticePage(ApiServices services, ILogger<NoticePage> logger)
{
    private const string Guess = "notice";
    private readonly Lockouts lockouts = new(services.Time);
    private readonly SemaphoreSlim answers = new(NoticeLimits.AnswersAtOnce, NoticeLimits.AnswersAtOnce);

    /// <summary>Whether a path is that of a notice's page: exactly one level below <c>/notice</c>.</summary>
    public static bool IsPage(PathString path) => path.Value is { } text && text.StartsWith(NoticeLinks.Path, StringComparison.Ordinal) && text.Length > NoticeLinks.Path.Length && text.IndexOf('/', NoticeLinks.Path.Length) < 0;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(NoticeLinks.Path + "{secret}", ShowAsync).WithSummary("The page of a notice, for its subject: needs no token, since its address is the secret.").Produces(200, contentType: "text/html").ExcludeFromDescription().NotAudited("the subject's own page");
        routes.MapPost(NoticeLinks.Path + "{secret}", AnswerAsync).WithSummary("The subject's answer.").ExcludeFromDescription().NotAudited("the subject's own answer, which the notice has");
    }

    private async Task ShowAsync(HttpContext context, string secret)
    {
        if (await FindAsync(context, secret).ConfigureAwait(false) is not { } notice)
        {
            return;
        }

        if (notice.Opened is null)
        {
            try
            {
                await services.Host.CommandAsync(ActorKind.Notice, notice.Id, MessageKind.OpenNotice, ReadOnlyMemory<byte>.Empty, context.RequestAborted).ConfigureAwait(false);
            }
            catch (HostUnavailableException)
            {
                // That it was opened is good to know and no reason to keep the page from being read.
            }
        }

        await SendAsync(context, StatusCodes.Status200OK, NoticeHtml.Notice(notice, services.Rules(), null)).ConfigureAwait(false);
    }

    private async Task AnswerAsync(HttpContext context, string secret)
    {
        if (await FindAsync(context, secret).ConfigureAwait(false) is not { } notice)
        {
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = NoticeLimits.AnswerBytes;
        }

        if (!answers.Wait(0, CancellationToken.None))
        {
            await SendAsync(context, StatusCodes.Status503ServiceUnavailable, NoticeHtml.Notice(notice, services.Rules(), NoticeHtml.Busy)).ConfigureAwait(false);
            return;
        }

        try
        {
            await TakeAsync(context, notice).ConfigureAwait(false);
        }
        finally
        {
            answers.Release();
        }
    }

    private async Task TakeAsync(HttpContext context, NoticeRow notice)
    {
        (string? note, byte[]? picture, BothWays? wrong) = await ReadAsync(context).ConfigureAwait(false);
        KeptPicture? kept = null;
        if (wrong is null && picture is not null)
        {
            (kept, wrong) = Keep(picture);
        }

        if (wrong is not null)
        {
            await SendAsync(context, StatusCodes.Status400BadRequest, NoticeHtml.Notice(notice, services.Rules(), wrong)).ConfigureAwait(false);
            return;
        }

        NoticeAnswered answered = new(note, kept?.Sha256, kept?.Type);
        CommandResult result;
        try
        {
            result = await services.Host.CommandAsync(ActorKind.Notice, notice.Id, MessageKind.AnswerNotice, ApiJson.Bytes(answered, GrainsJson.Default.NoticeAnswered), context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is HostUnavailableException or Journal.JournalFailedException)
        {
            await SendAsync(context, StatusCodes.Status503ServiceUnavailable, NoticeHtml.Notice(notice, services.Rules(), NoticeHtml.Busy)).ConfigureAwait(false);
            return;
        }

        if (result.Reply is { Status: not ReplyStatus.Done })
        {
            await SendAsync(context, StatusCodes.Status404NotFound, NoticeHtml.Over).ConfigureAwait(false);
            return;
        }

        // Who reloads the page is told that it is over, not shown the form once more.
        await services.ShownAsync(result.Position, context.RequestAborted).ConfigureAwait(false);
        Log.Answered(logger, notice.Id);
        await SendAsync(context, StatusCodes.Status200OK, NoticeHtml.Thanks(notice, services.Rules(), answered)).ConfigureAwait(false);
    }

    /// <summary>What the form brought; or what is wrong with it.</summary>
    private static async Task<(string? Note, byte[]? Picture, BothWays? Wrong)> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
        {
            return (null, null, NoticeHtml.NotUnderstood);
        }

        IFormCollection form;
        try
        {
            form = await context.Request.ReadFormAsync(new FormOptions
            {
                BufferBody = false,
                MemoryBufferThreshold = (int)NoticeLimits.AnswerBytes,
                BufferBodyLengthLimit = NoticeLimits.AnswerBytes,
                MultipartBodyLengthLimit = NoticeLimits.AnswerBytes,
                ValueCountLimit = 8,
                ValueLengthLimit = 16 * 1024,
                KeyLengthLimit = 64,
            }, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException refused) when (refused.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (null, null, NoticeHtml.TooLarge);
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException)
        {
            return (null, null, NoticeHtml.NotUnderstood);
        }

        string note = form["note"].ToString().Trim().ReplaceLineEndings("\n");
        if (Validation.Text(note, "The note", GrainLimits.NoteChars) is not null)
        {
            return (null, null, NoticeHtml.NoteTooLong);
        }

        if (form.Files.Count > 1)
        {
            return (null, null, NoticeHtml.OnePicture);
        }

        if (form.Files is not [{ Length: > 0 } file])
        {
            return (note.Length == 0 ? null : note, null, null);
        }

        if (file.Length > NoticeLimits.PictureBytes)
        {
            return (null, null, NoticeHtml.TooLarge);
        }

        byte[] picture = new byte[file.Length];
        using Stream content = file.OpenReadStream();
        await content.ReadExactlyAsync(picture, context.RequestAborted).ConfigureAwait(false);
        return (note.Length == 0 ? null : note, picture, null);
    }

    private (KeptPicture? Picture, BothWays? Wrong) Keep(byte[] picture)
    {
        try
        {
            (KeptPicture kept, PictureRefusal refusal) = services.Pictures.Keep(picture);
            return refusal switch
            {
                PictureRefusal.None => (kept, null),
                PictureRefusal.OtherType => (null, NoticeHtml.OtherType),
                PictureRefusal.TooLarge => (null, NoticeHtml.TooLarge),
                _ => (null, NoticeHtml.NoRoom),
            };
        }
        catch (IOException failure)
        {
            Log.NotKept(logger, failure);
            return (null, NoticeHtml.NoRoom);
        }
    }

    /// <summary>The notice of an address while it can be answered; null where there is none, after that was said.</summary>
    private async ValueTask<NoticeRow?> FindAsync(HttpContext context, string secret)
    {
        NoticeRow? notice = LinkKey.HashOf(secret) is { } hash ? await services.Lists.NoticeByLinkAsync(hash, context.RequestAborted).ConfigureAwait(false) : null;
        if (notice is { Open: true } && services.Time.GetUtcNow() < notice.Until)
        {
            return notice;
        }

        IPAddress? address = context.Connection.RemoteIpAddress;
        bool guesses = lockouts.WaitOf(Guess, address) > TimeSpan.Zero;
        if (!guesses)
        {
            lockouts.Fail(Guess, address);
        }

        await SendAsync(context, guesses ? StatusCodes.Status429TooManyRequests : StatusCodes.Status404NotFound, NoticeHtml.Over).ConfigureAwait(false);
        return null;
    }

    private static async Task SendAsync(HttpContext context, int status, string html)
    {
        HttpResponse response = context.Response;
        IHeaderDictionary headers = response.Headers;
        headers.ContentSecurityPolicy = NoticeHtml.Policy;
        headers["Referrer-Policy"] = "no-referrer";
        headers["X-Robots-Tag"] = "noindex, nofollow";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.XFrameOptions = "DENY";
        byte[] bytes = Encoding.UTF8.GetBytes(html);
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = bytes.Length;
        await response.BodyWriter.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The subject has answered notice {Notice}.")]
        public static partial void Answered(ILogger logger, string notice);

        [LoggerMessage(2, LogLevel.Error, "A picture could not be kept.")]
        public static partial void NotKept(ILogger logger, Exception failure);
    }
}
