/// The statements of ``PostgresJobStore`` about what becomes of jobs. Each takes arrays, one element a job, and returns
/// the jobs for which the fence held.
struct SettlementSQL {
    /// Who may settle: the last condition of every statement. `d` is the input, `q` the row.
    private let fence: String

    /// worker comes last; the lease must be its own. (The rows of a lease that was lost have another worker or epoch.)
    static func leased(worker parameter: Int) -> SettlementSQL {
        SettlementSQL(fence: "q.state = 'leased' AND q.worker = $\(parameter)")
    }

    static let doubtful = SettlementSQL(fence: "q.state IN ('in_doubt', 'unconfirmed')")

    private var held: String { "q.id = d.id AND q.epoch = d.epoch AND \(fence)" }

    /// ids, epochs, statuses, message ids. The rows move to the history, and their sums to the tally.
    var finish: String { finish(noting: "") }

    /// The same, and the shop is to be told.
    var finishAndNote: String { finish(noting: NoticeSQL.noteFinished) }

    private func finish(noting: String) -> String {
        """
        WITH clock AS MATERIALIZED (
            SELECT clock_timestamp() AS at
        ), gone AS (
            DELETE FROM waybill.queue q USING unnest($1, $2, $3, $4) AS d(id, epoch, status, message_id)
            WHERE \(held)
            RETURNING q.id, q.epoch, q.run_at, q.worker, q.priority, q.attempts, q.reason, d.status, d.message_id
        ), taken AS (
            DELETE FROM waybill.jobs j USING gone g WHERE j.id = g.id
            RETURNING g.*, j.received_at, j.enqueued_at, j.delivery, j.email, j.payload_hash, j.payload
        ), finished AS (
            SELECT t.*, c.at AS finished_at, (c.at AT TIME ZONE 'UTC')::date AS day FROM taken t CROSS JOIN clock c
        ), tallied AS (
            INSERT INTO waybill.history_tally (day, hour, status, jobs)
            SELECT day, extract(hour FROM finished_at AT TIME ZONE 'UTC'), status, count(*)
            FROM finished GROUP BY 1, 2, 3
        )\(noting)
        INSERT INTO waybill.history (job_id, day, received_at, enqueued_at, finished_at, run_at, epoch, priority,
            attempts, worker, status, message_id, reason, delivery, email, payload_hash, payload)
        SELECT id, day, received_at, enqueued_at, finished_at, run_at, epoch, priority,
            attempts, worker, status, message_id, reason, delivery, email, payload_hash, payload
        FROM finished
        RETURNING job_id
        """
    }

    /// ids, epochs, delays in microseconds, reasons.
    var release: String {
        """
        UPDATE waybill.queue q
        SET state = 'ready', worker = NULL, attempt = NULL, reason = coalesce(d.reason, q.reason),
            run_at = clock_timestamp() + d.delay * interval '1 microsecond'
        FROM unnest($1, $2, $3, $4) AS d(id, epoch, delay, reason)
        WHERE \(held)
        RETURNING q.id
        """
    }

    /// ids, epochs, reasons.
    var hold: String {
        """
        UPDATE waybill.queue q SET state = 'held', worker = NULL, attempt = NULL, reason = d.reason
        FROM unnest($1, $2, $3) AS d(id, epoch, reason)
        WHERE \(held)
        RETURNING q.id
        """
    }

    /// ids, epochs, times, attempts, reasons.
    var doubt: String {
        """
        UPDATE waybill.queue q
        SET state = 'in_doubt', worker = NULL, run_at = d.until, attempt = coalesce(d.attempt, q.attempt),
            reason = coalesce(d.reason, q.reason)
        FROM unnest($1, $2, $3, $4, $5) AS d(id, epoch, until, attempt, reason)
        WHERE \(held)
        RETURNING q.id
        """
    }

    /// ids, epochs, reasons, times of the next look.
    var unconfirm: String {
        """
        UPDATE waybill.queue q SET state = 'unconfirmed', reason = d.reason, run_at = d.look_again
        FROM unnest($1, $2, $3, $4) AS d(id, epoch, reason, look_again)
        WHERE \(held)
        RETURNING q.id
        """
    }

    /// ids, epochs, reasons, the quarantine's queue, the code. One commit takes the job out and keeps its payload. Equal
    /// payloads (two kinds of message of one order) are one row of the quarantine.
    var conflict: String {
        """
        WITH gone AS (
            DELETE FROM waybill.queue q USING unnest($1, $2, $3) AS d(id, epoch, reason)
            WHERE \(held)
            RETURNING q.id, d.reason
        ), taken AS (
            DELETE FROM waybill.jobs j USING gone g WHERE j.id = g.id
            RETURNING j.id, g.reason, j.delivery, convert_to(j.payload, 'UTF8') AS body
        ), kept AS (
            INSERT INTO waybill.quarantine (queue, body_hash, code, reason, delivery, body, seen)
            SELECT DISTINCT ON (sha256(body)) $4, sha256(body), $5, reason, delivery, body,
                count(*) OVER (PARTITION BY sha256(body))
            FROM taken
            ORDER BY sha256(body), id
            \(QuarantineSQL.countUp)
        )
        SELECT id FROM taken
        """
    }
}
