-- Finished jobs, partitioned by day, so that the old ones are dropped and never deleted.

CREATE TABLE waybill.history (
    job_id bigint NOT NULL,
    day date NOT NULL,
    received_at timestamptz,
    enqueued_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    run_at timestamptz NOT NULL,
    epoch bigint NOT NULL,
    priority integer NOT NULL,
    attempts integer NOT NULL,
    worker uuid,
    status text NOT NULL,
    message_id text,
    reason text,
    delivery text COLLATE "C" NOT NULL,
    email text COLLATE "C" NOT NULL,
    payload_hash bytea NOT NULL,
    payload text NOT NULL,
    PRIMARY KEY (job_id, day)
) PARTITION BY RANGE (day);
CREATE INDEX history_delivery ON waybill.history (delivery);
CREATE TABLE waybill.history_default PARTITION OF waybill.history DEFAULT;
COMMENT ON TABLE waybill.history IS 'Finished jobs. A delivery may be here more than once: a redelivered order finishes again, without a second email.';
COMMENT ON TABLE waybill.history_default IS 'Days without a partition of their own. Empty as long as waybill.maintain_history runs.';
COMMENT ON COLUMN waybill.history.job_id IS 'The job: jobs.id while it was hot.';
COMMENT ON COLUMN waybill.history.day IS 'The day of finished_at in UTC.';
COMMENT ON COLUMN waybill.history.received_at IS 'When the event entered the message queue; null when unknown.';
COMMENT ON COLUMN waybill.history.enqueued_at IS 'When the job was made.';
COMMENT ON COLUMN waybill.history.finished_at IS 'When it left the hot tables.';
COMMENT ON COLUMN waybill.history.run_at IS 'When it had last been due.';
COMMENT ON COLUMN waybill.history.epoch IS 'The fencing token of its last claim.';
COMMENT ON COLUMN waybill.history.priority IS 'Its priority.';
COMMENT ON COLUMN waybill.history.attempts IS 'How often it had been claimed.';
COMMENT ON COLUMN waybill.history.worker IS 'Who finished it; null for the sweep.';
COMMENT ON COLUMN waybill.history.status IS 'The status of the delivery record when the job ended; the record may have moved on.';
COMMENT ON COLUMN waybill.history.message_id IS 'The message id that SES gave, when the worker knew it.';
COMMENT ON COLUMN waybill.history.reason IS 'The last reason the job carried.';
COMMENT ON COLUMN waybill.history.delivery IS 'kind/order.';
COMMENT ON COLUMN waybill.history.email IS 'The address of the order, lower-cased.';
COMMENT ON COLUMN waybill.history.payload_hash IS 'SHA-256 of the canonical form of the order.';
COMMENT ON COLUMN waybill.history.payload IS 'The order, so that an operator can put the job back.';

-- Counting the history would read all of it. Every commit that finishes jobs appends its sums here instead of updating
-- a shared row, on which all workers would wait for each other; waybill.maintain_history adds them up.
CREATE TABLE waybill.history_tally (
    day date NOT NULL,
    status text NOT NULL,
    jobs bigint NOT NULL
);
COMMENT ON TABLE waybill.history_tally IS 'How many jobs finished: the sum over all rows of a day and status.';
COMMENT ON COLUMN waybill.history_tally.day IS 'history.day.';
COMMENT ON COLUMN waybill.history_tally.status IS 'history.status.';
COMMENT ON COLUMN waybill.history_tally.jobs IS 'How many more.';

-- ATTACH takes a weaker lock on the history than CREATE ... PARTITION OF would. The lock timeout keeps a long reader of
-- the history from making everybody who finishes jobs wait behind this function.
CREATE FUNCTION waybill.maintain_history(keep_days integer, days_ahead integer DEFAULT 7) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE
SET lock_timeout = '2s'
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

    WITH taken AS (DELETE FROM waybill.history_tally RETURNING day, status, jobs)
    INSERT INTO waybill.history_tally (day, status, jobs)
    SELECT day, status, sum(jobs) FROM taken WHERE day >= today - keep_days GROUP BY day, status;
END
$$;
COMMENT ON FUNCTION waybill.maintain_history(integer, integer) IS 'Makes the partitions of today and the days ahead, drops those older than so many days, adds up the tally. Says what it made and dropped. To be called daily.';

SELECT waybill.maintain_history(30);
