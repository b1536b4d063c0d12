/// The statements of ``PostgresJobStore`` about operators' requests.
enum OperatorSQL {
    /// worker, limit.
    ///
    /// Fresh requests first, then the one that was taken longest ago: by id, as many as are taken at once that cannot be performed
    /// would come before every fresh one each half a minute. One time for all that are taken at once.
    static let take = """
        UPDATE waybill.admin_requests SET worker = $1, taken_at = (SELECT clock_timestamp())
        WHERE id = ANY (ARRAY(
            SELECT id FROM waybill.admin_requests
            WHERE state = 'waiting' AND (taken_at IS NULL OR taken_at < clock_timestamp() - interval '30 seconds')
            ORDER BY taken_at NULLS FIRST, id
            LIMIT $2
            FOR UPDATE SKIP LOCKED
        ))
        RETURNING id, requested_by, reason, action, delivery, address, quarantine_id
        """

    /// id, worker, state, outcome. With a requeue that is done the message leaves the quarantine.
    static let finish = """
        WITH finished AS (
            UPDATE waybill.admin_requests SET state = $3, outcome = $4, finished_at = clock_timestamp()
            WHERE id = $1 AND worker = $2 AND state = 'waiting'
            RETURNING id, state, quarantine_id
        ), gone AS (
            DELETE FROM waybill.quarantine q USING finished f WHERE q.id = f.quarantine_id AND f.state = 'done'
        )
        SELECT id FROM finished
        """

    /// delivery, reason, anyway. Says whether a hot job is there, and with anyway whether that stands beside it: a worker
    /// that has it has asked already.
    static let makeReady = """
        WITH job AS (
            SELECT id FROM waybill.jobs WHERE delivery = $1
        ), changed AS (
            UPDATE waybill.queue q
            SET state = 'ready', attempt = NULL, reason = $2, run_at = clock_timestamp(), approved_at = clock_timestamp(),
                anyway = coalesce($3, q.anyway)
            FROM job WHERE q.id = job.id
                AND (q.state IN ('held', 'in_doubt', 'unconfirmed') OR q.state = 'ready' AND $3 IS NOT NULL)
            RETURNING q.id
        )
        SELECT id FROM job WHERE $3 IS NULL OR EXISTS (SELECT FROM changed)
        """

    /// delivery, state, reason, attempt, time, anyway. From the newest row of the history, unless a hot job is there.
    static let putBack = """
        WITH last AS (
            SELECT received_at, delivery, email, payload_hash, payload, priority, attempts
            FROM waybill.history WHERE delivery = $1
            ORDER BY finished_at DESC, job_id DESC LIMIT 1
        ), job AS (
            INSERT INTO waybill.jobs (delivery, payload, payload_hash, email, received_at)
            SELECT delivery, payload, payload_hash, email, received_at FROM last
            ON CONFLICT (delivery) DO NOTHING
            RETURNING id
        )
        INSERT INTO waybill.queue (id, priority, attempts, state, reason, attempt, run_at, approved_at, anyway)
        SELECT job.id, last.priority, last.attempts, $2::waybill.job_state, $3, $4,
            coalesce($5, clock_timestamp()), clock_timestamp(), $6
        FROM job CROSS JOIN last
        RETURNING id
        """

    /// delivery.
    static let undecided = """
        SELECT q.id, q.epoch FROM waybill.jobs j JOIN waybill.queue q USING (id)
        WHERE j.delivery = $1 AND q.state IN ('in_doubt', 'unconfirmed')
        """

    /// worker, delivery. As the claim, for one job.
    static let claim = """
        WITH live AS MATERIALIZED (
            SELECT FROM waybill.workers WHERE id = $1 AND expires_at > clock_timestamp() FOR SHARE
        ), claimed AS (
            UPDATE waybill.queue q
            SET state = 'leased', worker = $1, epoch = nextval('waybill.epochs'), attempts = attempts + 1
            WHERE q.id = (SELECT id FROM waybill.jobs WHERE delivery = $2) AND q.state IN ('ready', 'held')
                AND EXISTS (SELECT FROM live)
            RETURNING q.id, q.epoch, q.priority, q.run_at, q.attempts, q.approved_at, q.anyway
        )
        SELECT c.id, c.epoch, c.priority, c.run_at, c.attempts,
            j.delivery, j.payload, j.payload_hash, j.enqueued_at, j.received_at,
            CASE WHEN c.anyway IS NULL THEN s.reason END, c.approved_at
        FROM claimed c JOIN waybill.jobs j USING (id) LEFT JOIN waybill.suppressions s USING (email)
        """
}
