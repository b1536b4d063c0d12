-- The sweep looks again at unconfirmed jobs: their record may have moved on after the last hint was given.

DROP INDEX waybill.queue_in_doubt;
CREATE INDEX queue_doubtful ON waybill.queue (run_at, id) WHERE state IN ('in_doubt', 'unconfirmed');
COMMENT ON COLUMN waybill.queue.run_at IS 'ready: not before. in_doubt and unconfirmed: when the sweep looks at it.';
COMMENT ON TYPE waybill.job_state IS 'ready: may be claimed from run_at on. held: too old to send without asking; an operator decides. leased: a worker has it. in_doubt: its email may have been accepted; the sweep looks at run_at. unconfirmed: an operator decides; the sweep looks at run_at whether evidence did.';
