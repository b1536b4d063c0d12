-- What operators ask for with psql, and what became of it. A worker performs it: only it can write the delivery record.

ALTER TYPE waybill.job_state ADD VALUE 'held' AFTER 'ready';
COMMENT ON TYPE waybill.job_state IS 'ready: may be claimed from run_at on. held: too old to send without asking; an operator decides. leased: a worker has it. in_doubt: its email may have been accepted; the sweep looks at run_at. unconfirmed: an operator decides.';

ALTER TABLE waybill.queue ADD COLUMN approved_at timestamptz;
COMMENT ON COLUMN waybill.queue.approved_at IS 'When an operator last said that it is to be sent: its age counts from here.';

CREATE TABLE waybill.admin_requests (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    requested_by text NOT NULL DEFAULT session_user,
    action text NOT NULL CHECK (action IN ('resend', 'close', 'retry', 'cancel', 'release')),
    delivery text COLLATE "C" NOT NULL,
    reason text NOT NULL CHECK (reason ~ '\S'),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused')),
    worker uuid,
    taken_at timestamptz,
    finished_at timestamptz,
    outcome text,
    CHECK ((state = 'waiting') = (finished_at IS NULL))
);
CREATE INDEX admin_requests_waiting ON waybill.admin_requests (id) WHERE state = 'waiting';
CREATE INDEX admin_requests_delivery ON waybill.admin_requests (delivery);
COMMENT ON TABLE waybill.admin_requests IS 'What operators asked for about deliveries, and what became of it: also the audit.';
COMMENT ON COLUMN waybill.admin_requests.id IS 'The request.';
COMMENT ON COLUMN waybill.admin_requests.requested_at IS 'When it was asked for.';
COMMENT ON COLUMN waybill.admin_requests.requested_by IS 'The database role that asked.';
COMMENT ON COLUMN waybill.admin_requests.action IS 'resend and close: an unconfirmed delivery. retry: one that failed, was suppressed or closed. cancel: one not sent yet. release: one that is held for its age.';
COMMENT ON COLUMN waybill.admin_requests.delivery IS 'kind/order.';
COMMENT ON COLUMN waybill.admin_requests.reason IS 'Why, in the operator''s words; it goes into the record.';
COMMENT ON COLUMN waybill.admin_requests.state IS 'waiting, done or refused.';
COMMENT ON COLUMN waybill.admin_requests.worker IS 'The worker that performs it, or did.';
COMMENT ON COLUMN waybill.admin_requests.taken_at IS 'When it began; after half a minute another takes over.';
COMMENT ON COLUMN waybill.admin_requests.finished_at IS 'When it was done or refused.';
COMMENT ON COLUMN waybill.admin_requests.outcome IS 'What became of it, in words.';

CREATE TABLE waybill.audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL DEFAULT session_user,
    action text NOT NULL,
    detail text NOT NULL
);
COMMENT ON TABLE waybill.audit IS 'What operators changed that is not a request about a delivery.';
COMMENT ON COLUMN waybill.audit.id IS 'In the order of the changes.';
COMMENT ON COLUMN waybill.audit.at IS 'When.';
COMMENT ON COLUMN waybill.audit.actor IS 'The database role.';
COMMENT ON COLUMN waybill.audit.action IS 'The function that was called.';
COMMENT ON COLUMN waybill.audit.detail IS 'With what.';

CREATE SCHEMA IF NOT EXISTS admin;
COMMENT ON SCHEMA admin IS 'For operators: functions that ask, each leaving who asked, why, and what became of it.';

