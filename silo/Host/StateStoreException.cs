using Microsoft.Data.Sqlite;

namespace Streaming.Silo.Host;

/// <summary>The states' file cannot be used. The message says what to do; the process must not go on without it.</summary>
internal sealed class StateStoreException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Explains a failed opening.</summary>
    public static StateStoreException Opening(string path, SqliteException error) => SqliteTrouble.IsDamage(error)
        ? Damaged(path, error.Message, error)
        : new($"Cannot open the states' file {path}: {error.Message} {SqliteTrouble.WhatToDo(error, path)} Then start again; nothing is lost.", error);

    /// <summary>Explains a file that opens but does not hold what it must.</summary>
    public static StateStoreException Damaged(string path, string what, Exception? inner = null) => new(
        $"The states' file {path} is damaged: {what} Stop the process and move {Path.GetFileName(path)}, -wal and -shm away together (do not delete them yet). "
        + "If the journal still begins at position 1, the next start makes every state from it again. "
        + "If older journal segments were already dropped by retention, restore the whole data directory from a backup: states that only dropped segments could tell of are in no other place, and the start refuses to run without them.",
        inner);
}

/// <summary>What SQLite's errors mean to whoever runs the process.</summary>
internal static class SqliteTrouble
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    /// <summary>Whether the file itself is damaged, as against a disk that is full or slow.</summary>
    public static bool IsDamage(SqliteException error) => error.SqliteErrorCode is Corrupt or NotADatabase;

    /// <summary>A sentence for a failure of a store that is not damage, whatever threw it.</summary>
    public static string WhatToDo(Exception failure, string where) => failure switch
    {
        SqliteException { SqliteErrorCode: Busy or Locked } => $"Another process has {where} locked: end it, be it a second silo, a backup or a database browser.",
        SqliteException { SqliteErrorCode: Full } => $"The disk is full: free some space for {where}.",
        SqliteException { SqliteErrorCode: ReadOnly or CannotOpen } or UnauthorizedAccessException => $"Check that the directory exists and that this user may write {where} and the directory it is in.",
        SqliteException { SqliteErrorCode: InputOutput } => $"The disk failed to read or write {where}: see the system's log, and whether the disk is full.",
        _ => $"Free some space for {where}, or make it writable.",
    };
}
