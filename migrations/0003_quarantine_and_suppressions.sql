-- What could not be used, and who must not be written to.

CREATE TABLE waybill.quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    first_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen bigint NOT NULL DEFAULT 1,
    queue text NOT NULL,
    body_hash bytea NOT NULL CHECK (octet_length(body_hash) = 32),
    code text NOT NULL,
    reason text NOT NULL,
    delivery text COLLATE "C",
    body bytea NOT NULL,
    UNIQUE (queue, body_hash)
);
CREATE INDEX quarantine_last_seen ON waybill.quarantine (last_seen, id);
CREATE INDEX quarantine_delivery ON waybill.quarantine (delivery) WHERE delivery IS NOT NULL;
COMMENT ON TABLE waybill.quarantine IS 'Messages that could not be used, byte for byte, each with its reason.';
COMMENT ON COLUMN waybill.quarantine.id IS 'For people and for commands.';
COMMENT ON COLUMN waybill.quarantine.first_seen IS 'When it first came.';
COMMENT ON COLUMN waybill.quarantine.last_seen IS 'When it last came.';
COMMENT ON COLUMN waybill.quarantine.seen IS 'How often it came.';
COMMENT ON COLUMN waybill.quarantine.queue IS 'The message queue it came from; jobs for what was taken out of the jobs here.';
COMMENT ON COLUMN waybill.quarantine.body_hash IS 'SHA-256 of the body.';
COMMENT ON COLUMN waybill.quarantine.code IS 'The kind of reason: invalid-order, conflict, unknown-delivery and so on.';
COMMENT ON COLUMN waybill.quarantine.reason IS 'Every violation, one a line.';
COMMENT ON COLUMN waybill.quarantine.delivery IS 'kind/order, when it could be read.';
COMMENT ON COLUMN waybill.quarantine.body IS 'As received: bytes, because not every message is text.';

CREATE TABLE waybill.suppressions (
    email text COLLATE "C" PRIMARY KEY,
    reason text NOT NULL,
    added_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE waybill.suppressions IS 'Addresses that are not written to: the local mirror of the suppression list.';
COMMENT ON COLUMN waybill.suppressions.email IS 'The address, lower-cased.';
COMMENT ON COLUMN waybill.suppressions.reason IS 'Why: the first reason counts.';
COMMENT ON COLUMN waybill.suppressions.added_at IS 'When it was added.';
