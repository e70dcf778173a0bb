using System.Text.Json;

namespace Streaming.Silo.Api;

/// <summary>A browser that signed in.</summary>
/// <param name="Key">Hash of what its cookie holds.</param>
/// <param name="TokenHash">Hash of the token that it signed in with.</param>
/// <param name="Since">When it did.</param>
internal sealed record BrowserSession(string Key, string TokenHash, DateTimeOffset Since);

/// <summary>Keeps sessions of browsers over a restart: one JSON object a line, hashes alone, at most <see cref="ApiLimits.BrowserSessions"/> lines.</summary>
internal static class BrowserSessionFile
{
    /// <summary>Its name in the data directory.</summary>
    public const string Name = "browser-sessions";

    /// <summary>What the file has; nothing where there is none, or where it is damaged: then everybody signs in again.</summary>
    public static IReadOnlyList<BrowserSession> Read(string? path)
    {
        if (path is null || !File.Exists(path))
        {
            return [];
        }

        try
        {
            return
            [
                .. File.ReadLines(path).Take(ApiLimits.BrowserSessions).Select(line => JsonSerializer.Deserialize(line, ApiJson.Default.BrowserSession)).OfType<BrowserSession>()
                    .Where(session => session is { Key: not null, TokenHash: not null }),
            ];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    /// <summary>Puts the file in place of the earlier one; it is on the disk when this returns. Only this user may read it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string? path, IEnumerable<BrowserSession> sessions)
    {
        if (path is null)
        {
            return;
        }

        string temporary = path + ".new";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (FileStream file = new(temporary, options))
            {
                foreach (BrowserSession session in sessions)
                {
                    JsonSerializer.Serialize(file, session, ApiJson.Default.BrowserSession);
                    file.WriteByte((byte)'\n');
                }

                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            Journal.NativeFiles.SyncDirectory(Path.GetDirectoryName(path)!);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }
}
