using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Silo.Sealing;

namespace Streaming.Silo.Api;

/// <summary>Files and fields of a call, before anything of it is kept.</summary>
/// <param name="Fields">What else the form says.</param>
/// <param name="Files">The files, with their types.</param>
internal sealed record EvidenceParts(ActionRequest Fields, IReadOnlyList<(byte[] Bytes, string Type, string? Name)> Files);

/// <summary>
/// Reads what comes with files: a form (<c>multipart/form-data</c>) with the fields of an action and up to five files, or one file as the whole body. So on a phone picture, handling and record are one call.
/// </summary>
internal sealed class EvidenceForm(HashedFiles copies)
{
    /// <summary>Each call may have whole files in memory, so only some are taken in at a time.</summary>
    private readonly SemaphoreSlim taking = new(EvidenceLimits.FormsAtOnce, EvidenceLimits.FormsAtOnce);

    public const string Multipart = "multipart/form-data";

    /// <summary>Before the name of a field of the stage's record, in the name of a form's field.</summary>
    private const string RecordPrefix = "record.";

    public static bool IsForm(HttpRequest request) => request.ContentType?.StartsWith(Multipart, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Lets the call have a body as large as its files may be; to be said before anything of it is read.</summary>
    public static void Admit(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = EvidenceLimits.FormBytes;
        }
    }

    /// <summary>Reads with a place among those taken in at a time.</summary>
    public async Task<(T? Value, Refusal? Refusal)> WithPlaceAsync<T>(Func<Task<(T?, Refusal?)>> read)
        where T : class
    {
        if (!taking.Wait(0, CancellationToken.None))
        {
            return (null, Refusal.Unavailable("Too many files are on their way; send it again in a moment."));
        }

        try
        {
            return await read().ConfigureAwait(false);
        }
        finally
        {
            taking.Release();
        }
    }

    /// <summary>The form of an action.</summary>
    public static async Task<(EvidenceParts? Parts, Refusal? Refusal)> ReadFormAsync(HttpRequest request)
    {
        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(new FormOptions
            {
                BufferBody = false,
                MemoryBufferThreshold = (int)EvidenceLimits.FormBytes,
                BufferBodyLengthLimit = EvidenceLimits.FormBytes,
                MultipartBodyLengthLimit = EvidenceLimits.FormBytes,
                ValueCountLimit = 64,
                ValueLengthLimit = 16 * 1024,
                KeyLengthLimit = 64,
            }, request.HttpContext.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException)
        {
            return (null, Refusal.Invalid($"The form cannot be read: parts of {Multipart} expected, at most {EvidenceLimits.FormBytes / 1024 / 1024} MiB together."));
        }

        string? unknown = form.Keys.FirstOrDefault(name => name is not ("note" or "outcome" or "to" or "until" or "departments" or "evidence") && !name.StartsWith(RecordPrefix, StringComparison.Ordinal));
        if (unknown is not null)
        {
            return (null, Refusal.Invalid($"There is no field '{unknown}'; a form has note, outcome, to, until, departments, evidence, {RecordPrefix}FIELD for each field of the stage's record, and files.", unknown));
        }

        DateTimeOffset? until = null;
        if (Text("until") is { } text)
        {
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            {
                return (null, Refusal.Invalid("A time as 2026-12-01T08:00:00Z expected.", "until"));
            }

            until = time;
        }

        JsonElement? evidence = form["evidence"].Count == 0 ? null : JsonSerializer.SerializeToElement([.. form["evidence"].Select(each => each ?? "")], ApiJson.Default.StringArray);
        SortedDictionary<string, string> record = new(StringComparer.Ordinal);
        foreach (string name in form.Keys.Where(name => name.StartsWith(RecordPrefix, StringComparison.Ordinal)))
        {
            record[name[RecordPrefix.Length..]] = Text(name) ?? "";
        }

        ActionRequest fields = new(Text("note"), Text("outcome"), evidence, Text("to"), form["departments"].Count == 0 ? null : [.. form["departments"].Select(each => each ?? "")], until, record.Count == 0 ? null : record);
        List<(byte[], string, string?)> files = [];
        foreach (IFormFile file in form.Files)
        {
            if (files.Count == GrainLimits.FilesPerAction)
            {
                return (null, Refusal.Invalid($"At most {GrainLimits.FilesPerAction} files come with one call.", file.Name));
            }

            if (file.Length > EvidenceLimits.FileBytes)
            {
                return (null, TooLarge(file.Name));
            }

            byte[] bytes = new byte[file.Length];
            await using Stream content = file.OpenReadStream();
            await content.ReadExactlyAsync(bytes, request.HttpContext.RequestAborted).ConfigureAwait(false);
            if (FileTypes.Of(bytes) is not { } type)
            {
                return (null, OtherType(file.Name));
            }

            files.Add((bytes, type, NameOf(file.FileName)));
        }

        return (new EvidenceParts(fields, files), null);

        string? Text(string name) => form[name] is [{ Length: > 0 } value, ..] ? value.ReplaceLineEndings("\n") : null;
    }

    /// <summary>The whole body as one file.</summary>
    public static async Task<(EvidenceParts? Parts, Refusal? Refusal)> ReadFileAsync(HttpRequest request)
    {
        using MemoryStream body = new();
        byte[] buffer = new byte[64 * 1024];
        int count;
        while ((count = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted).ConfigureAwait(false)) > 0)
        {
            body.Write(buffer, 0, count);
            if (body.Length > EvidenceLimits.FileBytes)
            {
                return (null, TooLarge(null));
            }
        }

        byte[] bytes = body.ToArray();
        return FileTypes.Of(bytes) is { } type
            ? (new EvidenceParts(new ActionRequest(null, null, null), [(bytes, type, null)]), null)
            : (null, OtherType(null));
    }

    /// <summary>Keeps the files; on the disk, with their names, before anything speaks of them.</summary>
    public (Attachment[]? Kept, Refusal? Refusal) Keep(EvidenceParts parts)
    {
        List<Attachment> kept = [];
        try
        {
            foreach ((byte[] bytes, string type, string? name) in parts.Files)
            {
                if (copies.Keep(bytes) is not { } sha256)
                {
                    return (null, Refusal.Unavailable("There is no room for more files; an administrator has to make some."));
                }

                kept.Add(new Attachment(sha256, type, bytes.Length, name));
            }
        }
        catch (IOException failure)
        {
            return (null, Refusal.Unavailable($"The file cannot be kept at present: {failure.Message}"));
        }

        return ([.. kept], null);
    }

    private static string? NameOf(string name)
    {
        string cleaned = new([.. Path.GetFileName(name.Replace('\\', '/')).Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter)).Take(GrainLimits.FileNameChars)]);
        return cleaned.Length == 0 ? null : cleaned;
    }

    private static Refusal TooLarge(string? field) => Refusal.Invalid($"A file may have {EvidenceLimits.FileBytes / 1024 / 1024} MiB at most.", field);

    private static Refusal OtherType(string? field) => Refusal.Invalid("A file has to be a picture (JPEG, PNG) or a document (PDF), by its first bytes.", field);
}
