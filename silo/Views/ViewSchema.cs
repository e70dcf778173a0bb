using Streaming.Grains.Turns;

namespace Streaming.Silo.Views;

/// <summary>
/// The tables of <c>views.db</c>. A row's document stands last, so that a filter on the columns before it does not read it; the columns are taken out of
/// the document by the store itself, so that they cannot disagree with it. <c>seq</c> is the position of the record that first showed the row: rising, unique and the same after a rebuild.
/// </summary>
internal static class ViewSchema
{
    /// <summary>Version of the layout, kept in the file's <c>user_version</c>.</summary>
    public const int Version = 2;

    public const string Create = """
        CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO meta VALUES ('position', 0);

        CREATE TABLE warnings (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            subject TEXT GENERATED ALWAYS AS (json ->> '$.subject') STORED,
            kind TEXT GENERATED ALWAYS AS (json ->> '$.kind') STORED,
            district TEXT GENERATED ALWAYS AS (json ->> '$.district') STORED,
            severity INTEGER GENERATED ALWAYS AS (json ->> '$.severity') STORED,
            open INTEGER GENERATED ALWAYS AS (json ->> '$.open') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX warnings_subject ON warnings (subject);
        CREATE INDEX warnings_kind ON warnings (kind);
        CREATE INDEX warnings_district ON warnings (district);
        CREATE INDEX warnings_open ON warnings (district, severity) WHERE open = 1;

        CREATE TABLE cases (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            subject TEXT GENERATED ALWAYS AS (json ->> '$.subject') STORED,
            kind TEXT GENERATED ALWAYS AS (json ->> '$.kind') STORED,
            district TEXT GENERATED ALWAYS AS (json ->> '$.district') STORED,
            state TEXT GENERATED ALWAYS AS (json ->> '$.state') STORED,
            deadline TEXT GENERATED ALWAYS AS (json ->> '$.deadline') STORED,
            overdue INTEGER GENERATED ALWAYS AS (json ->> '$.overdue') STORED,
            open INTEGER GENERATED ALWAYS AS (coalesce(json ->> '$.state', '') <> 'closed') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX cases_subject ON cases (subject, kind);
        CREATE INDEX cases_kind ON cases (kind);
        CREATE INDEX cases_district ON cases (district);
        CREATE INDEX cases_state ON cases (state);
        CREATE INDEX cases_open ON cases (district, overdue) WHERE open = 1;

        CREATE TABLE case_departments (
            department TEXT NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (department, seq)) STRICT, WITHOUT ROWID;
        CREATE INDEX case_departments_case ON case_departments (seq);

        CREATE TABLE work_orders (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            case_id TEXT GENERATED ALWAYS AS (json ->> '$.case') STORED,
            department TEXT GENERATED ALWAYS AS (json ->> '$.department') STORED,
            subject TEXT GENERATED ALWAYS AS (json ->> '$.subject') STORED,
            kind TEXT GENERATED ALWAYS AS (json ->> '$.kind') STORED,
            district TEXT GENERATED ALWAYS AS (json ->> '$.district') STORED,
            state TEXT GENERATED ALWAYS AS (json ->> '$.state') STORED,
            deadline TEXT GENERATED ALWAYS AS (json ->> '$.deadline') STORED,
            open INTEGER GENERATED ALWAYS AS (coalesce(json ->> '$.state', '') IN ('issued', 'accepted')) STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX work_orders_case ON work_orders (case_id);
        CREATE INDEX work_orders_department ON work_orders (department);
        CREATE INDEX work_orders_open ON work_orders (department, deadline) WHERE open = 1;
        CREATE INDEX work_orders_subject ON work_orders (subject);
        CREATE INDEX work_orders_kind ON work_orders (kind);
        CREATE INDEX work_orders_state ON work_orders (state);
        CREATE INDEX work_orders_district ON work_orders (district);

        CREATE TABLE feed (
            feed TEXT NOT NULL,
            number INTEGER NOT NULL,
            district TEXT NOT NULL,
            json TEXT NOT NULL) STRICT;
        CREATE UNIQUE INDEX feed_number ON feed (feed, number);
        CREATE TABLE feed_last (feed TEXT NOT NULL PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE devices (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            district TEXT GENERATED ALWAYS AS (json ->> '$.district') STORED,
            kind TEXT GENERATED ALWAYS AS (json ->> '$.kind') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE TABLE tokens (seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, json TEXT NOT NULL) STRICT;
        CREATE TABLE sessions (seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, json TEXT NOT NULL) STRICT;

        CREATE TABLE quarantine (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            position INTEGER NOT NULL,
            element INTEGER NOT NULL,
            source TEXT NOT NULL,
            district TEXT NOT NULL,
            topic TEXT NOT NULL,
            time INTEGER NOT NULL,
            reason INTEGER NOT NULL,
            detail TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            payload BLOB NOT NULL) STRICT;
        CREATE INDEX quarantine_source ON quarantine (source);
        CREATE INDEX quarantine_district ON quarantine (district);
        """;

    /// <summary>
    /// From layout 1 to 2: when a row was shown last, ms, by which the lists are trimmed. Of rows from before it is taken from the document, which errs on the early side by as long as a case was open.
    /// </summary>
    public const string Second = """
        ALTER TABLE warnings ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE cases ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE work_orders ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE feed ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
        UPDATE warnings SET changed = coalesce(unixepoch(json ->> '$.updated'), unixepoch()) * 1000;
        UPDATE cases SET changed = coalesce(unixepoch(json ->> '$.opened'), unixepoch()) * 1000;
        UPDATE work_orders SET changed = coalesce(unixepoch(json ->> '$.issued'), unixepoch()) * 1000;
        UPDATE feed SET changed = coalesce(unixepoch(json ->> '$.at'), unixepoch()) * 1000;
        CREATE INDEX warnings_over ON warnings (changed) WHERE open = 0;
        CREATE INDEX cases_over ON cases (changed) WHERE open = 0;
        CREATE INDEX work_orders_over ON work_orders (changed) WHERE open = 0;
        """;

    /// <summary>True for the lists whose rows are trimmed by age.</summary>
    public static bool IsTrimmed(View view) => view is View.Warnings or View.Cases or View.WorkOrders;

    /// <summary>The table of a list whose rows have a key and a document.</summary>
    public static string Table(View view) => view switch
    {
        View.Warnings => "warnings",
        View.Cases => "cases",
        View.WorkOrders => "work_orders",
        View.Devices => "devices",
        View.Tokens => "tokens",
        View.Sessions => "sessions",
        _ => throw new InvalidDataException($"List {(byte)view} has no table of documents."),
    };
}
