namespace Streaming.Silo.Views;

/// <summary>The step that gives cases and work orders narrow tables to be found in: also by severity, by what is overdue and by text, and in the order of deadlines.</summary>
internal static partial class ViewSchema
{
    /// <summary>Behind every deadline, ms: the place of what is to be worked at and has none that runs.</summary>
    public const long NoDeadline = 9_000_000_000_000_000;

    /// <summary>Behind those: the place of what is over.</summary>
    public const long Over = NoDeadline + 1;

    private const string NoDeadlineText = "9000000000000000";
    private const string DeadlineMs = "CAST(round((julianday(t.deadline) - 2440587.5) * 86400000) AS INTEGER)";
    private const string LeadIsParked = "EXISTS (SELECT 1 FROM json_each(t.json, '$.workOrders') e WHERE e.value ->> '$.role' = 'lead' AND e.value ->> '$.state' = 'parked')";
    private const string PeopleOfCase = "coalesce((SELECT group_concat(coalesce(e.value ->> '$.assignee', '') || char(10) || coalesce(e.value ->> '$.acceptedBy', ''), char(10)) FROM json_each(t.json, '$.workOrders') e), '')";
    private const string PersonOfOrder = "coalesce(t.json ->> '$.assignee', '') || char(10) || coalesce(t.json ->> '$.acceptedBy', '')";
    private const string Words = "t.key || char(10) || coalesce(t.subject, '') || char(10) || ";

    /// <summary>
    /// What cases (<c>t</c>) are filtered by, out of their rows. <c>late</c> is from when on one is overdue, ms since 1970: 0 where its row says so, else its deadline while that runs, which it does not while the lead's work order is parked. <c>due</c> is its place in the order of deadlines, of what is to be worked at.
    /// <c>words</c> is what text is looked for in: id, subject and who has the work, as <see cref="ListText.Fold"/> has it; in lines, so that nothing is found across two.
    /// </summary>
    public const string FactsOfCases =
        "SELECT t.seq, t.kind, t.area, t.district, t.state, t.active, coalesce(t.json ->> '$.severity', 0), "
        + $"CASE WHEN t.overdue THEN 0 WHEN t.active AND t.deadline IS NOT NULL AND NOT {LeadIsParked} THEN {DeadlineMs} END, "
        + $"CASE WHEN t.active THEN CASE WHEN t.deadline IS NULL OR {LeadIsParked} THEN {NoDeadlineText} ELSE coalesce({DeadlineMs}, {NoDeadlineText}) END END, "
        + $"upper(replace(replace(replace(replace({Words}{PeopleOfCase}, ' ', ''), '·', ''), '•', ''), '・', '')) FROM cases t";

    /// <summary>As <see cref="FactsOfCases"/>. A work order that was finished late stays so, as its row says.</summary>
    public const string FactsOfOrders =
        "SELECT t.seq, t.kind, t.area, t.district, t.state, t.active, coalesce(t.json ->> '$.severity', 0), "
        + $"CASE WHEN t.json ->> '$.overdue' THEN 0 WHEN t.active AND t.deadline IS NOT NULL AND t.state IS NOT 'parked' THEN {DeadlineMs} END, "
        + $"CASE WHEN t.active THEN CASE WHEN t.deadline IS NULL OR t.state IS 'parked' THEN {NoDeadlineText} ELSE coalesce({DeadlineMs}, {NoDeadlineText}) END END, "
        + $"upper(replace(replace(replace(replace({Words}{PersonOfOrder}, ' ', ''), '·', ''), '•', ''), '・', '')), t.department FROM work_orders t";

