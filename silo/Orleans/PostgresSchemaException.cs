using System.Net.Sockets;
using Npgsql;

namespace Streaming.Silo.Orleans;

/// <summary>The cluster's database cannot be used. The message says what to do and never holds a password; the process must not start without it.</summary>
internal sealed class PostgresSchemaException(string message, Exception? inner = null) : Exception(message, inner)
{
    public static PostgresSchemaException NotUnderstood(ArgumentException error) => new(
        $"The PostgreSQL connection string is not understood: {error.Message} Expected is, for example, \"Host=db.example;Database=streaming;Username=streaming;Password=...\".", error);

    public static PostgresSchemaException Newer(string where, int found, int known) => new(
        $"The tables in {where} are of version {found}, and this program knows them up to version {known}. A newer program has been started on this database: "
        + "run that version here too, or give this one a database of its own.");

    /// <summary>Explains why no connection came about.</summary>
    public static PostgresSchemaException Opening(string where, NpgsqlException error) => new(
        error switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
                $"There is no such database: {where}. Make it (CREATE DATABASE ... OWNER ...), or name another in the connection string.",
            PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } refused =>
                $"PostgreSQL does not let this user in to {where}: {refused.MessageText} Check user name and password in the connection string, and the server's pg_hba.conf.",
            PostgresException refused =>
                $"PostgreSQL refused the connection to {where}: {refused.MessageText} ({refused.SqlState}).",
            { InnerException: SocketException or TimeoutException or IOException } =>
                $"PostgreSQL is not reachable at {where}: {error.InnerException.Message} Check host and port in the connection string, that the server runs, and that no firewall stands between.",
            _ => $"The connection to PostgreSQL at {where} failed: {error.Message}",
        },
        error);

    /// <summary>Explains why the tables could not be looked at or made. Nothing was changed then: it is one transaction.</summary>
    public static PostgresSchemaException Making(string where, NpgsqlException error) => new(
        error switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refused =>
                $"The user has no right to make or use the tables in {where}: {refused.MessageText}. Make the user the owner of a database of its own, "
                + "or GRANT CREATE, USAGE ON SCHEMA to it, or let an administrator run PostgresSchema.sql and grant it the tables and the sequence.",
            PostgresException { SqlState: PostgresErrorCodes.InvalidSchemaName } refused =>
                $"The search path leads to no schema in {where}: {refused.MessageText}. Create the schema that the connection string's Search Path names.",
            PostgresException { SqlState: PostgresErrorCodes.DuplicateTable } refused =>
                $"In {where} there are tables of the same name that this program did not make: {refused.MessageText}. "
                + "Use a database of its own, or a schema of its own (Search Path in the connection string).",
            PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } =>
                $"The server of {where} is read-only, probably a standby. Name the primary in the connection string, or add \"Target Session Attributes=primary\" beside all hosts.",
            PostgresException refused =>
                $"PostgreSQL could not make the tables in {where}: {refused.MessageText} ({refused.SqlState}). Nothing was changed.",
            { InnerException: TimeoutException } =>
                $"PostgreSQL at {where} did not answer within {PostgresLimits.SchemaCommandSeconds} s while the tables were made. Nothing was changed. "
                + "Look in pg_stat_activity for what holds the locks, another silo that is just starting for example, and start again.",
            _ => $"The connection to PostgreSQL at {where} broke off while the tables were made: {error.Message} Nothing was changed; start again.",
        },
        error);
}
