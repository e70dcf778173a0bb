namespace Streaming.Silo.Views;

/// <summary>The step that lets pages of long lists be found in an index alone, whatever filters are combined, and that keeps the scoreboard.</summary>
internal static partial class ViewSchema
{
    /// <summary>
    /// From layout 8 to 9. <c>area</c> is the district without the street, so that a district with all its streets is one value and not a range; <c>active</c> is what is still to be worked at, which <c>open</c> never was (an archived case is over, a parked work order is not).
    /// Every index of a list has the other filters behind <c>seq</c>: a page is looked for within it, and only its own rows are read (<see cref="ListSql"/>). The warnings of a department have a table of their own, as its cases do.
    /// The scoreboard begins with the records after this step; what is open then goes in as it is, so that its end is counted.
    /// </summary>
    private const string Ninth = """
        ALTER TABLE warnings ADD COLUMN area TEXT GENERATED ALWAYS AS (CASE instr(district, '.') WHEN 0 THEN district ELSE substr(district, 1, instr(district, '.') - 1) END) VIRTUAL;
        ALTER TABLE cases ADD COLUMN area TEXT GENERATED ALWAYS AS (CASE instr(district, '.') WHEN 0 THEN district ELSE substr(district, 1, instr(district, '.') - 1) END) VIRTUAL;
        ALTER TABLE work_orders ADD COLUMN area TEXT GENERATED ALWAYS AS (CASE instr(district, '.') WHEN 0 THEN district ELSE substr(district, 1, instr(district, '.') - 1) END) VIRTUAL;
        ALTER TABLE cases ADD COLUMN active INTEGER GENERATED ALWAYS AS (coalesce(state, 'open') NOT IN ('closed', 'archived')) VIRTUAL;
        ALTER TABLE work_orders ADD COLUMN active INTEGER GENERATED ALWAYS AS (coalesce(state, 'issued') IN ('issued', 'accepted', 'parked')) VIRTUAL;

        DROP INDEX warnings_subject;
        DROP INDEX warnings_kind;
        DROP INDEX warnings_district;
        DROP INDEX warnings_open;
        CREATE INDEX warnings_subject ON warnings (subject, kind, seq);
        CREATE INDEX warnings_kind ON warnings (kind, seq, area, district, open);
        CREATE INDEX warnings_area ON warnings (area, seq, district, kind, open);
        CREATE INDEX warnings_open ON warnings (open, seq, kind, area, district, severity) WHERE open = 1;

        DROP INDEX cases_kind;
        DROP INDEX cases_district;
        DROP INDEX cases_state;
        DROP INDEX cases_open;
        DROP INDEX cases_over;
        CREATE INDEX cases_kind ON cases (kind, seq, area, district, state, active);
        CREATE INDEX cases_area ON cases (area, seq, district, kind, state, active);
        CREATE INDEX cases_state ON cases (state, seq, kind, area, district, active);
        CREATE INDEX cases_active ON cases (active, seq, kind, area, district, state, overdue);
        CREATE INDEX cases_over ON cases (changed) WHERE active = 0;

        DROP INDEX work_orders_department;
        DROP INDEX work_orders_open;
        DROP INDEX work_orders_kind;
        DROP INDEX work_orders_state;
        DROP INDEX work_orders_district;
        DROP INDEX work_orders_over;
        CREATE INDEX work_orders_department ON work_orders (department, seq, kind, area, district, state, active);
        CREATE INDEX work_orders_kind ON work_orders (kind, seq, department, area, district, state, active);
        CREATE INDEX work_orders_area ON work_orders (area, seq, district, department, kind, state, active);
        CREATE INDEX work_orders_state ON work_orders (state, seq, department, kind, area, district, active);
        CREATE INDEX work_orders_active ON work_orders (active, seq, department, kind, area, district, state);
        CREATE INDEX work_orders_over ON work_orders (changed) WHERE active = 0;

        CREATE TABLE departments_of_cases (
            department TEXT NOT NULL,
            seq INTEGER NOT NULL,
            kind TEXT,
            area TEXT,
            district TEXT,
            state TEXT,
            active INTEGER NOT NULL,
            PRIMARY KEY (department, seq)) STRICT, WITHOUT ROWID;
        INSERT INTO departments_of_cases SELECT d.department, d.seq, c.kind, c.area, c.district, c.state, c.active FROM case_departments d JOIN cases c ON c.seq = d.seq;
        DROP TABLE case_departments;
        ALTER TABLE departments_of_cases RENAME TO case_departments;
        CREATE INDEX case_departments_case ON case_departments (seq);
        CREATE INDEX case_departments_open ON case_departments (department, seq, kind, area, district, state) WHERE active = 1;

        CREATE TABLE warning_departments (
            department TEXT NOT NULL,
            seq INTEGER NOT NULL,
            kind TEXT,
            area TEXT,
            district TEXT,
            open INTEGER NOT NULL,
            PRIMARY KEY (department, seq)) STRICT, WITHOUT ROWID;
        CREATE INDEX warning_departments_warning ON warning_departments (seq);
        CREATE INDEX warning_departments_open ON warning_departments (department, seq, kind, area, district) WHERE open = 1;
        INSERT OR IGNORE INTO warning_departments
            SELECT d.department, w.seq, w.kind, w.area, w.district, coalesce(w.open, 0) FROM warnings w JOIN cases c ON c.subject = w.subject AND c.kind = w.kind JOIN case_departments d ON d.seq = c.seq;

        CREATE TABLE score_orders (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            case_id TEXT GENERATED ALWAYS AS (json ->> '$.case') STORED,
            subject TEXT GENERATED ALWAYS AS (json ->> '$.subject') STORED,
            department TEXT GENERATED ALWAYS AS (json ->> '$.department') STORED,
            ended INTEGER GENERATED ALWAYS AS (json ->> '$.endedMs') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX score_orders_unfinished ON score_orders (ended) WHERE ended IS NULL;
        CREATE INDEX score_orders_case ON score_orders (case_id) WHERE ended IS NULL;
        CREATE INDEX score_orders_subject ON score_orders (subject) WHERE ended IS NULL;
        CREATE INDEX score_orders_ended ON score_orders (ended) WHERE ended IS NOT NULL;
        INSERT INTO score_orders (seq, key, json)
            SELECT w.seq, w.key, json_object(
                'id', w.key, 'case', w.case_id, 'department', w.department, 'district', w.district, 'kind', w.kind, 'subject', w.subject, 'state', w.state,
                'province', CASE (SELECT c.json ->> '$.subjectKind' FROM cases c WHERE c.key = w.case_id) WHEN 'vehicle' THEN substr(w.subject, 1, 1) END,
                'person', coalesce(w.json ->> '$.assignee', w.json ->> '$.acceptedBy'),
                'issuedMs', CAST(round((julianday(w.json ->> '$.issued') - 2440587.5) * 86400000) AS INTEGER),
                'overdue', json(CASE WHEN w.json ->> '$.overdue' THEN 'true' ELSE 'false' END),
                'extensions', coalesce(w.json ->> '$.extensions', 0), 'parkings', coalesce(w.json ->> '$.parkings', 0), 'looked', json('false'))
            FROM work_orders w WHERE w.active = 1;

        CREATE TABLE score_cases (
            seq INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            lead TEXT GENERATED ALWAYS AS (json ->> '$.lead') STORED,
            closed INTEGER GENERATED ALWAYS AS (json ->> '$.closedMs') STORED,
            json TEXT NOT NULL) STRICT;
        CREATE INDEX score_cases_closed ON score_cases (closed) WHERE closed IS NOT NULL;

        CREATE TABLE score_warnings (key TEXT NOT NULL PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE score_events (
            position INTEGER NOT NULL,
            number INTEGER NOT NULL,
            at INTEGER NOT NULL,
            what TEXT NOT NULL,
            begun INTEGER NOT NULL,
            department TEXT NOT NULL,
            district TEXT NOT NULL,
            person TEXT,
            kind TEXT NOT NULL,
            province TEXT,
            ms INTEGER,
            worked INTEGER,
            late INTEGER NOT NULL,
            looked INTEGER NOT NULL,
            code TEXT,
            PRIMARY KEY (position, number)) STRICT, WITHOUT ROWID;
        CREATE INDEX score_events_at ON score_events (at);
        CREATE INDEX score_events_department ON score_events (department, at);

        CREATE TABLE score_days (
            day INTEGER NOT NULL,
            station TEXT NOT NULL,
            district TEXT NOT NULL,
            weighings INTEGER NOT NULL,
            over INTEGER NOT NULL,
            PRIMARY KEY (day, station)) STRICT, WITHOUT ROWID;
        INSERT INTO meta SELECT 'score from', value FROM meta WHERE name = 'position';
        INSERT INTO meta VALUES ('score since', 0), ('score offset', 480);
        """;
}
