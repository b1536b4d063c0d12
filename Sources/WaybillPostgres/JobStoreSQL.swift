/// The statements of ``PostgresJobStore`` about jobs on their way. `$1` and so on are given by the functions that use
/// them, in the same order.
enum JobStoreSQL {
    /// deliveries, payloads, hashes, addresses, priorities, times of receipt. Returns what was inserted.
    ///
    /// Of equal deliveries the first counts. The order of insertion is that of the deliveries, so that two calls with
    /// the same ones wait for each other instead of in a circle.
    static let enqueue = """
        WITH input AS (
            SELECT DISTINCT ON (delivery COLLATE "C") *
            FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY
                AS i(delivery, payload, payload_hash, email, priority, received_at, n)
            ORDER BY delivery COLLATE "C", n
        ), inserted AS (
            INSERT INTO waybill.jobs (delivery, payload, payload_hash, email, received_at)
            SELECT delivery, payload, payload_hash, email, received_at FROM input
            ON CONFLICT (delivery) DO NOTHING
            RETURNING id, delivery, enqueued_at
        ), queued AS (
            INSERT INTO waybill.queue (id, priority, run_at)
            SELECT id, priority, enqueued_at FROM inserted JOIN input USING (delivery)
        )
        SELECT delivery FROM inserted
        """

    /// deliveries. The hot jobs that were in the way.
    static let payloadHashes = "SELECT delivery, payload_hash FROM waybill.jobs WHERE delivery = ANY ($1)"

    /// worker, limit, watermark (priority, run_at, id). One statement, so now() is its own start: a job is never
    /// claimed early, and unlike clock_timestamp() it can bound the index scan.
    ///
    /// `= ANY (ARRAY(...))`, because a join with the sub-select became a sequential scan. `live` is read first: it waits
    /// for a reaper that is deleting this worker, and then nothing is claimed; a reaper that comes later waits for this
    /// commit and sees the jobs.
    static let claim = """
        WITH live AS MATERIALIZED (
            SELECT FROM waybill.workers WHERE id = $1 AND expires_at > clock_timestamp() FOR SHARE
        ), claimed AS (
            UPDATE waybill.queue q
            SET state = 'leased', worker = $1, epoch = nextval('waybill.epochs'), attempts = attempts + 1
            WHERE q.id = ANY (ARRAY(
                SELECT id FROM waybill.queue
                WHERE state = 'ready' AND run_at <= now() AND (priority, run_at, id) > ($3, $4, $5)
                    AND EXISTS (SELECT FROM live)
                ORDER BY priority, run_at, id
                LIMIT $2
                FOR UPDATE SKIP LOCKED
            ))
            RETURNING q.id, q.epoch, q.priority, q.run_at, q.attempts, q.approved_at, q.anyway
        )
        SELECT c.id, c.epoch, c.priority, c.run_at, c.attempts,
            j.delivery, j.payload, j.payload_hash, j.enqueued_at, j.received_at,
            CASE WHEN c.anyway IS NULL THEN s.reason END, c.approved_at
        FROM claimed c JOIN waybill.jobs j USING (id) LEFT JOIN waybill.suppressions s USING (email)
        ORDER BY c.priority, c.run_at, c.id
        """

    /// worker, jobs that it holds. This reads the whole queue, and is asked for seldom: queue_leased is for admin.jobs_of, see 0017.
    static let recall = """
        UPDATE waybill.queue SET state = 'ready', worker = NULL
        WHERE id = ANY (ARRAY(
            SELECT id FROM waybill.queue
            WHERE state = 'leased' AND worker = $1 AND id <> ALL ($2)
            FOR UPDATE SKIP LOCKED
        ))
        RETURNING 1
        """

    /// deliveries. Only what is not due yet is touched: every email's Send event comes by here.
    static let hint = """
        UPDATE waybill.queue SET state = 'in_doubt', run_at = least(run_at, clock_timestamp())
        WHERE id = ANY (ARRAY(
            SELECT q.id FROM waybill.jobs j JOIN waybill.queue q USING (id)
            WHERE j.delivery = ANY ($1)
                AND (q.state = 'unconfirmed' OR q.state = 'in_doubt' AND q.run_at > clock_timestamp())
            ORDER BY q.id
            FOR UPDATE OF q
        ))
        """

    /// limit.
    static let dueInDoubt = """
        SELECT q.id, j.delivery, q.epoch, q.state = 'unconfirmed'
        FROM waybill.queue q JOIN waybill.jobs j USING (id)
        WHERE q.state IN ('in_doubt', 'unconfirmed') AND q.run_at <= now()
        ORDER BY q.run_at, q.id
        LIMIT $1
        """

    /// delivery. The hot row, else the newest of the history.
    static let snapshot = """
        (SELECT q.id, j.delivery, q.state::text, q.epoch, q.worker, q.attempts, q.run_at, j.enqueued_at,
            NULL::timestamptz, NULL::text, q.reason
         FROM waybill.jobs j JOIN waybill.queue q USING (id)
         WHERE j.delivery = $1)
        UNION ALL
        (SELECT job_id, delivery, 'finished', epoch, worker, attempts, run_at, enqueued_at, finished_at, status, reason
         FROM waybill.history
         WHERE delivery = $1
         ORDER BY finished_at DESC, job_id DESC
         LIMIT 1)
        ORDER BY 9 DESC NULLS FIRST
        LIMIT 1
        """

    static let counts = """
        SELECT
            count(*) FILTER (WHERE state = 'ready'),
            count(*) FILTER (WHERE state = 'held'),
            count(*) FILTER (WHERE state = 'leased'),
            count(*) FILTER (WHERE state = 'in_doubt'),
            count(*) FILTER (WHERE state = 'unconfirmed'),
            (SELECT coalesce(sum(jobs), 0)::bigint FROM waybill.history_tally),
            (SELECT count(*) FROM waybill.quarantine),
            (SELECT count(*) FROM waybill.workers WHERE expires_at > clock_timestamp())
        FROM waybill.queue
        """

    static let raiseEpochs = "SELECT FROM waybill.raise_epochs($1)"

    static let now = "SELECT clock_timestamp()"

    /// days to keep. Says what was made and dropped.
    static let maintainHistory = "SELECT * FROM waybill.maintain_history($1)"
}
