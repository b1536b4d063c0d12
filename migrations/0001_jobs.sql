-- Workers and the jobs they share. Applied by `waybill migrate`, or with plain psql: see README.md in this folder.

CREATE SCHEMA IF NOT EXISTS waybill;
COMMENT ON SCHEMA waybill IS 'Waybill: jobs, worker leases, history, quarantine and suppressions.';

-- `waybill migrate` makes this table before it applies the first file, so both must say the same.
CREATE TABLE IF NOT EXISTS waybill.schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE waybill.schema_migrations IS 'The migrations that were applied to this database.';
COMMENT ON COLUMN waybill.schema_migrations.version IS 'The number the file name begins with.';
COMMENT ON COLUMN waybill.schema_migrations.name IS 'The file name between the number and .sql.';
COMMENT ON COLUMN waybill.schema_migrations.checksum IS 'SHA-256 of the file, in hexadecimal.';
COMMENT ON COLUMN waybill.schema_migrations.applied_at IS 'When it was applied.';

-- A renewal changes no indexed column and finds room on its page, so it is a heap-only update.
CREATE TABLE waybill.workers (
    id uuid PRIMARY KEY,
    host text NOT NULL,
    process_id integer NOT NULL,
    version text NOT NULL,
    roles text[] NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL
) WITH (
    fillfactor = 25,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 200
);
COMMENT ON TABLE waybill.workers IS 'Process leases: one row per incarnation of a worker. Only the reaper deletes rows.';
COMMENT ON COLUMN waybill.workers.id IS '128 random bits, new with every incarnation.';
COMMENT ON COLUMN waybill.workers.host IS 'Where it runs, for people.';
COMMENT ON COLUMN waybill.workers.process_id IS 'Its process there, for people.';
COMMENT ON COLUMN waybill.workers.version IS 'The version of the program.';
COMMENT ON COLUMN waybill.workers.roles IS 'What it does: ingest, send, feedback, leader.';
COMMENT ON COLUMN waybill.workers.started_at IS 'When this incarnation registered.';
COMMENT ON COLUMN waybill.workers.expires_at IS 'The lease ends here unless it is renewed; -infinity once the worker said good-bye.';

CREATE SEQUENCE waybill.epochs AS bigint;
COMMENT ON SEQUENCE waybill.epochs IS 'Fencing tokens: one value per claim of a job and for nothing else. Raised by waybill.raise_epochs, never set back.';

-- Written once, deleted when the job ends. Beside it the narrow queue table takes the updates, so that an order of a
-- few kilobytes is not copied with every change of state.
CREATE TABLE waybill.jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at timestamptz,
    enqueued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    delivery text COLLATE "C" NOT NULL UNIQUE,
    email text COLLATE "C" NOT NULL,
    payload_hash bytea NOT NULL CHECK (octet_length(payload_hash) = 32),
    payload text NOT NULL
) WITH (
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_scale_factor = 0.01,
    toast.autovacuum_vacuum_cost_delay = 0
);
COMMENT ON TABLE waybill.jobs IS 'Hot jobs: what is to be sent. Rows are never updated.';
COMMENT ON COLUMN waybill.jobs.id IS 'The job.';
COMMENT ON COLUMN waybill.jobs.received_at IS 'When the event entered the message queue; null when unknown.';
COMMENT ON COLUMN waybill.jobs.enqueued_at IS 'When the row was written.';
COMMENT ON COLUMN waybill.jobs.delivery IS 'kind/order. Unique among hot jobs only: finished work is deduplicated by the delivery record.';
COMMENT ON COLUMN waybill.jobs.email IS 'The address of the order, lower-cased, for the suppression list.';
COMMENT ON COLUMN waybill.jobs.payload_hash IS 'SHA-256 of the canonical form of the order.';
COMMENT ON COLUMN waybill.jobs.payload IS 'The order as it was received: JSON text.';

