namespace Streaming.Silo.Journal;

/// <summary>What is on disk is not what was written there, and cutting the end off is no remedy. The process does not start.</summary>
internal sealed class JournalDamagedException(string file, long offset, string what, string whatToDo)
    : Exception($"The journal is damaged: {file}, offset {offset}: {what} {whatToDo}")
{
    /// <summary>The segment file's name.</summary>
    public string File { get; } = file;

    /// <summary>Where in the file, in bytes.</summary>
    public long Offset { get; } = offset;

    /// <summary>What is wrong there.</summary>
    public string What { get; } = what;

    /// <summary>What whoever runs the process can do.</summary>
    public string WhatToDo { get; } = whatToDo;
}

/// <summary>
/// Writing failed, so nobody knows what of it is on disk. Nothing more is taken or acknowledged; the process has to end. The next start reads what did reach the disk.
/// </summary>
internal sealed class JournalFailedException(string message, Exception? cause = null) : Exception(message, cause);