    /// <summary>
    /// What lists of cases and work orders are filtered by moves out of their wide rows, with its indexes: a narrow row is written only where something of it changed, where every index of the wide one was written with each change. Which pairs of signs a row's words have, <c>case_grams</c> and <c>order_grams</c> know
    /// (<see cref="ListText"/>). The tables of warnings get the severity. It reads every case and work order once.
    /// </summary>
    internal const string Facts = $"""
        CREATE TABLE case_facts (
            seq INTEGER PRIMARY KEY,
            kind TEXT,
            area TEXT,
            district TEXT,
            state TEXT,
            active INTEGER NOT NULL,
            severity INTEGER NOT NULL,
            late INTEGER,
            due INTEGER,
            words TEXT NOT NULL) STRICT;
        INSERT INTO case_facts {FactsOfCases} ORDER BY t.seq;
        CREATE INDEX case_facts_kind ON case_facts (kind, seq, area, district, state, active, severity, late);
        CREATE INDEX case_facts_area ON case_facts (area, seq, district, kind, state, active, severity, late);
        CREATE INDEX case_facts_state ON case_facts (state, seq, kind, area, district, active, severity, late);
        CREATE INDEX case_facts_active ON case_facts (active, seq, kind, area, district, state, severity, late, words) WHERE active = 1;
        CREATE INDEX case_facts_due ON case_facts (active, due, seq DESC, kind, area, district, state, severity, late, words) WHERE active = 1;
        CREATE INDEX case_facts_late ON case_facts (seq, late, kind, area, district, state, active, severity) WHERE late IS NOT NULL;
        CREATE VIRTUAL TABLE case_grams USING fts5(grams, content='', contentless_delete=1, detail=none, tokenize='ascii');
        INSERT INTO case_grams (rowid, grams) SELECT seq, list_grams(words, kind, area, NULL) FROM case_facts;
        CREATE TRIGGER case_gone AFTER DELETE ON cases BEGIN DELETE FROM case_facts WHERE seq = old.seq; DELETE FROM case_grams WHERE rowid = old.seq; END;
        DROP INDEX cases_kind;
        DROP INDEX cases_area;
        DROP INDEX cases_state;
        DROP INDEX cases_active;
        CREATE INDEX cases_active ON cases (active, seq, district, overdue) WHERE active = 1;

        CREATE TABLE order_facts (
            seq INTEGER PRIMARY KEY,
            kind TEXT,
            area TEXT,
            district TEXT,
            state TEXT,
            active INTEGER NOT NULL,
            severity INTEGER NOT NULL,
            late INTEGER,
            due INTEGER,
            words TEXT NOT NULL,
            department TEXT) STRICT;
        INSERT INTO order_facts {FactsOfOrders} ORDER BY t.seq;
        CREATE INDEX order_facts_department ON order_facts (department, seq, kind, area, district, state, active, severity, late);
        CREATE INDEX order_facts_kind ON order_facts (kind, seq, department, area, district, state, active, severity, late);
        CREATE INDEX order_facts_area ON order_facts (area, seq, district, department, kind, state, active, severity, late);
        CREATE INDEX order_facts_state ON order_facts (state, seq, department, kind, area, district, active, severity, late);
        CREATE INDEX order_facts_active ON order_facts (active, seq, department, kind, area, district, state, severity, late, words) WHERE active = 1;
        CREATE INDEX order_facts_due ON order_facts (active, due, seq DESC, department, kind, area, district, state, severity, late, words) WHERE active = 1;
        CREATE INDEX order_facts_late ON order_facts (seq, late, department, kind, area, district, state, active, severity) WHERE late IS NOT NULL;
        CREATE VIRTUAL TABLE order_grams USING fts5(grams, content='', contentless_delete=1, detail=none, tokenize='ascii');
        INSERT INTO order_grams (rowid, grams) SELECT seq, list_grams(words, kind, area, department) FROM order_facts;
        CREATE TRIGGER work_order_gone AFTER DELETE ON work_orders BEGIN DELETE FROM order_facts WHERE seq = old.seq; DELETE FROM order_grams WHERE rowid = old.seq; END;
        DROP INDEX work_orders_department;
        DROP INDEX work_orders_kind;
        DROP INDEX work_orders_area;
        DROP INDEX work_orders_state;
        DROP INDEX work_orders_active;

        DROP INDEX warnings_kind;
        DROP INDEX warnings_area;
        CREATE INDEX warnings_kind ON warnings (kind, seq, area, district, open, severity);
        CREATE INDEX warnings_area ON warnings (area, seq, district, kind, open, severity);
        CREATE INDEX warnings_grave ON warnings (seq, severity, kind, area, district, open) WHERE severity >= 3;
        ALTER TABLE warning_departments ADD COLUMN severity INTEGER NOT NULL DEFAULT 0;
        UPDATE warning_departments SET severity = coalesce((SELECT w.severity FROM warnings w WHERE w.seq = warning_departments.seq), 0);
        DROP INDEX warning_departments_open;
        CREATE INDEX warning_departments_open ON warning_departments (department, seq, kind, area, district, severity) WHERE open = 1;

        """;
}
