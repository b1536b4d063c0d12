-- What the shop is to be told about its deliveries: written in the commit that settles a job or before an SES event is
-- deleted, published afterwards. Only workers with WAYBILL_DELIVERY_STATUS=on write here.

CREATE TABLE waybill.status_notices (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz,
    at timestamptz NOT NULL,
    rank integer NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    delivery text COLLATE "C" NOT NULL,
    status text NOT NULL,
    message_id text,
    UNIQUE (delivery, rank)
) WITH (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX status_notices_due ON waybill.status_notices (next_at, id) WHERE published_at IS NULL;
CREATE INDEX status_notices_age ON waybill.status_notices (noted_at);
COMMENT ON TABLE waybill.status_notices IS 'Status changes for the topic delivery-status: one row for each delivery and rank, kept for a bounded time.';
COMMENT ON COLUMN waybill.status_notices.id IS 'In the order in which they were noted, more or less.';
COMMENT ON COLUMN waybill.status_notices.noted_at IS 'When the row was written; from here its time to live counts.';
COMMENT ON COLUMN waybill.status_notices.next_at IS 'Not published: when it is tried next.';
COMMENT ON COLUMN waybill.status_notices.published_at IS 'When SNS took it; null before.';
COMMENT ON COLUMN waybill.status_notices.at IS 'When the status was reached, as far as was known then.';
COMMENT ON COLUMN waybill.status_notices.rank IS 'The rank of the status: a delivery is in the highest that was told.';
COMMENT ON COLUMN waybill.status_notices.tries IS 'How often it was given out to be published.';
COMMENT ON COLUMN waybill.status_notices.delivery IS 'kind/order.';
COMMENT ON COLUMN waybill.status_notices.status IS 'SENT, DELIVERED, BOUNCED and so on, as in the delivery record.';
COMMENT ON COLUMN waybill.status_notices.message_id IS 'SES''s message id, when it was known.';
