using Streaming.Grains.Turns;

namespace Streaming.Silo.Views;

/// <summary>
/// The tables of <c>views.db</c>. A row's document stands last, so that a filter on the columns before it does not read it; the columns are taken out of
/// the document by the store itself, so that they cannot disagree with it. <c>seq</c> is the position of the record that first showed the row: rising, unique and the same after a rebuild.
/// </summary>
internal static partial class ViewSchema
{
    /// <summary>Version of the layout, kept in the file's <c>user_version</c>.</summary>
    public static int Version => Steps.Count;

    private const string Create = """
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
    private const string Second = """
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

    /// <summary>From layout 2 to 3: the queues of messages between clients.</summary>
    private const string Third = """
        CREATE TABLE messages (session TEXT NOT NULL, number INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (session, number)) STRICT, WITHOUT ROWID;
        """;

    /// <summary>From layout 3 to 4: the registers, and the values by which their entries are looked up.</summary>
    private const string Fourth = """
        CREATE TABLE registers (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            register TEXT GENERATED ALWAYS AS (json ->> '$.register') STORED,
            district TEXT GENERATED ALWAYS AS (json ->> '$.district') STORED,
            differs INTEGER GENERATED ALWAYS AS (json ->> '$.differs') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX registers_register ON registers (register);
        CREATE INDEX registers_differs ON registers (register) WHERE differs = 1;
        CREATE TABLE register_refs (
            register TEXT NOT NULL,
            ref TEXT NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (register, ref, seq)) STRICT, WITHOUT ROWID;
        CREATE INDEX register_refs_entry ON register_refs (seq);
        """;

    /// <summary>
    /// From layout 4 to 5: the audit, and how many entries it has, which are too many to be counted. Times are counted in ms through the day number, whose fraction is exact enough for them.
    /// </summary>
    private const string Fifth = """
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            at INTEGER GENERATED ALWAYS AS (CAST(round((julianday(json ->> '$.at') - 2440587.5) * 86400000) AS INTEGER)) STORED,
            who TEXT GENERATED ALWAYS AS (json ->> '$.who') STORED,
            act TEXT GENERATED ALWAYS AS (json ->> '$.act') STORED,
            verb TEXT GENERATED ALWAYS AS (json ->> '$.verb') STORED,
            subject TEXT GENERATED ALWAYS AS (json ->> '$.subject') STORED,
            department TEXT GENERATED ALWAYS AS (json ->> '$.department') STORED,
            district TEXT GENERATED ALWAYS AS (json ->> '$.district') STORED,
            changed INTEGER NOT NULL,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX audit_at ON audit (at);
        CREATE INDEX audit_who ON audit (who);
        CREATE INDEX audit_subject ON audit (subject) WHERE subject IS NOT NULL;
        CREATE INDEX audit_act ON audit (act);
        CREATE INDEX audit_verb ON audit (verb);
        CREATE INDEX audit_department ON audit (department) WHERE department IS NOT NULL;
        CREATE INDEX audit_district ON audit (district);
        INSERT INTO meta VALUES ('audit rows', 0);
        CREATE TRIGGER audit_more AFTER INSERT ON audit BEGIN UPDATE meta SET value = value + 1 WHERE name = 'audit rows'; END;
        CREATE TRIGGER audit_less AFTER DELETE ON audit BEGIN UPDATE meta SET value = value - 1 WHERE name = 'audit rows'; END;
        """;

    /// <summary>From layout 5 to 6: notices to subjects, and what is to be done to deliver them, by who does it and from when.</summary>
    private const string Sixth = """
        CREATE TABLE notices (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            changed INTEGER NOT NULL,
            case_id TEXT GENERATED ALWAYS AS (json ->> '$.case') STORED,
            subject TEXT GENERATED ALWAYS AS (json ->> '$.subject') STORED,
            kind TEXT GENERATED ALWAYS AS (json ->> '$.kind') STORED,
            district TEXT GENERATED ALWAYS AS (json ->> '$.district') STORED,
            state TEXT GENERATED ALWAYS AS (json ->> '$.state') STORED,
            open INTEGER GENERATED ALWAYS AS (json ->> '$.open') STORED,
            link TEXT GENERATED ALWAYS AS (json ->> '$.linkSha256') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX notices_case ON notices (case_id);
        CREATE INDEX notices_subject ON notices (subject);
        CREATE INDEX notices_district ON notices (district);
        CREATE INDEX notices_state ON notices (state);
        CREATE INDEX notices_link ON notices (link) WHERE link IS NOT NULL;
        CREATE INDEX notices_over ON notices (changed) WHERE open = 0;
        CREATE TABLE notice_errands (
            lane TEXT NOT NULL,
            at INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (lane, at, seq)) STRICT, WITHOUT ROWID;
        CREATE INDEX notice_errands_notice ON notice_errands (seq);
        """;