CREATE TYPE waybill.job_state AS ENUM ('ready', 'leased', 'in_doubt', 'unconfirmed');
COMMENT ON TYPE waybill.job_state IS 'ready: may be claimed from run_at on. leased: a worker has it. in_doubt: its email may have been accepted; the sweep looks at run_at. unconfirmed: an operator decides.';

-- No foreign key to jobs: both rows are written and deleted by the same statements, and the check costs a lookup a row.
CREATE TABLE waybill.queue (
    id bigint PRIMARY KEY,
    epoch bigint NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    worker uuid,
    state waybill.job_state NOT NULL DEFAULT 'ready',
    priority integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    attempt uuid,
    reason text,
    CHECK ((state = 'leased') = (worker IS NOT NULL))
) WITH (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.05,
    autovacuum_analyze_threshold = 2000
);
CREATE INDEX queue_ready ON waybill.queue (priority, run_at, id) WHERE state = 'ready';
CREATE INDEX queue_in_doubt ON waybill.queue (run_at, id) WHERE state = 'in_doubt';
COMMENT ON TABLE waybill.queue IS 'The state of each hot job: one narrow row beside its row in jobs.';
COMMENT ON COLUMN waybill.queue.id IS 'The job: jobs.id.';
COMMENT ON COLUMN waybill.queue.epoch IS 'The fencing token of the last claim; 0 before the first.';
COMMENT ON COLUMN waybill.queue.run_at IS 'ready: not before. in_doubt: when the sweep looks at it.';
COMMENT ON COLUMN waybill.queue.worker IS 'Who holds the lease: workers.id while leased, else null.';
COMMENT ON COLUMN waybill.queue.state IS 'See the type job_state.';
COMMENT ON COLUMN waybill.queue.priority IS 'Lower is more urgent; fresh mail is 0.';
COMMENT ON COLUMN waybill.queue.attempts IS 'How often it was claimed.';
COMMENT ON COLUMN waybill.queue.attempt IS 'In doubt or unconfirmed: the attempt whose outcome is unknown.';
COMMENT ON COLUMN waybill.queue.reason IS 'Why it was released, is in doubt or is unconfirmed.';

-- Two statements, each with its own snapshot: first the expired workers go, which waits for claims that hold a worker's
-- row, then every leased job without a worker is freed. One statement would strand what was claimed between its
-- snapshot and its lock. Workers are deleted nowhere else, so when none went there is nothing to free; the look at all
-- leased jobs, which reads the whole table, heals what somebody deleted by hand.
CREATE FUNCTION waybill.reap(look_at_all boolean) RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    touched integer;
BEGIN
    DELETE FROM waybill.workers WHERE expires_at <= clock_timestamp();
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched = 0 AND NOT look_at_all THEN
        RETURN 0;
    END IF;
    -- A row that is locked is being settled by its late worker: if that fails, the next call finds it.
    UPDATE waybill.queue SET state = 'ready', worker = NULL
    WHERE id = ANY (ARRAY(
        SELECT q.id FROM waybill.queue q
        WHERE q.state = 'leased' AND NOT EXISTS (SELECT FROM waybill.workers w WHERE w.id = q.worker)
        FOR UPDATE OF q SKIP LOCKED
    ));
    GET DIAGNOSTICS touched = ROW_COUNT;
    RETURN touched;
END
$$;
COMMENT ON FUNCTION waybill.reap(boolean) IS 'Deletes workers whose lease is over and frees their jobs; returns how many jobs. True looks for jobs of vanished workers even if none expired now.';

-- The lock on the sequence (ALTER SEQUENCE) keeps nextval out between reading and setting; the advisory lock keeps
-- those who raise from queueing up in a deadlock on it.
CREATE FUNCTION waybill.raise_epochs(past bigint) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('waybill.raise_epochs', 0));
    ALTER SEQUENCE waybill.epochs CACHE 1;
    IF (SELECT last_value FROM waybill.epochs) <= past THEN
        PERFORM setval('waybill.epochs', past);
    END IF;
END
$$;
COMMENT ON FUNCTION waybill.raise_epochs(bigint) IS 'Every later epoch is greater than this one.';
