-- Version 1 of everything that a cluster keeps in PostgreSQL. The silo runs this when it starts; an administrator who gives the silo's role no right to
-- create tables runs it beforehand (psql -1 -v ON_ERROR_STOP=1 -f PostgresSchema.sql) and grants the role the use of the tables and the sequence.
-- A published version is never edited: what changes is a script of its own with the next number.
--
-- Orleans' AdoNet providers take their statements from the table OrleansQuery, by key. The keys, the parameters (@Name) and the columns of the results are
-- theirs; the tables behind are ours. Each statement is one statement, so it sees one snapshot and holds or fails as a whole without a transaction around it.

CREATE TABLE streaming_schema (
    version integer PRIMARY KEY,
    made_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO streaming_schema (version) VALUES (1);

CREATE TABLE OrleansQuery (
    QueryKey text PRIMARY KEY,
    QueryText text NOT NULL
);

-- Every write of a state or a reminder takes a new number here and carries it as its ETag. A count per row would begin anew when a row is deleted and made
-- again, and then the ETag of an activation that missed both could match. Orleans reads ETags as 32 bits, so after 2 billion writes the numbers come round.
CREATE SEQUENCE orleans_etags AS integer CYCLE;

-- The members of a cluster

-- The row of a cluster is the lock and the version of its member table: whoever changes a member first moves the version on from the one it has read.
CREATE TABLE orleans_clusters (
    cluster_id text PRIMARY KEY,
    version integer NOT NULL DEFAULT 0
);

CREATE TABLE orleans_silos (
    cluster_id text NOT NULL REFERENCES orleans_clusters ON DELETE CASCADE,
    address text NOT NULL,
    port integer NOT NULL,
    generation integer NOT NULL,
    silo_name text NOT NULL,
    host_name text NOT NULL,
    proxy_port integer NOT NULL,
    status integer NOT NULL,
    suspect_times text,
    started_at timestamptz NOT NULL,
    alive_at timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, address, port, generation)
);

INSERT INTO OrleansQuery VALUES ('InsertMembershipVersionKey', $query$
WITH made AS (
    INSERT INTO orleans_clusters (cluster_id) VALUES (@DeploymentId)
    ON CONFLICT DO NOTHING
    RETURNING 1)
SELECT EXISTS (SELECT FROM made)
$query$);