    /// <summary>From layout 6 to 7: the catalogue, who used what of it on which day (days since 1970, UTC), and what is sent by nobody who is registered.</summary>
    private const string Seventh = """
        CREATE TABLE resources (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            kind TEXT GENERATED ALWAYS AS (json ->> '$.kind') STORED,
            owner TEXT GENERATED ALWAYS AS (json ->> '$.owner') STORED,
            district TEXT GENERATED ALWAYS AS (json ->> '$.district') STORED,
            state TEXT GENERATED ALWAYS AS (json ->> '$.state') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX resources_kind ON resources (kind);
        CREATE INDEX resources_owner ON resources (owner);
        CREATE INDEX resources_district ON resources (district);
        CREATE INDEX resources_state ON resources (state);
        CREATE TABLE resource_uses (
            resource TEXT NOT NULL,
            day INTEGER NOT NULL,
            consumer TEXT NOT NULL,
            uses INTEGER NOT NULL,
            PRIMARY KEY (resource, day, consumer)) STRICT, WITHOUT ROWID;
        CREATE INDEX resource_uses_day ON resource_uses (day);
        CREATE TABLE unregistered (
            source TEXT NOT NULL,
            topic TEXT NOT NULL,
            reason INTEGER NOT NULL,
            count INTEGER NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            detail TEXT NOT NULL,
            PRIMARY KEY (source, topic, reason)) STRICT;
        CREATE INDEX unregistered_last ON unregistered (last);
        INSERT INTO meta VALUES ('unregistered_dropped', 0);
        """;

    /// <summary>From layout 7 to 8: scenes that departments drafted.</summary>
    private const string Eighth = """
        CREATE TABLE scenes (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            department TEXT GENERATED ALWAYS AS (json ->> '$.department') STORED,
            state TEXT GENERATED ALWAYS AS (json ->> '$.state') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX scenes_department ON scenes (department);
        """;

    /// <summary>What became of warnings that came in a storm or are held back, by their case; it goes with the warning. Webhooks, and items that they could not deliver.</summary>
    private const string Delivery = """
        CREATE TABLE warning_handlings (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            case_id TEXT GENERATED ALWAYS AS (json ->> '$.case') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX warning_handlings_case ON warning_handlings (case_id) WHERE case_id IS NOT NULL;
        CREATE TRIGGER warning_handled AFTER DELETE ON warnings BEGIN DELETE FROM warning_handlings WHERE key = old.key; END;
        CREATE TABLE webhooks (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            department TEXT GENERATED ALWAYS AS (json ->> '$.department') STORED,
            district TEXT GENERATED ALWAYS AS (json ->> '$.district') STORED,
            state TEXT GENERATED ALWAYS AS (json ->> '$.state') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE TABLE dead_letters (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            webhook TEXT GENERATED ALWAYS AS (json ->> '$.webhook') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX dead_letters_webhook ON dead_letters (webhook);
        CREATE TRIGGER webhook_removed AFTER DELETE ON webhooks BEGIN DELETE FROM dead_letters WHERE webhook = old.key; END;
        """;

    /// <summary>What people reported, and the case that it is in.</summary>
    private const string Reports = """
        CREATE TABLE reports (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            changed INTEGER NOT NULL,
            case_id TEXT GENERATED ALWAYS AS (json ->> '$.case') STORED,
            kind TEXT GENERATED ALWAYS AS (json ->> '$.kind') STORED,
            district TEXT GENERATED ALWAYS AS (json ->> '$.district') STORED,
            state TEXT GENERATED ALWAYS AS (json ->> '$.state') STORED,
            channel TEXT GENERATED ALWAYS AS (json ->> '$.channel') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX reports_case ON reports (case_id);
        CREATE INDEX reports_kind ON reports (kind);
        CREATE INDEX reports_district ON reports (district);
        CREATE INDEX reports_state ON reports (state);
        CREATE INDEX reports_over ON reports (changed);
        """;

