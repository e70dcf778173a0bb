using Microsoft.Data.Sqlite;
using Streaming.Silo.Host;

namespace Streaming.Silo.Views;

/// <summary>The lists' file cannot be used. The message says what to do; the process must not start without it.</summary>
internal sealed class ViewStoreException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Explains a failed opening.</summary>
    public static ViewStoreException Opening(string path, SqliteException error) => IsDamage(error)
        ? Damaged(path, error.Message, error)
        : new($"Cannot open the lists' file {path}: {error.Message} {SqliteTrouble.WhatToDo(error, path)} Then start again; nothing is lost.", error);

    /// <summary>Explains a failed read.</summary>
    public static ViewStoreException Reading(string path, SqliteException error) => IsDamage(error)
        ? Damaged(path, error.Message, error)
        : new($"The lists' file {path} cannot be read now: {error.Message} {SqliteTrouble.WhatToDo(error, path)}", error);

    /// <summary>Explains a file that opens but does not hold what it must.</summary>
    public static ViewStoreException Damaged(string path, string what, Exception? inner = null) => new(
        $"The lists' file {path} is damaged: {what} Stop the process and move {Path.GetFileName(path)}, -wal and -shm away together (do not delete them yet). "
        + "If the journal still begins at position 1, the next start rebuilds every list from it. "
        + "If older journal segments were already dropped by retention, restore the file from a backup whose position the journal still reaches: rows of dropped segments are in no other place, and the start refuses to run with a hole in the lists.",
        inner);

    /// <summary>Whether the file itself is damaged, as against a disk that is full or slow.</summary>
    public static bool IsDamage(SqliteException error) => SqliteTrouble.IsDamage(error);

    /// <summary>Whether the same transaction may well succeed later: busy (5), locked (6), no memory (7), read-only (8), I/O error (10), disk full (13), cannot open (14).</summary>
    public static bool IsPassing(SqliteException error) => error.SqliteErrorCode is 5 or 6 or 7 or 8 or 10 or 13 or 14;
}