-- Of two silos that have read the same version, the second waits for the first one's lock on the cluster's row, finds another version and changes nothing.
INSERT INTO OrleansQuery VALUES ('InsertMembershipKey', $query$
WITH moved AS (
    UPDATE orleans_clusters SET version = version + 1
    WHERE cluster_id = @DeploymentId AND version = @Version AND NOT EXISTS (
        SELECT FROM orleans_silos
        WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
    RETURNING cluster_id),
joined AS (
    INSERT INTO orleans_silos (cluster_id, address, port, generation, silo_name, host_name, proxy_port, status, started_at, alive_at)
    SELECT cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @ProxyPort, @Status, @StartTime, @IAmAliveTime FROM moved
    RETURNING 1)
SELECT EXISTS (SELECT FROM joined)
$query$);

INSERT INTO OrleansQuery VALUES ('UpdateMembershipKey', $query$
WITH moved AS (
    UPDATE orleans_clusters SET version = version + 1
    WHERE cluster_id = @DeploymentId AND version = @Version AND EXISTS (
        SELECT FROM orleans_silos
        WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
    RETURNING cluster_id),
changed AS (
    UPDATE orleans_silos AS silo SET status = @Status, suspect_times = @SuspectTimes, alive_at = @IAmAliveTime
    FROM moved
    WHERE silo.cluster_id = moved.cluster_id AND silo.address = @Address AND silo.port = @Port AND silo.generation = @Generation
    RETURNING 1)
SELECT EXISTS (SELECT FROM changed)
$query$);

-- A sign of life is no change of the members: it leaves the version alone.
INSERT INTO OrleansQuery VALUES ('UpdateIAmAlivetimeKey', $query$
UPDATE orleans_silos SET alive_at = @IAmAliveTime
WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$query$);

-- A reader is always told the version, with or without members: hence the outer joins.
INSERT INTO OrleansQuery VALUES ('MembershipReadAllKey', $query$
SELECT version AS "Version", address AS "Address", port AS "Port", generation AS "Generation", silo_name AS "SiloName", host_name AS "HostName",
    proxy_port AS "ProxyPort", status AS "Status", suspect_times AS "SuspectTimes", started_at AS "StartTime", alive_at AS "IAmAliveTime"
FROM orleans_clusters LEFT JOIN orleans_silos USING (cluster_id)
WHERE cluster_id = @DeploymentId
$query$);

INSERT INTO OrleansQuery VALUES ('MembershipReadRowKey', $query$
SELECT version AS "Version", address AS "Address", port AS "Port", generation AS "Generation", silo_name AS "SiloName", host_name AS "HostName",
    proxy_port AS "ProxyPort", status AS "Status", suspect_times AS "SuspectTimes", started_at AS "StartTime", alive_at AS "IAmAliveTime"
FROM orleans_clusters AS cluster LEFT JOIN orleans_silos AS silo
    ON silo.cluster_id = cluster.cluster_id AND address = @Address AND port = @Port AND generation = @Generation
WHERE cluster.cluster_id = @DeploymentId
$query$);

INSERT INTO OrleansQuery VALUES ('GatewaysQueryKey', $query$
SELECT address AS "Address", proxy_port AS "ProxyPort", generation AS "Generation"
FROM orleans_silos
WHERE cluster_id = @DeploymentId AND status = @Status AND proxy_port > 0
$query$);

INSERT INTO OrleansQuery VALUES ('DeleteMembershipTableEntriesKey', $query$
DELETE FROM orleans_clusters WHERE cluster_id = @DeploymentId
$query$);

-- What is not active (3) and has long been silent: the dead, and those that died before they were active, which nobody declares dead.
INSERT INTO OrleansQuery VALUES ('CleanupDefunctSiloEntriesKey', $query$
DELETE FROM orleans_silos
WHERE cluster_id = @DeploymentId AND status <> 3 AND alive_at < @IAmAliveTime AND started_at < @IAmAliveTime
$query$);

-- The states of grains

-- The hash comes first in the key so that almost every step down the index compares one integer. The whole name follows because a hash alone could not keep
-- two activations from inserting the same grain twice. A cleared state stays as a row without a payload. Room is left in the pages for rows that are rewritten
-- again and again, so that a rewrite touches no index.
CREATE TABLE orleans_states (
    grain_hash integer NOT NULL,
    grain_n0 bigint NOT NULL,
    grain_n1 bigint NOT NULL,
    grain_key text COLLATE "C" NOT NULL,
    grain_type text COLLATE "C" NOT NULL,
    service_id text COLLATE "C" NOT NULL,
    version integer NOT NULL DEFAULT nextval('orleans_etags'),
    payload bytea,
    PRIMARY KEY (grain_hash, grain_n1, grain_n0, grain_key, grain_type, service_id)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);

INSERT INTO OrleansQuery VALUES ('ReadFromStorageKey', $query$
SELECT payload AS "PayloadBinary", version AS "Version"
FROM orleans_states
WHERE grain_hash = @GrainIdHash AND grain_n1 = @GrainIdN1 AND grain_n0 = @GrainIdN0 AND grain_key = coalesce(@GrainIdExtensionString, '')
    AND grain_type = @GrainTypeString AND service_id = @ServiceId
$query$);

-- No row in the answer means a conflict. A writer without an ETag has read nothing, so it may only insert; a writer with one may only replace that version.
INSERT INTO OrleansQuery VALUES ('WriteToStorageKey', $query$
WITH replaced AS (
    UPDATE orleans_states SET payload = @PayloadBinary, version = DEFAULT
    WHERE grain_hash = @GrainIdHash AND grain_n1 = @GrainIdN1 AND grain_n0 = @GrainIdN0 AND grain_key = coalesce(@GrainIdExtensionString, '')
        AND grain_type = @GrainTypeString AND service_id = @ServiceId AND version = @GrainStateVersion
    RETURNING version),
made AS (
    INSERT INTO orleans_states (grain_hash, grain_n0, grain_n1, grain_key, grain_type, service_id, payload)
    SELECT @GrainIdHash, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''), @GrainTypeString, @ServiceId, @PayloadBinary
    WHERE @GrainStateVersion IS NULL
    ON CONFLICT DO NOTHING
    RETURNING version)
SELECT version AS "NewGrainStateVersion" FROM replaced
UNION ALL
SELECT version FROM made
$query$);

INSERT INTO OrleansQuery VALUES ('ClearStorageKey', $query$
UPDATE orleans_states SET payload = NULL, version = DEFAULT
WHERE grain_hash = @GrainIdHash AND grain_n1 = @GrainIdN1 AND grain_n0 = @GrainIdN0 AND grain_key = coalesce(@GrainIdExtensionString, '')
    AND grain_type = @GrainTypeString AND service_id = @ServiceId AND version = @GrainStateVersion
RETURNING version AS "NewGrainStateVersion"
$query$);

-- Used instead of the one above where the storage is told to delete on clear. Any number but the old one means that it was deleted.
INSERT INTO OrleansQuery VALUES ('DeleteStorageKey', $query$
DELETE FROM orleans_states
WHERE grain_hash = @GrainIdHash AND grain_n1 = @GrainIdN1 AND grain_n0 = @GrainIdN0 AND grain_key = coalesce(@GrainIdExtensionString, '')
    AND grain_type = @GrainTypeString AND service_id = @ServiceId AND version = @GrainStateVersion
RETURNING nextval('orleans_etags')::integer AS "NewGrainStateVersion"
$query$);

-- Reminders

CREATE TABLE orleans_reminders (
    service_id text NOT NULL,
    grain_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    grain_hash integer NOT NULL,
    start_at timestamptz NOT NULL,
    period_ms bigint NOT NULL,
    version integer NOT NULL DEFAULT nextval('orleans_etags'),
    PRIMARY KEY (service_id, grain_id, name)
);

CREATE INDEX orleans_reminders_range ON orleans_reminders (service_id, grain_hash);

INSERT INTO OrleansQuery VALUES ('UpsertReminderRowKey', $query$
INSERT INTO orleans_reminders (service_id, grain_id, name, grain_hash, start_at, period_ms)
VALUES (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period)
ON CONFLICT (service_id, grain_id, name) DO UPDATE
SET grain_hash = excluded.grain_hash, start_at = excluded.start_at, period_ms = excluded.period_ms, version = DEFAULT
RETURNING version AS "Version"
$query$);

INSERT INTO OrleansQuery VALUES ('ReadReminderRowKey', $query$
SELECT grain_id AS "GrainId", name AS "ReminderName", start_at AS "StartTime", period_ms AS "Period", version AS "Version"
FROM orleans_reminders
WHERE service_id = @ServiceId AND grain_id = @GrainId AND name = @ReminderName
$query$);

INSERT INTO OrleansQuery VALUES ('ReadReminderRowsKey', $query$
SELECT grain_id AS "GrainId", name AS "ReminderName", start_at AS "StartTime", period_ms AS "Period", version AS "Version"
FROM orleans_reminders
WHERE service_id = @ServiceId AND grain_id = @GrainId
$query$);

-- Hashes lie on a ring, and a silo owns an arc of it without its beginning and with its end: the first statement is for an arc whose end is the larger number,
-- the second for one that runs over the top of the numbers, or all the way round.
INSERT INTO OrleansQuery VALUES ('ReadRangeRows1Key', $query$
SELECT grain_id AS "GrainId", name AS "ReminderName", start_at AS "StartTime", period_ms AS "Period", version AS "Version"
FROM orleans_reminders
WHERE service_id = @ServiceId AND grain_hash > @BeginHash AND grain_hash <= @EndHash
$query$);

INSERT INTO OrleansQuery VALUES ('ReadRangeRows2Key', $query$
SELECT grain_id AS "GrainId", name AS "ReminderName", start_at AS "StartTime", period_ms AS "Period", version AS "Version"
FROM orleans_reminders
WHERE service_id = @ServiceId AND (grain_hash > @BeginHash OR grain_hash <= @EndHash)
$query$);

INSERT INTO OrleansQuery VALUES ('DeleteReminderRowKey', $query$
WITH gone AS (
    DELETE FROM orleans_reminders
    WHERE service_id = @ServiceId AND grain_id = @GrainId AND name = @ReminderName AND version = @Version
    RETURNING 1)
SELECT EXISTS (SELECT FROM gone)
$query$);

INSERT INTO OrleansQuery VALUES ('DeleteReminderRowsKey', $query$
DELETE FROM orleans_reminders WHERE service_id = @ServiceId
$query$);

-- Deadlines of our own actors

-- The partition is the first six bits of the hash, as everywhere; the database computes it, so that the two cannot disagree.
CREATE TABLE streaming_deadlines (
    hash bigint NOT NULL,
    kind smallint NOT NULL,
    key text COLLATE "C" NOT NULL,
    due_ms bigint NOT NULL,
    partition smallint NOT NULL GENERATED ALWAYS AS ((hash >> 58) & 63) STORED,
    PRIMARY KEY (hash, kind, key)
);

CREATE INDEX streaming_deadlines_due ON streaming_deadlines (due_ms);

-- Which journal the states were built from: they hold its positions, so no other journal's inputs may meet them.
CREATE TABLE streaming_journal (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    name text NOT NULL
);
