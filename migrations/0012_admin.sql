-- psql as the admin interface: what operators see and may do, and who may. Expands only: workers of the version before this
-- one go on beside it.

-- Draining, and what a worker says of itself with every renewal.
ALTER TABLE waybill.workers
    ADD COLUMN jobs_in_hand integer,
    ADD COLUMN drain_asked_at timestamptz,
    ADD COLUMN drain_asked_by text,
    ADD COLUMN drain_reason text;
COMMENT ON COLUMN waybill.workers.jobs_in_hand IS 'How many jobs it had claimed and not settled at its last renewal; null for a version that does not say. Counting them would read the whole queue.';
COMMENT ON COLUMN waybill.workers.drain_asked_at IS 'When an operator asked it to finish and to end; null for never.';
COMMENT ON COLUMN waybill.workers.drain_asked_by IS 'Who did.';
COMMENT ON COLUMN waybill.workers.drain_reason IS 'Why.';

CREATE TABLE waybill.ingest_control (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    paused_at timestamptz,
    paused_by text,
    paused_reason text,
    CHECK ((paused_at IS NULL) = (paused_by IS NULL))
);
INSERT INTO waybill.ingest_control DEFAULT VALUES;
COMMENT ON TABLE waybill.ingest_control IS 'Whether orders are taken in: one row. Every worker reads it with its renewal.';
COMMENT ON COLUMN waybill.ingest_control.one IS 'There is one row.';
COMMENT ON COLUMN waybill.ingest_control.paused_at IS 'Since when orders are left in SQS; null while they are taken in.';
COMMENT ON COLUMN waybill.ingest_control.paused_by IS 'Who paused it.';
COMMENT ON COLUMN waybill.ingest_control.paused_reason IS 'Why.';

-- Requests about messages of the quarantine. An older worker refuses an action that it does not know.
ALTER TABLE waybill.admin_requests ADD COLUMN quarantine_id bigint;
ALTER TABLE waybill.admin_requests DROP CONSTRAINT admin_requests_action_check;
ALTER TABLE waybill.admin_requests ADD CONSTRAINT admin_requests_action_check CHECK (action ~ '^[a-z][a-z-]*$');
ALTER TABLE waybill.admin_requests ADD CONSTRAINT admin_requests_quarantine_check
    CHECK ((action = 'requeue') = (quarantine_id IS NOT NULL));
CREATE INDEX admin_requests_at ON waybill.admin_requests (requested_at);
COMMENT ON COLUMN waybill.admin_requests.delivery IS 'kind/order; for requeue, which is about a message, quarantine/ and its number.';
COMMENT ON COLUMN waybill.admin_requests.quarantine_id IS 'requeue: quarantine.id.';
COMMENT ON COLUMN waybill.admin_requests.action IS 'resend and close: an unconfirmed delivery. retry: one that failed, was suppressed or closed. cancel: one not sent yet. release: one that is held for its age. copy: another email of an order whose first is at an end. requeue: a message of the quarantine. A worker refuses what it does not know.';

ALTER TABLE waybill.audit ADD COLUMN reason text;
CREATE INDEX audit_at ON waybill.audit (at);
COMMENT ON COLUMN waybill.audit.reason IS 'Why, in the operator''s words; null where none is asked for.';

-- By the hour, for "what happened last night". Workers of the version before this one say the day only.
ALTER TABLE waybill.history_tally ADD COLUMN hour smallint CHECK (hour BETWEEN 0 AND 23);
COMMENT ON TABLE waybill.history_tally IS 'How many jobs finished: the sum over all rows of a day, hour and status.';
COMMENT ON COLUMN waybill.history_tally.hour IS 'The hour of finished_at in UTC; null when only the day is known.';

CREATE FUNCTION waybill.add_up_tally(earliest date DEFAULT '-infinity') RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    -- Whoever comes second would find nothing to add up.
    IF NOT pg_try_advisory_xact_lock(hashtextextended('waybill.add_up_tally', 0)) THEN
        RETURN;
    END IF;
    WITH taken AS (DELETE FROM waybill.history_tally RETURNING day, hour, status, jobs)
    INSERT INTO waybill.history_tally (day, hour, status, jobs)
    SELECT day, hour, status, sum(jobs) FROM taken WHERE day >= earliest GROUP BY day, hour, status;
END
$$;
COMMENT ON FUNCTION waybill.add_up_tally(date) IS 'Makes one row of all rows of a day, hour and status, and forgets days before the earliest. Workers call it every minute or so: every commit that finishes jobs appends rows.';

-- As in 0002, but for the tally, which is added up by the hour.
CREATE OR REPLACE FUNCTION waybill.maintain_history(keep_days integer, days_ahead integer DEFAULT 7) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET lock_timeout = '2s'
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    this date;
    partition text;
BEGIN
    IF keep_days < 1 OR days_ahead < 1 THEN
        RAISE EXCEPTION 'maintain_history keeps at least one day and makes at least one ahead, not % and %', keep_days, days_ahead
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('waybill.maintain_history', 0));

    FOR offset_days IN 0..days_ahead LOOP
        this := today + offset_days;
        partition := 'history_' || to_char(this, 'YYYYMMDD');
        CONTINUE WHEN to_regclass('waybill.' || partition) IS NOT NULL;
        LOCK TABLE waybill.history_default IN SHARE ROW EXCLUSIVE MODE;
        EXECUTE format('CREATE TABLE waybill.%I (LIKE waybill.history INCLUDING ALL)', partition);
        EXECUTE format(
            'WITH moved AS (DELETE FROM waybill.history_default WHERE day = %L RETURNING *) '
            'INSERT INTO waybill.%I SELECT * FROM moved', this, partition);
        EXECUTE format(
            'ALTER TABLE waybill.history ATTACH PARTITION waybill.%I FOR VALUES FROM (%L) TO (%L)',
            partition, this, this + 1);
        RETURN NEXT 'created ' || partition;
    END LOOP;

    FOR partition IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'waybill.history'::regclass AND c.relname ~ '^history_[0-9]{8}$'
            AND to_date(right(c.relname, 8), 'YYYYMMDD') < today - keep_days
        ORDER BY c.relname
    LOOP
        EXECUTE format('DROP TABLE waybill.%I', partition);
        RETURN NEXT 'dropped ' || partition;
    END LOOP;
    DELETE FROM waybill.history_default WHERE day < today - keep_days;
    PERFORM waybill.add_up_tally(today - keep_days);