    /// <summary>The record of each case under its chain, what was written in it, and what the case keeps copies of. They go with their case.</summary>
    private const string CaseRecords = """
        CREATE TABLE case_records (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            case_id TEXT GENERATED ALWAYS AS (json ->> '$.case') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX case_records_case ON case_records (case_id, key);
        CREATE TABLE case_texts (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            case_id TEXT GENERATED ALWAYS AS (json ->> '$.case') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX case_texts_case ON case_texts (case_id);
        CREATE TABLE evidence (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            case_id TEXT GENERATED ALWAYS AS (json ->> '$.case') STORED,
            number INTEGER GENERATED ALWAYS AS (json ->> '$.number') STORED,
            due INTEGER GENERATED ALWAYS AS (CASE WHEN json ->> '$.state' = 'wanted' THEN coalesce(json ->> '$.dueMs', 0) END) STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX evidence_case ON evidence (case_id, number);
        CREATE INDEX evidence_due ON evidence (due) WHERE due IS NOT NULL;
        """;

    /// <summary>The vehicles that are known, in the order in which they were first seen, with a day (since 1970, UTC) on which each was seen of late. That each is there once <see cref="PlateBook"/> sees to: an index of plates would be a page written for every new one, all over it. Of those from before this step, the ones that lists and registers name. Quarantined payloads are found by where they stand in the journal.</summary>
    private const string Plates = """
        CREATE TABLE plates (seq INTEGER PRIMARY KEY, plate TEXT NOT NULL, day INTEGER NOT NULL) STRICT;
        CREATE INDEX plates_day ON plates (day);
        CREATE INDEX quarantine_place ON quarantine (position, element);
        INSERT INTO plates (plate, day) SELECT plate, max(day) FROM (
            SELECT subject AS plate, changed / 86400000 AS day FROM warnings WHERE json ->> '$.subjectKind' = 'vehicle' AND subject IS NOT NULL
            UNION ALL SELECT subject, changed / 86400000 FROM cases WHERE json ->> '$.subjectKind' = 'vehicle' AND subject IS NOT NULL
            UNION ALL SELECT substr(key, 10), unixepoch() / 86400 FROM registers WHERE register = 'vehicles' AND key LIKE 'vehicles/_%') GROUP BY plate;
        """;

    /// <summary>The references of an entry are found through its document (<see cref="RegisterTable"/>), so the index of them by entry is written for nobody.</summary>
    private const string EntryReferences = """
        DROP INDEX register_refs_entry;
        """;

    /// <summary>Copies that are due are found by whether they are pictures, which others must not wait for.</summary>
    private const string PicturesDue = """
        DROP INDEX evidence_due;
        CREATE INDEX evidence_due ON evidence (json ->> '$.kind' = 'picture', due) WHERE due IS NOT NULL;
        """;

    /// <summary>What makes each layout of the one before, from nothing to layout 1 first.</summary>
    public static IReadOnlyList<string> Steps { get; } = [Create, Second, Third, Fourth, Fifth, Sixth, Seventh, Eighth, Ninth, Delivery, Reports, CaseRecords, Plates, Facts, EntryReferences, PicturesDue];

    /// <summary>True for the lists whose rows are trimmed by age.</summary>
    public static bool IsTrimmed(View view) => view is View.Warnings or View.Cases or View.WorkOrders or View.Audit or View.Notices or View.Reports;

    /// <summary>The table of a list whose rows have a key and a document.</summary>
    public static string Table(View view) => view switch
    {
        View.Warnings => "warnings",
        View.Cases => "cases",
        View.WorkOrders => "work_orders",
        View.Devices => "devices",
        View.Tokens => "tokens",
        View.Sessions => "sessions",
        View.Registers => "registers",
        View.Audit => "audit",
        View.Notices => "notices",
        View.Resources => "resources",
        View.Scenes => "scenes",
        View.Handlings => "warning_handlings",
        View.Webhooks => "webhooks",
        View.DeadLetters => "dead_letters",
        View.Reports => "reports",
        View.CaseRecords => "case_records",
        View.CaseTexts => "case_texts",
        View.Evidence => "evidence",
        _ => throw new InvalidDataException($"List {(byte)view} has no table of documents."),
    };
}