CREATE FUNCTION admin.request(action text, order_or_delivery text, reason text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    asked bigint;
BEGIN
    IF coalesce(reason, '') !~ '\S' THEN
        RAISE EXCEPTION 'a reason is needed: it is kept with the delivery' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    INSERT INTO waybill.admin_requests (action, delivery, reason)
    VALUES (action,
        CASE WHEN position('/' IN order_or_delivery) > 0 THEN order_or_delivery
            ELSE 'order-confirmation/' || order_or_delivery END,
        reason)
    RETURNING id INTO asked;
    IF NOT EXISTS (SELECT FROM waybill.workers WHERE expires_at > clock_timestamp()) THEN
        RAISE WARNING 'no worker is alive: request % waits until one is', asked;
    END IF;
    RETURN asked;
END
$$;
COMMENT ON FUNCTION admin.request(text, text, text) IS 'Asks a worker for an action on an order; see admin.requests for what became of it.';

CREATE FUNCTION admin.resolve(order_or_delivery text, decision text, reason text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF decision NOT IN ('resend', 'close') THEN
        RAISE EXCEPTION 'resolve takes resend (the customer may get the email twice) or close (perhaps never), not %', decision
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN admin.request(decision, order_or_delivery, reason);
END
$$;
COMMENT ON FUNCTION admin.resolve(text, text, text) IS 'Decides about an UNCONFIRMED delivery: resend, at the risk of a second email, or close, at the risk of none.';

CREATE FUNCTION admin.retry(order_or_delivery text, reason text) RETURNS bigint
LANGUAGE sql VOLATILE AS $$ SELECT admin.request('retry', order_or_delivery, reason) $$;
COMMENT ON FUNCTION admin.retry(text, text) IS 'Sends a delivery that FAILED, was SUPPRESSED or CLOSED after all.';

CREATE FUNCTION admin.cancel(order_or_delivery text, reason text) RETURNS bigint
LANGUAGE sql VOLATILE AS $$ SELECT admin.request('cancel', order_or_delivery, reason) $$;
COMMENT ON FUNCTION admin.cancel(text, text) IS 'Closes a delivery that has not been sent yet.';

CREATE FUNCTION admin.release(order_or_delivery text, reason text) RETURNS bigint
LANGUAGE sql VOLATILE AS $$ SELECT admin.request('release', order_or_delivery, reason) $$;
COMMENT ON FUNCTION admin.release(text, text) IS 'Sends a delivery that is held because it is old.';

CREATE FUNCTION admin.pause(what text, reason text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF what <> 'sender' THEN
        RAISE EXCEPTION 'pause takes sender, not %', what USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF coalesce(reason, '') !~ '\S' THEN
        RAISE EXCEPTION 'a reason is needed: whoever looks next wants to know' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    UPDATE waybill.send_control
    SET paused_at = clock_timestamp(), paused_by = session_user, paused_reason = reason;
    INSERT INTO waybill.audit (action, detail) VALUES ('pause', what || ': ' || reason);
END
$$;
COMMENT ON FUNCTION admin.pause(text, text) IS 'Stops all sending within a second, until admin.resume; orders are still taken in.';

CREATE FUNCTION admin.resume(what text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF what <> 'sender' THEN
        RAISE EXCEPTION 'resume takes sender, not %', what USING ERRCODE = 'invalid_parameter_value';
    END IF;
    UPDATE waybill.send_control SET paused_at = NULL, paused_by = NULL, paused_reason = NULL;
    INSERT INTO waybill.audit (action, detail) VALUES ('resume', what);
END
$$;
COMMENT ON FUNCTION admin.resume(text) IS 'Ends admin.pause.';

CREATE FUNCTION admin.set_send_rate(emails_a_second numeric) RETURNS void
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
    INSERT INTO waybill.audit (action, detail)
    VALUES ('set_send_rate', coalesce(emails_a_second::text || ' emails a second at most', 'no ceiling'));
END
$$;
COMMENT ON FUNCTION admin.set_send_rate(numeric) IS 'An upper bound on emails a second for the whole cluster, at once; null lifts it.';

CREATE VIEW admin.send_rate AS
SELECT region, milli_rate / 1000.0 AS rate, limit_milli / 1000.0 AS rate_set, ceiling_milli / 1000.0 AS ceiling, burst,
    coalesce(CASE WHEN paused_at IS NOT NULL THEN 'paused' END, hold, 'open') AS state,
    CASE WHEN paused_at IS NOT NULL THEN paused_by || ': ' || paused_reason ELSE hold_detail END AS why,
    coalesce(paused_at, hold_since) AS since, sent_24h, quota_24h, account_at
FROM waybill.send_control;
COMMENT ON VIEW admin.send_rate IS 'How fast the cluster sends, and why not faster.';

CREATE VIEW admin.requests AS
SELECT r.id, r.requested_at, r.requested_by, r.action, r.delivery, r.reason, r.state,
    CASE
        WHEN r.state <> 'waiting' THEN r.outcome
        WHEN NOT EXISTS (SELECT FROM waybill.workers WHERE expires_at > clock_timestamp())
        THEN 'no worker is alive: it waits until one is'
        ELSE 'a worker performs it' END AS outcome,
    r.finished_at
FROM waybill.admin_requests r
ORDER BY r.id DESC;
COMMENT ON VIEW admin.requests IS 'What was asked for, newest first, and what became of it.';