END
$$;
-- Altering a sequence is its owner's right, and waybill_app is not the owner.
ALTER FUNCTION waybill.raise_epochs(bigint) SECURITY DEFINER SET search_path = pg_catalog, pg_temp;

-- Held jobs are few, and no update of a job that is not held touches this index.
CREATE INDEX queue_held ON waybill.queue (run_at, id) WHERE state = 'held';

CREATE FUNCTION waybill.delivery_named(order_or_delivery text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE WHEN order_or_delivery ~ '^order-confirmation(~[0-9]+)?/' THEN order_or_delivery
    ELSE 'order-confirmation/' || order_or_delivery END
$$;
COMMENT ON FUNCTION waybill.delivery_named(text) IS 'kind/order, of an order''s id or of itself.';

CREATE FUNCTION waybill.order_of(delivery text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$ SELECT substr(delivery, position('/' IN delivery) + 1) $$;
COMMENT ON FUNCTION waybill.order_of(text) IS 'The order''s id in kind/order.';

CREATE FUNCTION waybill.readable(body bytea) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    words text;
BEGIN
    words := convert_from(body, 'UTF8');
    IF words ~ '^\s*\{' AND words ~ '"Type"\s*:\s*"Notification"' THEN
        RETURN coalesce(words::jsonb ->> 'Message', words);
    END IF;
    RETURN words;
EXCEPTION
    WHEN character_not_in_repertoire OR untranslatable_character THEN
        -- A \u0000 within the JSON is no reason to show escapes.
        RETURN coalesce(words, encode(body, 'escape'));
    WHEN invalid_text_representation THEN
        RETURN words;
END
$$;
COMMENT ON FUNCTION waybill.readable(bytea) IS 'A message''s body as text, out of SNS''s envelope if it came in one; bytes that are no UTF-8 with escapes.';

CREATE FUNCTION waybill.rank_of(status text) RETURNS integer
LANGUAGE sql IMMUTABLE
AS $$
SELECT CASE status WHEN 'PENDING' THEN 10 WHEN 'SENDING' THEN 20 WHEN 'UNCONFIRMED' THEN 25 WHEN 'FAILED' THEN 27
    WHEN 'SUPPRESSED' THEN 27 WHEN 'CLOSED' THEN 27 WHEN 'SENT' THEN 30 WHEN 'DELAYED' THEN 40
    WHEN 'DELIVERED' THEN 50 WHEN 'BOUNCED' THEN 60 WHEN 'REJECTED' THEN 65 WHEN 'COMPLAINT' THEN 70 ELSE 0 END
$$;
COMMENT ON FUNCTION waybill.rank_of(text) IS 'The rank of a delivery''s status, as DeliveryStatus in WaybillCore has it (BOUNCED is told apart there); 0 for one that is unknown.';

-- What operators look at. Counts stop at 10,000: beyond that an estimate says how many there are, about.

-- The planner takes these scans for longer than they are; compiling them would cost more than running them (80 of 100 ms).
CREATE FUNCTION waybill.jobs_by_state()
RETURNS TABLE (state text, jobs bigint, counted text, estimate bigint, first_due timestamptz, meaning text)
LANGUAGE sql STABLE SECURITY DEFINER
SET jit = off
SET search_path = pg_catalog, pg_temp
AS $$
WITH RECURSIVE priorities (priority) AS (
    (SELECT q.priority FROM waybill.queue q WHERE q.state = 'ready' ORDER BY q.priority, q.run_at, q.id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT q.priority FROM waybill.queue q WHERE q.state = 'ready' AND q.priority > p.priority
        ORDER BY q.priority, q.run_at, q.id LIMIT 1
    )
    FROM priorities p WHERE p.priority IS NOT NULL
), due AS (
    SELECT count(*) AS jobs, min(x.run_at) AS first
    FROM priorities p CROSS JOIN LATERAL (
        SELECT q.run_at FROM waybill.queue q
        WHERE q.state = 'ready' AND q.priority = p.priority AND q.run_at <= now()
        ORDER BY q.run_at, q.id LIMIT 10001
    ) x
), later AS (
    SELECT count(*) AS jobs, min(x.run_at) AS first
    FROM priorities p CROSS JOIN LATERAL (
        SELECT q.run_at FROM waybill.queue q
        WHERE q.state = 'ready' AND q.priority = p.priority AND q.run_at > now()
        ORDER BY q.run_at, q.id LIMIT 10001
    ) x
), doubtful AS MATERIALIZED (
    SELECT q.state, q.run_at FROM waybill.queue q WHERE q.state IN ('in_doubt', 'unconfirmed')
    ORDER BY q.run_at, q.id LIMIT 10001
), held AS (
    SELECT count(*) AS jobs, min(x.run_at) AS first
    FROM (SELECT q.run_at FROM waybill.queue q WHERE q.state = 'held' ORDER BY q.run_at, q.id LIMIT 10001) x
), counts (place, state, jobs, first, bound, index, meaning) AS (
    SELECT 1, 'due', due.jobs, due.first, due.jobs, 'queue_ready', 'waits for a worker, a send slot, or the end of a pause' FROM due
    UNION ALL
    SELECT 2, 'later', later.jobs, later.first, later.jobs, 'queue_ready', 'is tried again at a certain time' FROM later
    UNION ALL
    SELECT 3, 'leased', coalesce(sum(w.jobs_in_hand), 0), NULL, NULL, NULL, 'a worker has it: see admin.workers'
    FROM waybill.workers w
    UNION ALL
    SELECT 4, 'held', held.jobs, held.first, held.jobs, 'queue_held', 'too old to send unasked: admin.release or admin.cancel' FROM held
    UNION ALL
    SELECT 5, 'in_doubt', count(*) FILTER (WHERE d.state = 'in_doubt'), min(d.run_at) FILTER (WHERE d.state = 'in_doubt'),
        count(*), 'queue_doubtful', 'SES may have accepted it: evidence or time decides, see admin.in_doubt'
    FROM doubtful d
    UNION ALL
    SELECT 6, 'unconfirmed', count(*) FILTER (WHERE d.state = 'unconfirmed'), NULL,
        count(*), 'queue_doubtful', 'no evidence came in time: admin.resolve, see admin.in_doubt'
    FROM doubtful d
)
SELECT c.state, c.jobs,
    CASE WHEN c.bound IS NULL THEN 'said by workers' WHEN c.bound > 10000 THEN 'at least' ELSE 'exact' END AS counted,
    CASE WHEN c.bound > 10000 THEN (
        SELECT greatest(i.reltuples::bigint, c.jobs)
        FROM pg_class i JOIN pg_namespace n ON n.oid = i.relnamespace
        WHERE n.nspname = 'waybill' AND i.relname = c.index
    ) END AS estimate,
    c.first AS first_due, c.meaning
FROM counts c
ORDER BY c.place
$$;
COMMENT ON FUNCTION waybill.jobs_by_state() IS 'What admin.queue shows.';

CREATE VIEW admin.queue AS SELECT * FROM waybill.jobs_by_state();
COMMENT ON VIEW admin.queue IS 'How many jobs there are on their way, by state. Counts stop at 10,000 of each priority.';
COMMENT ON COLUMN admin.queue.state IS 'due and later are both ready: the one may be claimed now, the other not before its time.';
COMMENT ON COLUMN admin.queue.jobs IS 'How many; counted says how well that is known.';
COMMENT ON COLUMN admin.queue.counted IS 'exact; at least: counting stopped at 10,000 of a priority; said by workers: with their last renewal, a few seconds ago.';
COMMENT ON COLUMN admin.queue.estimate IS 'Where counting stopped: how many entries the index had when it was last vacuumed or analysed, due and later together, in_doubt and unconfirmed together; null where jobs is exact.';
COMMENT ON COLUMN admin.queue.first_due IS 'The time of the one that is or was due first.';
COMMENT ON COLUMN admin.queue.meaning IS 'What it waits for.';

CREATE VIEW admin.workers AS
SELECT w.id, w.host, w.process_id, w.version, array_to_string(w.roles, ',') AS roles,
    CASE WHEN w.expires_at = '-infinity' THEN 'ended' WHEN w.expires_at <= clock_timestamp() THEN 'expired'
        WHEN w.drain_asked_at IS NOT NULL THEN 'draining' ELSE 'alive' END AS state,
    w.jobs_in_hand AS jobs,
    EXISTS (SELECT FROM waybill.leadership l WHERE l.holder = w.id AND l.expires_at > clock_timestamp()) AS leads,
    w.started_at,
    CASE WHEN isfinite(w.expires_at) THEN date_trunc('milliseconds', w.expires_at - clock_timestamp()) END AS lease_left,
    w.drain_asked_at, w.drain_asked_by, w.drain_reason, w.recipient_guard
FROM waybill.workers w
ORDER BY w.started_at, w.id;
COMMENT ON VIEW admin.workers IS 'The processes of the cluster. One that is gone is here until others reap it, within seconds.';
COMMENT ON COLUMN admin.workers.id IS 'What admin.drain takes; new each time a process starts or has lost its lease.';
COMMENT ON COLUMN admin.workers.host IS 'Where it runs.';
COMMENT ON COLUMN admin.workers.process_id IS 'Its process there.';
COMMENT ON COLUMN admin.workers.version IS 'The version of the program.';
COMMENT ON COLUMN admin.workers.roles IS 'What it does: ingest, send, feedback, leader.';
COMMENT ON COLUMN admin.workers.state IS 'alive; draining: it finishes and ends; expired: not heard of, its jobs go to others; ended: it said good-bye.';
COMMENT ON COLUMN admin.workers.jobs IS 'How many jobs it had in hand at its last renewal; null for a version that does not say. admin.jobs_of names them.';
COMMENT ON COLUMN admin.workers.leads IS 'It is the leader.';
COMMENT ON COLUMN admin.workers.started_at IS 'When it registered.';
COMMENT ON COLUMN admin.workers.lease_left IS 'How long its lease still is; renewed every few seconds. Null once it said good-bye.';
COMMENT ON COLUMN admin.workers.drain_asked_at IS 'When it was asked to end.';
COMMENT ON COLUMN admin.workers.drain_asked_by IS 'By whom.';
COMMENT ON COLUMN admin.workers.drain_reason IS 'Why.';
COMMENT ON COLUMN admin.workers.recipient_guard IS 'What its non-production guard does to emails; null when it is off.';

CREATE VIEW admin.leader AS
SELECT l.role, CASE WHEN l.expires_at > clock_timestamp() THEN 'leads' ELSE 'nobody leads' END AS state,
    l.holder AS worker, w.host, w.process_id, l.term, l.elected_at,
    CASE WHEN isfinite(l.expires_at) THEN date_trunc('milliseconds', l.expires_at - clock_timestamp()) END AS term_left
FROM waybill.leadership l LEFT JOIN waybill.workers w ON w.id = l.holder
ORDER BY l.role;
COMMENT ON VIEW admin.leader IS 'Which worker does what one alone does: the sweep, the quota, the history.';
COMMENT ON COLUMN admin.leader.role IS 'The role.';
COMMENT ON COLUMN admin.leader.state IS 'leads, or nobody leads: then another is elected within seconds, if any worker has the role.';
COMMENT ON COLUMN admin.leader.worker IS 'The worker that leads, or led last.';
COMMENT ON COLUMN admin.leader.host IS 'Where it runs; null once it is gone.';
COMMENT ON COLUMN admin.leader.process_id IS 'Its process there.';
COMMENT ON COLUMN admin.leader.term IS 'Rises with every change of leader.';
COMMENT ON COLUMN admin.leader.elected_at IS 'When the term began.';
COMMENT ON COLUMN admin.leader.term_left IS 'How long it still is unless it is renewed; negative when it is over. Null after a resignation.';

CREATE VIEW admin.in_doubt AS
SELECT waybill.order_of(j.delivery) AS order_id, q.state::text AS state,
    CASE WHEN q.state = 'in_doubt' THEN q.run_at END AS decided_at,
    CASE WHEN q.state = 'unconfirmed' THEN 'an operator: admin.resolve(order, ''resend'' or ''close'', reason)'
        WHEN q.run_at <= clock_timestamp() THEN 'the leader, at its next sweep'
        ELSE 'a Send event until then, the leader after' END AS decided_by,
    q.reason, q.attempts, j.enqueued_at, j.email, replace(q.attempt::text, '-', '') AS attempt, j.delivery
FROM waybill.queue q JOIN waybill.jobs j USING (id)
WHERE q.state IN ('in_doubt', 'unconfirmed')
ORDER BY q.run_at, q.id;
COMMENT ON VIEW admin.in_doubt IS 'Emails that SES may or may not have accepted: in_doubt ones are decided by evidence or time, unconfirmed ones by you.';
COMMENT ON COLUMN admin.in_doubt.order_id IS 'The order.';
COMMENT ON COLUMN admin.in_doubt.state IS 'in_doubt or unconfirmed.';
COMMENT ON COLUMN admin.in_doubt.decided_at IS 'in_doubt: when the time for evidence is over. Null for unconfirmed.';
COMMENT ON COLUMN admin.in_doubt.decided_by IS 'Who decides.';
COMMENT ON COLUMN admin.in_doubt.reason IS 'What happened to the request, or what was missing.';
COMMENT ON COLUMN admin.in_doubt.attempts IS 'How often it was claimed.';
COMMENT ON COLUMN admin.in_doubt.enqueued_at IS 'When the order became a job.';
COMMENT ON COLUMN admin.in_doubt.email IS 'The order''s address.';
COMMENT ON COLUMN admin.in_doubt.attempt IS 'The attempt whose outcome is unknown: the tag of its email in SES.';
COMMENT ON COLUMN admin.in_doubt.delivery IS 'kind/order.';

CREATE VIEW admin.quarantine AS
SELECT q.id, q.last_seen, q.seen, q.code, q.reason, waybill.order_of(q.delivery) AS order_id, q.queue, q.first_seen,
    octet_length(q.body) AS bytes, waybill.readable(q.body) AS body
FROM waybill.quarantine q
ORDER BY q.last_seen DESC, q.id DESC;
COMMENT ON VIEW admin.quarantine IS 'Messages that could not be used, newest first. admin.requeue_quarantined(id, reason) puts one back.';
COMMENT ON COLUMN admin.quarantine.id IS 'What admin.requeue_quarantined takes.';
COMMENT ON COLUMN admin.quarantine.last_seen IS 'When it last came.';
COMMENT ON COLUMN admin.quarantine.seen IS 'How often it came.';
COMMENT ON COLUMN admin.quarantine.code IS 'The kind of reason: invalid-order, conflict, unknown-delivery and so on.';
COMMENT ON COLUMN admin.quarantine.reason IS 'Every violation, one a line, with its place.';
COMMENT ON COLUMN admin.quarantine.order_id IS 'The order, when it could be read.';
COMMENT ON COLUMN admin.quarantine.queue IS 'The queue it came from; jobs for what was taken out of the jobs here.';
COMMENT ON COLUMN admin.quarantine.first_seen IS 'When it first came.';
COMMENT ON COLUMN admin.quarantine.bytes IS 'How long the body is, with its envelope.';
COMMENT ON COLUMN admin.quarantine.body IS 'The body as text, out of SNS''s envelope if it came in one; bytes that are no UTF-8 with escapes. waybill.quarantine has it byte for byte.';

CREATE VIEW admin.throughput AS
SELECT (t.day + coalesce(t.hour, 0) * interval '1 hour') AT TIME ZONE 'UTC' AS since,
    CASE WHEN t.hour IS NULL THEN 'day' ELSE 'hour' END AS span, t.status, sum(t.jobs)::bigint AS jobs
FROM waybill.history_tally t
GROUP BY t.day, t.hour, t.status
ORDER BY 1 DESC, 3;
COMMENT ON VIEW admin.throughput IS 'How many jobs ended, by hour and status: sums that workers keep, as long as the history. Nothing is counted.';
COMMENT ON COLUMN admin.throughput.since IS 'The beginning of the hour, or of the day in UTC.';
COMMENT ON COLUMN admin.throughput.span IS 'hour; day for what was counted before hours were, or by an older worker.';
COMMENT ON COLUMN admin.throughput.status IS 'The status when the job ended. What became of the email afterwards (DELIVERED, BOUNCED) is in DynamoDB: waybill deliveries.';
COMMENT ON COLUMN admin.throughput.jobs IS 'How many.';

CREATE VIEW admin.audit AS
SELECT a.at, a.actor AS who, a.action, a.detail AS what, a.reason, NULL::text AS outcome, NULL::bigint AS request
FROM waybill.audit a
UNION ALL
SELECT r.requested_at, r.requested_by, r.action, r.delivery || coalesce(' to ' || r.address, ''), r.reason,
    r.state || coalesce(': ' || r.outcome, ''), r.id
FROM waybill.admin_requests r
ORDER BY 1 DESC;
COMMENT ON VIEW admin.audit IS 'Who changed what, when and why, newest first: changes by functions here and requests to workers.';
COMMENT ON COLUMN admin.audit.at IS 'When it was done or asked for.';
COMMENT ON COLUMN admin.audit.who IS 'The database role that logged in.';
COMMENT ON COLUMN admin.audit.action IS 'The function, or the action that a worker was asked for.';
COMMENT ON COLUMN admin.audit.what IS 'What was changed: a delivery (kind/order), a worker, a setting.';
COMMENT ON COLUMN admin.audit.reason IS 'Why, in the operator''s words.';
COMMENT ON COLUMN admin.audit.outcome IS 'Requests: waiting, done or refused, and what became of it. Null for what took effect at once.';
COMMENT ON COLUMN admin.audit.request IS 'Requests: the number in admin.requests.';

CREATE VIEW admin.pauses AS
SELECT 'sender' AS what, s.region, s.paused_at AS since, s.paused_by AS who, s.paused_reason AS reason
FROM waybill.send_control s WHERE s.paused_at IS NOT NULL
UNION ALL
SELECT 'ingest', NULL, i.paused_at, i.paused_by, i.paused_reason
FROM waybill.ingest_control i WHERE i.paused_at IS NOT NULL;
COMMENT ON VIEW admin.pauses IS 'What operators have paused; empty when nothing is. A breaker, which closes by itself, is in admin.send_rate.';
COMMENT ON COLUMN admin.pauses.what IS 'sender: no email is sent. ingest: orders stay in SQS. What admin.resume takes.';
COMMENT ON COLUMN admin.pauses.region IS 'sender: the AWS region.';
COMMENT ON COLUMN admin.pauses.since IS 'Since when.';
COMMENT ON COLUMN admin.pauses.who IS 'Who paused it.';
COMMENT ON COLUMN admin.pauses.reason IS 'Why.';

CREATE OR REPLACE VIEW admin.requests AS
SELECT r.id, r.requested_at, r.requested_by, r.action, r.delivery, r.reason, r.state,
    CASE
        WHEN r.state <> 'waiting' THEN r.outcome
        WHEN NOT EXISTS (SELECT FROM waybill.workers WHERE expires_at > clock_timestamp())
        THEN 'no worker is alive: it waits until one is'
        WHEN r.taken_at IS NULL AND r.requested_at < clock_timestamp() - interval '5 seconds'
        THEN 'no worker has taken it yet: are others before it, or do the workers'' logs say why?'
        WHEN r.taken_at < clock_timestamp() - interval '5 seconds'
        THEN 'worker ' || r.worker || ' has not done it: its log says why; half a minute after it was taken it is tried again'
        ELSE 'a worker performs it' END AS outcome,
    r.finished_at, r.address, r.copy
FROM waybill.admin_requests r
ORDER BY r.id DESC;
COMMENT ON VIEW admin.requests IS 'What was asked of the workers, newest first, and what became of it: within 5 s, if one is alive.';
COMMENT ON COLUMN admin.requests.id IS 'The number that the function gave.';
COMMENT ON COLUMN admin.requests.requested_at IS 'When it was asked for.';
COMMENT ON COLUMN admin.requests.requested_by IS 'The database role that asked.';
COMMENT ON COLUMN admin.requests.action IS 'resend and close (admin.resolve), retry, cancel, release, copy, requeue and so on.';
COMMENT ON COLUMN admin.requests.delivery IS 'kind/order; quarantine/ and the number for requeue.';
COMMENT ON COLUMN admin.requests.reason IS 'Why, in the operator''s words.';
COMMENT ON COLUMN admin.requests.state IS 'waiting, done or refused.';
COMMENT ON COLUMN admin.requests.outcome IS 'What became of it, or what it waits for.';
COMMENT ON COLUMN admin.requests.finished_at IS 'When it was done or refused.';
COMMENT ON COLUMN admin.requests.address IS 'copy: where it goes.';
COMMENT ON COLUMN admin.requests.copy IS 'copy: the delivery that was made.';

COMMENT ON COLUMN admin.send_rate.region IS 'The AWS region.';
COMMENT ON COLUMN admin.send_rate.rate IS 'Emails a second now: lowered by SES''s 429, rising again with every quiet second.';
COMMENT ON COLUMN admin.send_rate.rate_set IS 'What it rises to: SES''s rate less a margin, or WAYBILL_SEND_RATE.';
COMMENT ON COLUMN admin.send_rate.ceiling IS 'admin.set_send_rate''s upper bound; null for none.';
COMMENT ON COLUMN admin.send_rate.burst IS 'How many may go at once after a quiet time.';
COMMENT ON COLUMN admin.send_rate.state IS 'open, paused (admin.pause), or the cause for which nobody sends: unknown-outcomes, quota-exceeded and so on.';
COMMENT ON COLUMN admin.send_rate.why IS 'Who paused it and why, or what SES said.';
COMMENT ON COLUMN admin.send_rate.since IS 'Since when.';
COMMENT ON COLUMN admin.send_rate.sent_24h IS 'Recipients of the last 24 hours, as SES said.';
COMMENT ON COLUMN admin.send_rate.quota_24h IS 'How many there may be; negative for no limit.';
COMMENT ON COLUMN admin.send_rate.account_at IS 'When SES said so.';
COMMENT ON SCHEMA admin IS 'For operators: views, and functions that leave who asked, why, and what became of it.';

CREATE FUNCTION admin.order(order_id text)
RETURNS TABLE (part text, at timestamptz, delivery text, status text, who text, detail text)
LANGUAGE sql STABLE
SET jit = off
AS $$
WITH first AS (
    SELECT waybill.delivery_named(order_id) AS delivery
), deliveries AS (
    SELECT f.delivery FROM first f
    UNION
    SELECT r.copy FROM first f JOIN waybill.admin_requests r ON r.delivery = f.delivery WHERE r.copy IS NOT NULL
), hot AS (
    SELECT j.delivery, q.state::text AS state, q.run_at, q.attempts, q.reason, j.enqueued_at, j.email,
        coalesce(w.host || ' ' || w.process_id, q.worker::text) AS worker
    FROM deliveries d JOIN waybill.jobs j USING (delivery) JOIN waybill.queue q USING (id)
        LEFT JOIN waybill.workers w ON w.id = q.worker
), past AS (
    SELECT h.delivery, h.status, h.finished_at, h.attempts, h.message_id, h.reason, h.email,
        coalesce(w.host || ' ' || w.process_id, h.worker::text, 'sweep') AS worker,
        row_number() OVER (PARTITION BY h.delivery ORDER BY h.finished_at DESC, h.job_id DESC) AS newest
    FROM deliveries d JOIN waybill.history h USING (delivery) LEFT JOIN waybill.workers w ON w.id = h.worker
), told AS (
    SELECT n.delivery, n.status, n.at, n.rank, n.published_at FROM deliveries d JOIN waybill.status_notices n USING (delivery)
), known (delivery, at, status, weight) AS (
    -- Evidence stands above everything; then what is on its way; then how it ended.
    SELECT t.delivery, t.at, t.status, t.rank + CASE WHEN t.rank >= 30 THEN 2000 ELSE 0 END FROM told t
    UNION ALL
    SELECT p.delivery, p.finished_at, p.status, waybill.rank_of(p.status) + CASE WHEN waybill.rank_of(p.status) >= 30 THEN 2000 ELSE 0 END
    FROM past p WHERE p.newest = 1 OR waybill.rank_of(p.status) >= 30
    UNION ALL
    SELECT h.delivery, clock_timestamp(),
        CASE h.state WHEN 'unconfirmed' THEN 'UNCONFIRMED' WHEN 'in_doubt' THEN 'SENDING'
            WHEN 'leased' THEN 'PENDING or SENDING' ELSE 'PENDING' END, 1000
    FROM hot h
), latest AS (
    SELECT DISTINCT ON (k.delivery) k.delivery, k.at, k.status FROM known k ORDER BY k.delivery, k.weight DESC, k.at DESC
), lines (place, part, at, delivery, status, who, detail) AS (
    SELECT 1, 'last known', l.at, l.delivery, l.status, NULL, 'as far as PostgreSQL knows; DynamoDB decides: waybill trace' FROM latest l
    UNION ALL
    SELECT 1, 'last known', NULL, f.delivery, NULL, NULL,
        'nothing is known here: it may wait in SQS, or have ended so long ago that only DynamoDB knows: waybill trace'
    FROM first f WHERE NOT EXISTS (SELECT FROM latest)
    UNION ALL
    SELECT 2, 'job', h.enqueued_at, h.delivery, h.state, h.worker,
        concat_ws('; ', 'to ' || h.email, CASE h.state WHEN 'leased' THEN 'in the worker''s hand' WHEN 'held' THEN 'held'
            ELSE 'due ' || to_char(h.run_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') END,
            'claimed ' || h.attempts || ' times', h.reason)
    FROM hot h
    UNION ALL
    SELECT 2, 'history', p.finished_at, p.delivery, p.status, p.worker,
        concat_ws('; ', 'to ' || p.email, 'claimed ' || p.attempts || ' times', 'message ' || p.message_id, p.reason)
    FROM past p
    UNION ALL
    SELECT 2, 'told the shop', t.at, t.delivery, t.status, NULL, coalesce('published ' || to_char(t.published_at AT TIME ZONE 'UTC',
        'YYYY-MM-DD HH24:MI:SS"Z"'), 'not published yet')
    FROM told t
    UNION ALL
    SELECT 2, 'request ' || r.id, r.requested_at, r.delivery, r.state, r.requested_by,
        r.action || coalesce(' to ' || r.address, '') || ': ' || r.reason || coalesce(' -> ' || r.outcome, '')
    FROM deliveries d JOIN waybill.admin_requests r USING (delivery)
    UNION ALL
    SELECT 2, 'quarantine ' || q.id, q.last_seen, q.delivery, q.code, q.queue,
        concat_ws('; ', CASE WHEN q.seen > 1 THEN 'came ' || q.seen || ' times' END, q.reason)
    FROM deliveries d JOIN waybill.quarantine q USING (delivery)
)
SELECT part, at, delivery, status, who, detail FROM lines ORDER BY place, at
$$;
COMMENT ON FUNCTION admin.order(text) IS 'All that PostgreSQL knows of an order and its copies: the last status it heard of, then job, history, requests and quarantine by time. DynamoDB decides what became of an email: waybill trace ORDER asks it.';

CREATE FUNCTION waybill.worker_named(beginning text) RETURNS uuid
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    key text := replace(lower(coalesce(beginning, '')), '-', '');
    found uuid[];
BEGIN
    IF key !~ '^[0-9a-f]{4,32}$' THEN
        RAISE EXCEPTION 'expected a worker''s id or at least its first 4 digits, as in admin.workers, found %', quote_nullable(beginning)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    found := ARRAY(
        SELECT w.id FROM waybill.workers w
        WHERE left(replace(w.id::text, '-', ''), length(key)) = key AND w.expires_at > clock_timestamp()
    );
    IF cardinality(found) <> 1 THEN
        RAISE EXCEPTION 'expected the beginning of one live worker''s id, found % that begin with %: admin.workers lists them',
            cardinality(found), quote_literal(beginning) USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN found[1];
END
$$;
COMMENT ON FUNCTION waybill.worker_named(text) IS 'The live worker whose id begins so.';

CREATE FUNCTION admin.jobs_of(worker text)
RETURNS TABLE (order_id text, delivery text, attempts integer, enqueued_at timestamptz, due timestamptz)
LANGUAGE sql STABLE
AS $$
SELECT waybill.order_of(j.delivery), j.delivery, q.attempts, j.enqueued_at, q.run_at
FROM waybill.queue q JOIN waybill.jobs j USING (id)
WHERE q.state = 'leased' AND q.worker = waybill.worker_named(jobs_of.worker)
ORDER BY q.run_at, q.id
$$;
COMMENT ON FUNCTION admin.jobs_of(text) IS 'The jobs that a worker has leased, by its id or the beginning of it. Reads the whole queue: some tenths of a second for a million jobs.';

-- What operators do. Each leaves who did it, when and why; secure_admin, below, makes these functions their owner's.

CREATE FUNCTION waybill.demand_reason(reason text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    IF coalesce(reason, '') !~ '\S' THEN
        RAISE EXCEPTION 'a reason is needed: it is kept, and whoever looks next wants to know' USING ERRCODE = 'null_value_not_allowed';
    END IF;
END
$$;
COMMENT ON FUNCTION waybill.demand_reason(text) IS 'Fails unless the text says something.';

CREATE FUNCTION waybill.ask(action text, delivery text, reason text, address text, quarantine_id bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    asked bigint;
BEGIN
    PERFORM waybill.demand_reason(ask.reason);
    INSERT INTO waybill.admin_requests (action, delivery, reason, address, quarantine_id)
    VALUES (ask.action, ask.delivery, ask.reason, ask.address, ask.quarantine_id)
    RETURNING id INTO asked;
    IF NOT EXISTS (SELECT FROM waybill.workers WHERE expires_at > clock_timestamp()) THEN
        RAISE WARNING 'no worker is alive: request % waits until one is', asked;
    END IF;
    RETURN asked;
END
$$;
COMMENT ON FUNCTION waybill.ask(text, text, text, text, bigint) IS 'Writes a request to the workers and returns its number.';

CREATE OR REPLACE FUNCTION admin.request(action text, order_or_delivery text, reason text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF coalesce(order_or_delivery, '') !~ '\S' THEN
        RAISE EXCEPTION 'expected an order''s id, or kind/order, found %', quote_nullable(order_or_delivery)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN waybill.ask(action, waybill.delivery_named(order_or_delivery), reason, NULL, NULL);
END
$$;

CREATE OR REPLACE FUNCTION admin.resolve(order_or_delivery text, decision text, reason text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    asked bigint;
BEGIN
    IF decision IS NULL OR decision NOT IN ('resend', 'close') THEN
        RAISE EXCEPTION 'resolve takes resend (the customer may get the email twice) or close (perhaps never), not %', quote_nullable(decision)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    asked := admin.request(decision, order_or_delivery, reason);
    IF decision = 'resend' THEN
        RAISE NOTICE 'request %: if SES had accepted the first email after all, the customer gets it twice', asked;
    ELSE
        RAISE NOTICE 'request %: if SES had not accepted the email, the customer gets none', asked;
    END IF;
    RETURN asked;
END
$$;

CREATE OR REPLACE FUNCTION admin.resend_copy(order_id text, address text, reason text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF coalesce(address, '') !~ '^[^@\s]+@[^@\s]+$' THEN
        RAISE EXCEPTION 'expected an address, where the copy goes, found %', quote_nullable(address)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN waybill.ask('copy', 'order-confirmation/' || order_id, reason, address, NULL);
END
$$;

CREATE FUNCTION admin.resend_copy(order_id text, reason text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    first text := 'order-confirmation/' || order_id;
    address text;
BEGIN
    SELECT x.payload::jsonb #>> '{customer,email}' INTO address
    FROM (
        (SELECT j.payload FROM waybill.jobs j WHERE j.delivery = first)
        UNION ALL
        (SELECT h.payload FROM waybill.history h WHERE h.delivery = first ORDER BY h.finished_at DESC, h.job_id DESC LIMIT 1)
    ) x LIMIT 1;
    IF address IS NULL THEN
        RAISE EXCEPTION 'the order % is not kept here: name the address, admin.resend_copy(order, address, reason)', quote_nullable(order_id)
            USING ERRCODE = 'no_data_found';
    END IF;
    RETURN admin.resend_copy(order_id, address, reason);
END
$$;
COMMENT ON FUNCTION admin.resend_copy(text, text) IS 'Sends another copy of an order''s confirmation to the order''s own address, once the first is at an end: a second email, on purpose.';

CREATE FUNCTION admin.requeue_quarantined(quarantine_id bigint, reason text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM waybill.demand_reason(requeue_quarantined.reason);
    PERFORM FROM waybill.quarantine q WHERE q.id = requeue_quarantined.quarantine_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no message % in quarantine: admin.quarantine lists them', coalesce(quarantine_id::text, 'null')
            USING ERRCODE = 'no_data_found';
    END IF;
    RETURN waybill.ask('requeue', 'quarantine/' || quarantine_id, reason, NULL, quarantine_id);
END
$$;
COMMENT ON FUNCTION admin.requeue_quarantined(bigint, text) IS 'Asks a worker to take a message of the quarantine as if it had just arrived. It leaves the quarantine once its order is a job or its event is applied; if it is still bad, it stays and admin.requests says why.';

CREATE OR REPLACE FUNCTION admin.pause(what text, reason text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM waybill.demand_reason(pause.reason);
    CASE coalesce(what, '')
    WHEN 'sender' THEN
        UPDATE waybill.send_control
        SET paused_at = clock_timestamp(), paused_by = session_user, paused_reason = pause.reason;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no send rate yet: no worker has ever run, so there is nothing to pause' USING ERRCODE = 'no_data_found';
        END IF;
    WHEN 'ingest' THEN
        UPDATE waybill.ingest_control
        SET paused_at = clock_timestamp(), paused_by = session_user, paused_reason = pause.reason;
    ELSE
        RAISE EXCEPTION 'pause takes sender or ingest, not %', quote_nullable(what) USING ERRCODE = 'invalid_parameter_value';
    END CASE;
    INSERT INTO waybill.audit (action, detail, reason) VALUES ('pause', what, pause.reason);
END
$$;
COMMENT ON FUNCTION admin.pause(text, text) IS 'sender: no email is sent from within a second on; orders are still taken in. ingest: orders stay in SQS, from the workers'' next renewal and the end of their long polls on; what is taken in is sent. Until admin.resume.';

DROP FUNCTION admin.resume(text);
CREATE FUNCTION admin.resume(what text, reason text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    ended text;
BEGIN
    CASE coalesce(what, '')
    WHEN 'sender' THEN
        SELECT max(paused_by || ': ' || paused_reason) INTO ended FROM waybill.send_control;
        UPDATE waybill.send_control SET paused_at = NULL, paused_by = NULL, paused_reason = NULL;
    WHEN 'ingest' THEN
        SELECT paused_by || ': ' || paused_reason INTO ended FROM waybill.ingest_control;
        UPDATE waybill.ingest_control SET paused_at = NULL, paused_by = NULL, paused_reason = NULL;
    ELSE
        RAISE EXCEPTION 'resume takes sender or ingest, not %', quote_nullable(what) USING ERRCODE = 'invalid_parameter_value';
    END CASE;
    IF ended IS NULL THEN
        RAISE NOTICE '% was not paused', what;
    END IF;
    INSERT INTO waybill.audit (action, detail, reason)
    VALUES ('resume', what || coalesce(', ends the pause of ' || ended, ', was not paused'), resume.reason);
END
$$;
COMMENT ON FUNCTION admin.resume(text, text) IS 'Ends admin.pause.';

DROP FUNCTION admin.set_send_rate(numeric);
CREATE FUNCTION admin.set_send_rate(emails_a_second numeric, reason text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF emails_a_second IS NOT NULL AND emails_a_second * 1000 < 1 THEN
        RAISE EXCEPTION 'a send rate is at least 0.001 a second; to stop sending use admin.pause'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    UPDATE waybill.send_control SET
        ceiling_milli = floor(emails_a_second * 1000),
        milli_rate = CASE
            WHEN milli_rate >= least(limit_milli, coalesce(ceiling_milli, limit_milli))
            THEN least(limit_milli, coalesce(floor(emails_a_second * 1000)::bigint, limit_milli))
            ELSE least(milli_rate, limit_milli, coalesce(floor(emails_a_second * 1000)::bigint, limit_milli)) END;
    INSERT INTO waybill.audit (action, detail, reason)
    VALUES ('set_send_rate', coalesce(emails_a_second::text || ' emails a second at most', 'no ceiling'), set_send_rate.reason);
END
$$;
COMMENT ON FUNCTION admin.set_send_rate(numeric, text) IS 'An upper bound on emails a second for the whole cluster, at once; null lifts it.';

CREATE FUNCTION admin.drain(worker text, reason text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    named uuid;
    line waybill.workers;
BEGIN
    PERFORM waybill.demand_reason(drain.reason);
    named := waybill.worker_named(drain.worker);
    UPDATE waybill.workers SET drain_asked_at = clock_timestamp(), drain_asked_by = session_user, drain_reason = drain.reason
    WHERE id = named AND expires_at > clock_timestamp()
    RETURNING * INTO line;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'worker % has just ended', named USING ERRCODE = 'no_data_found';
    END IF;
    INSERT INTO waybill.audit (action, detail, reason)
    VALUES ('drain', named || ' on ' || line.host || ', process ' || line.process_id, drain.reason);
    IF line.jobs_in_hand IS NULL THEN
        RAISE WARNING 'worker % has not renewed its lease yet, or is of a version that does not hear of this: if it stays, use SIGTERM', named;
    END IF;
    RETURN format('worker %s on %s, process %s, ends within seconds of its next renewal: see admin.workers', named, line.host, line.process_id);
END
$$;
COMMENT ON FUNCTION admin.drain(text, text) IS 'Asks one worker, by its id or the beginning of it, to claim no more, to finish what it has and to end, as SIGTERM does. What starts processes may start another in its place.';

-- Who may what. A group's settings do not reach its members, so each login gets the time-outs itself, by admin.enrol.

CREATE FUNCTION admin.enrol(
    login text, role text, statement_timeout interval DEFAULT '30 seconds', idle_timeout interval DEFAULT '1 minute'
) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    statement_ms bigint := extract(epoch FROM enrol.statement_timeout) * 1000;
    idle_ms bigint := extract(epoch FROM enrol.idle_timeout) * 1000;
BEGIN
    IF role IS NULL OR role NOT IN ('waybill_admin', 'waybill_readonly') THEN
        RAISE EXCEPTION 'expected waybill_admin or waybill_readonly, found %', quote_nullable(role) USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM FROM pg_catalog.pg_roles r WHERE r.rolname = login AND r.rolcanlogin;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no login %: CREATE ROLE % LOGIN first', quote_nullable(login), coalesce(quote_ident(login), 'name')
            USING ERRCODE = 'undefined_object';
    END IF;
    IF coalesce(statement_ms, 0) NOT BETWEEN 1000 AND 3600000 OR coalesce(idle_ms, 0) NOT BETWEEN 1000 AND 3600000 THEN
        RAISE EXCEPTION 'expected time-outs from a second to an hour, found % and %', statement_timeout, idle_timeout
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format('GRANT %I TO %I', role, login);
    EXECUTE format('ALTER ROLE %I IN DATABASE %I SET statement_timeout = %L', login, current_database(), statement_ms::text);
    EXECUTE format('ALTER ROLE %I IN DATABASE %I SET idle_in_transaction_session_timeout = %L', login, current_database(), idle_ms::text);
    RETURN format('%s is a member of %s; from its next login on statements end after %s and idle transactions after %s',
        login, role, enrol.statement_timeout, enrol.idle_timeout);
END
$$;
COMMENT ON FUNCTION admin.enrol(text, text, interval, interval) IS 'Makes a login a member of waybill_admin or waybill_readonly, with time-outs in this database. For who may create roles; it runs with the caller''s rights.';

CREATE VIEW admin.logins AS
SELECT m.rolname::text AS login, g.rolname::text AS role, s.statement_timeout, s.idle_timeout,
    CASE WHEN s.statement_timeout IS NULL OR s.idle_timeout IS NULL
        THEN 'its transactions may stay open: SELECT admin.enrol(' || quote_literal(m.rolname) || ', ' || quote_literal(g.rolname) || ')' END AS warning
FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
    CROSS JOIN LATERAL (
        SELECT max(split_part(c.setting, '=', 2)) FILTER (WHERE c.setting LIKE 'statement_timeout=%') AS statement_timeout,
            max(split_part(c.setting, '=', 2)) FILTER (WHERE c.setting LIKE 'idle_in_transaction_session_timeout=%') AS idle_timeout
        FROM pg_db_role_setting d CROSS JOIN LATERAL unnest(d.setconfig) AS c (setting)
        WHERE d.setrole = m.oid AND d.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    ) s
WHERE g.rolname IN ('waybill_admin', 'waybill_readonly') AND m.rolcanlogin
ORDER BY 1, 2;
COMMENT ON VIEW admin.logins IS 'Who may look and act here, and whether forgotten transactions of theirs end by themselves.';
COMMENT ON COLUMN admin.logins.login IS 'The login.';
COMMENT ON COLUMN admin.logins.role IS 'waybill_admin or waybill_readonly.';
COMMENT ON COLUMN admin.logins.statement_timeout IS 'Its own statement_timeout in this database, in milliseconds when admin.enrol set it; null for none.';
COMMENT ON COLUMN admin.logins.idle_timeout IS 'Its own idle_in_transaction_session_timeout, likewise.';
COMMENT ON COLUMN admin.logins.warning IS 'What is missing, null for nothing.';

CREATE FUNCTION waybill.secure_admin() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text;
    function regprocedure;
BEGIN
    FOREACH name IN ARRAY ARRAY['waybill_app', 'waybill_admin', 'waybill_readonly'] LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = name);
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN
                NULL; -- The migration of another database was faster.
            WHEN insufficient_privilege THEN
                RAISE NOTICE 'the role % is not there, and % may not make it: let somebody who may run CREATE ROLE % NOLOGIN, then SELECT waybill.secure_admin()',
                    name, current_user, name;
        END;
    END LOOP;

    -- What writes, and what reads more than views, does so with its owner's rights, after looking only at its own arguments.
    FOR function IN
        SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'admin' AND p.proname <> 'enrol'
    LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = pg_catalog, pg_temp', function);
    END LOOP;
    REVOKE ALL ON ALL FUNCTIONS IN SCHEMA admin FROM PUBLIC;
    REVOKE ALL ON FUNCTION waybill.secure_admin(), waybill.raise_epochs(bigint), waybill.maintain_history(integer, integer) FROM PUBLIC;

    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'waybill_app') THEN
        GRANT USAGE ON SCHEMA waybill, admin TO waybill_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA waybill TO waybill_app;
        REVOKE INSERT, UPDATE, DELETE ON waybill.schema_migrations FROM waybill_app;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA waybill TO waybill_app;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA waybill TO waybill_app;
        REVOKE EXECUTE ON FUNCTION waybill.secure_admin() FROM waybill_app;
        GRANT SELECT ON ALL TABLES IN SCHEMA admin TO waybill_app;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA admin TO waybill_app;
        REVOKE EXECUTE ON FUNCTION admin.enrol(text, text, interval, interval) FROM waybill_app;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'waybill_admin') THEN
        GRANT USAGE ON SCHEMA admin TO waybill_admin;
        GRANT SELECT ON ALL TABLES IN SCHEMA admin TO waybill_admin;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA admin TO waybill_admin;
        REVOKE EXECUTE ON FUNCTION admin.request(text, text, text), admin.enrol(text, text, interval, interval) FROM waybill_admin;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'waybill_readonly') THEN
        GRANT USAGE ON SCHEMA admin TO waybill_readonly;
        GRANT SELECT ON ALL TABLES IN SCHEMA admin TO waybill_readonly;
        FOR function IN
            SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = 'admin' AND p.provolatile <> 'v'
        LOOP
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO waybill_readonly', function);
        END LOOP;
    END IF;
END
$$;
COMMENT ON FUNCTION waybill.secure_admin() IS 'Makes the roles if it may; makes the functions in admin their owner''s, with a fixed search_path; grants waybill_app the tables, waybill_admin the schema admin, waybill_readonly what reads there. May be called again, and every migration that adds something calls it at its end.';

SELECT waybill.secure_admin();
