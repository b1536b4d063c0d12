-- A deliberate second copy of a confirmation: a delivery of its own, of the kind order-confirmation~2 and so on, that nothing
-- but an operator's request makes.

ALTER TABLE waybill.admin_requests DROP CONSTRAINT admin_requests_action_check;
ALTER TABLE waybill.admin_requests ADD CONSTRAINT admin_requests_action_check
    CHECK (action IN ('resend', 'close', 'retry', 'cancel', 'release', 'copy'));
ALTER TABLE waybill.admin_requests ADD COLUMN address text;
ALTER TABLE waybill.admin_requests ADD COLUMN copy text COLLATE "C" UNIQUE;
ALTER TABLE waybill.admin_requests ADD CONSTRAINT admin_requests_copy_check
    CHECK ((action = 'copy') = (address IS NOT NULL) AND (action = 'copy' OR copy IS NULL));
COMMENT ON COLUMN waybill.admin_requests.action IS 'resend and close: an unconfirmed delivery. retry: one that failed, was suppressed or closed. cancel: one not sent yet. release: one that is held for its age. copy: another email of an order whose first is at an end.';
COMMENT ON COLUMN waybill.admin_requests.address IS 'copy: where it goes.';
COMMENT ON COLUMN waybill.admin_requests.copy IS 'copy: the delivery that was made for this request, kind/order; one at most, however often it is performed.';

CREATE FUNCTION admin.resend_copy(order_id text, address text, reason text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    asked bigint;
BEGIN
    IF coalesce(reason, '') !~ '\S' THEN
        RAISE EXCEPTION 'a reason is needed: it is kept with the copy' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF coalesce(address, '') !~ '^[^@\s]+@[^@\s]+$' THEN
        RAISE EXCEPTION 'an address is needed: where the copy goes' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO waybill.admin_requests (action, delivery, reason, address)
    VALUES ('copy', 'order-confirmation/' || order_id, reason, address)
    RETURNING id INTO asked;
    IF NOT EXISTS (SELECT FROM waybill.workers WHERE expires_at > clock_timestamp()) THEN
        RAISE WARNING 'no worker is alive: request % waits until one is', asked;
    END IF;
    RETURN asked;
END
$$;
COMMENT ON FUNCTION admin.resend_copy(text, text, text) IS 'Sends another copy of an order''s confirmation to this address, once the first is at an end: a second email, on purpose.';

-- The lock makes requests about one order follow each other, each with a look at what the one before has done: the row of
-- the request alone would not keep two requests from taking the same number.
CREATE FUNCTION waybill.make_copy(
    asked bigint, first_delivery text, least_number integer, most_number integer,
    address text, hash bytea, body text, note text, OUT outcome text, OUT made text
)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    number integer;
    job bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('waybill.make_copy ' || first_delivery, 0));
    SELECT r.copy INTO made FROM waybill.admin_requests r
    WHERE r.id = asked AND r.delivery = first_delivery AND r.action = 'copy' AND r.state = 'waiting'
    FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'gone';
        RETURN;
    ELSIF made IS NOT NULL THEN
        outcome := 'made';
        RETURN;
    END IF;
    SELECT r.copy INTO made FROM waybill.admin_requests r JOIN waybill.jobs j ON j.delivery = r.copy
    WHERE r.delivery = first_delivery
    LIMIT 1;
    IF FOUND THEN
        outcome := 'busy';
        RETURN;
    END IF;
    SELECT greatest(least_number, 1 + max(substring(r.copy FROM '^order-confirmation~([0-9]+)/')::integer)) INTO number
    FROM waybill.admin_requests r WHERE r.delivery = first_delivery;
    IF number > most_number THEN
        outcome := 'full';
        RETURN;
    END IF;
    made := 'order-confirmation~' || number || '/' || substring(first_delivery FROM '^order-confirmation/(.*)$');
    INSERT INTO waybill.jobs (delivery, payload, payload_hash, email) VALUES (made, body, hash, address)
    RETURNING id INTO job;
    INSERT INTO waybill.queue (id, reason, approved_at) VALUES (job, note, clock_timestamp());
    UPDATE waybill.admin_requests SET copy = made WHERE id = asked;
    outcome := 'made';
END
$$;
COMMENT ON FUNCTION waybill.make_copy(bigint, text, integer, integer, text, bytea, text, text) IS 'Makes the job of the copy that a request asks for, in one commit with the note of it. made: the copy, of now or of an earlier try. busy: another copy that has not ended. full: no number is left. gone: the request is not waiting.';

CREATE OR REPLACE VIEW admin.requests AS
SELECT r.id, r.requested_at, r.requested_by, r.action, r.delivery, r.reason, r.state,
    CASE
        WHEN r.state <> 'waiting' THEN r.outcome
        WHEN NOT EXISTS (SELECT FROM waybill.workers WHERE expires_at > clock_timestamp())
        THEN 'no worker is alive: it waits until one is'
        ELSE 'a worker performs it' END AS outcome,
    r.finished_at, r.address, r.copy
FROM waybill.admin_requests r
ORDER BY r.id DESC;
