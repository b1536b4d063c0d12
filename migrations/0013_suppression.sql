-- Who must not be written to, from where that is known, and what an operator does about it. A row of suppressions keeps an
-- address from being written to, as before: workers of the version before this one go on reading and writing it.

ALTER TABLE waybill.suppressions
    ADD COLUMN sources text[] NOT NULL DEFAULT '{bounce}',
    ADD COLUMN asked_by text,
    ADD COLUMN asked_at timestamptz,
    ADD COLUMN asked_reason text,
    ADD COLUMN account_email text,
    ADD COLUMN account_at timestamptz,
    ADD COLUMN account_seen_at timestamptz;
UPDATE waybill.suppressions SET sources = '{complaint}' WHERE reason = 'COMPLAINT';
ALTER TABLE waybill.suppressions
    ADD CONSTRAINT suppressions_sources_check
        CHECK (sources <@ ARRAY['bounce', 'complaint', 'account', 'operator'] AND cardinality(sources) > 0),
    ADD CONSTRAINT suppressions_account_check CHECK (('account' = ANY (sources)) = (account_seen_at IS NOT NULL)),
    ADD CONSTRAINT suppressions_asked_check CHECK (('operator' = ANY (sources)) = (asked_at IS NOT NULL));
CREATE INDEX suppressions_account_seen ON waybill.suppressions (account_seen_at) WHERE account_seen_at IS NOT NULL;
COMMENT ON TABLE waybill.suppressions IS 'Addresses that are not written to, whatever they are known from. Every claim of a job asks.';
COMMENT ON COLUMN waybill.suppressions.email IS 'The address as it is compared: lower case, the domain in Punycode.';
COMMENT ON COLUMN waybill.suppressions.reason IS 'Why: the first source''s reason. The record of an email that is not sent says it.';
COMMENT ON COLUMN waybill.suppressions.sources IS 'bounce: a hard bounce. complaint. account: the SES account''s list. operator: admin.suppress. In the order in which they came. An older worker''s row says bounce for a complaint too.';
COMMENT ON COLUMN waybill.suppressions.asked_by IS 'operator: the database role that asked.';
COMMENT ON COLUMN waybill.suppressions.asked_at IS 'operator: when.';
COMMENT ON COLUMN waybill.suppressions.asked_reason IS 'operator: why, in the operator''s words.';
COMMENT ON COLUMN waybill.suppressions.account_email IS 'account: as SES spells it.';
COMMENT ON COLUMN waybill.suppressions.account_at IS 'account: when it came onto the list, as SES says.';
COMMENT ON COLUMN waybill.suppressions.account_seen_at IS 'account: when it was last read there.';

CREATE TABLE waybill.unsuppressions (
    email text COLLATE "C" PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE waybill.unsuppressions IS 'Addresses that an operator took off the list. Older news, which come late or again, do not bring them back.';
COMMENT ON COLUMN waybill.unsuppressions.email IS 'As suppressions.email.';
COMMENT ON COLUMN waybill.unsuppressions.at IS 'When it was taken off.';

CREATE TABLE waybill.suppression_mirror (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    kind text CHECK (kind IN ('full', 'recent')),
    started_at timestamptz,
    since timestamptz,
    token text,
    is_dropping boolean NOT NULL DEFAULT false,
    entries bigint NOT NULL DEFAULT 0,
    dropped bigint NOT NULL DEFAULT 0,
    last_full timestamptz,
    last_full_entries bigint,
    last_read timestamptz,
    trouble text,
    trouble_at timestamptz,
    CHECK ((kind IS NULL) = (started_at IS NULL) AND (kind = 'full' OR NOT is_dropping))
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
INSERT INTO waybill.suppression_mirror DEFAULT VALUES;
COMMENT ON TABLE waybill.suppression_mirror IS 'How far the leader has come with reading the SES account''s suppression list: one row.';
COMMENT ON COLUMN waybill.suppression_mirror.one IS 'There is one row.';
COMMENT ON COLUMN waybill.suppression_mirror.kind IS 'The read that is under way: full, once a day, or recent, what changed. Null for none.';
COMMENT ON COLUMN waybill.suppression_mirror.started_at IS 'When it began.';
COMMENT ON COLUMN waybill.suppression_mirror.since IS 'recent: SES is asked for what changed since then.';
COMMENT ON COLUMN waybill.suppression_mirror.token IS 'SES''s token of the next page; null for the first.';
COMMENT ON COLUMN waybill.suppression_mirror.is_dropping IS 'full: every page is read, and what none of them had is being removed.';
COMMENT ON COLUMN waybill.suppression_mirror.entries IS 'Addresses on the pages read so far; after the end those of the last read.';
COMMENT ON COLUMN waybill.suppression_mirror.dropped IS 'Addresses that the last full read did not find any more.';
COMMENT ON COLUMN waybill.suppression_mirror.last_full IS 'When the last full read that came to its end had begun.';
COMMENT ON COLUMN waybill.suppression_mirror.last_full_entries IS 'How many addresses it read.';
COMMENT ON COLUMN waybill.suppression_mirror.last_read IS 'When the last read of either kind that came to its end had begun.';
COMMENT ON COLUMN waybill.suppression_mirror.trouble IS 'Why the list cannot be read, in SES''s words; null while it can.';
COMMENT ON COLUMN waybill.suppression_mirror.trouble_at IS 'Since when.';

ALTER TABLE waybill.queue ADD COLUMN anyway text;
COMMENT ON COLUMN waybill.queue.anyway IS 'Who wants this email sent although its address is suppressed, and why; null for nobody.';

-- The database's side of AddressKey in WaybillCore. Of ASCII both make the same; what is not ASCII only AddressKey can bring
-- into the form that SES takes.
CREATE FUNCTION waybill.address_key(address text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    IF address IS NULL OR address !~ '^[^[:space:]<>]+@[^[:space:]<>@]+$' THEN
        RAISE EXCEPTION 'expected a bare address like name@example.com, found %', coalesce(quote_literal(address), 'null')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF octet_length(address) <> length(address) THEN
        RAISE EXCEPTION 'expected an address in ASCII, found %: SES takes no other', quote_literal(address)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Write the domain in Punycode: xn--...';
    END IF;
    RETURN lower(address COLLATE "C");
END
$$;
COMMENT ON FUNCTION waybill.address_key(text) IS 'The address as suppressions.email has it.';

CREATE FUNCTION waybill.drop_unseen_suppressions(most integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    began timestamptz;
    unseen text[];
BEGIN
    SELECT started_at INTO began FROM waybill.suppression_mirror WHERE is_dropping FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    unseen := ARRAY(
        SELECT email FROM waybill.suppressions WHERE account_seen_at < began ORDER BY account_seen_at, email LIMIT most FOR UPDATE
    );
    DELETE FROM waybill.suppressions WHERE email = ANY (unseen) AND sources = '{account}';
    UPDATE waybill.suppressions
    SET sources = array_remove(sources, 'account'), account_email = NULL, account_at = NULL, account_seen_at = NULL
    WHERE email = ANY (unseen);
    UPDATE waybill.suppression_mirror SET dropped = dropped + cardinality(unseen);
    IF cardinality(unseen) < most THEN
        UPDATE waybill.suppression_mirror SET last_full = started_at, last_full_entries = entries, last_read = started_at,
            kind = NULL, started_at = NULL, since = NULL, token = NULL, is_dropping = false;
    END IF;
    RETURN cardinality(unseen);
END
$$;
COMMENT ON FUNCTION waybill.drop_unseen_suppressions(integer) IS 'Removes so many addresses at most that the full read did not find on the SES account''s list; fewer were the last, and end it.';

-- Which actions there are is the workers' business: they refuse what they do not know.
ALTER TABLE waybill.admin_requests DROP CONSTRAINT admin_requests_action_check;
ALTER TABLE waybill.admin_requests ADD CONSTRAINT admin_requests_action_check CHECK (action ~ '^[a-z][a-z-]*$');
ALTER TABLE waybill.admin_requests DROP CONSTRAINT admin_requests_copy_check;
ALTER TABLE waybill.admin_requests ADD CONSTRAINT admin_requests_copy_check
    CHECK ((action IN ('copy', 'unsuppress')) = (address IS NOT NULL) AND (action = 'copy' OR copy IS NULL));
COMMENT ON COLUMN waybill.admin_requests.address IS 'copy: where it goes. unsuppress: the address, as it was typed.';
COMMENT ON COLUMN waybill.admin_requests.action IS 'resend and close: an unconfirmed delivery. retry: one that failed, was suppressed or closed. cancel: one not sent yet. release: one that is held for its age. copy: another email of an order whose first is at an end. requeue: a message of the quarantine. A worker refuses what it does not know. unsuppress: an address that is to be written to again. send-anyway: one order whose address is suppressed.';
COMMENT ON COLUMN waybill.admin_requests.delivery IS 'kind/order. requeue, which is about a message: quarantine/ and its number. unsuppress, which is about an address: address/ and that.';

CREATE FUNCTION admin.suppress(email text, reason text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    key text := waybill.address_key(suppress.email);
BEGIN
    IF coalesce(suppress.reason, '') !~ '\S' THEN
        RAISE EXCEPTION 'a reason is needed: the record of every email that is not sent says it' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    INSERT INTO waybill.suppressions AS s (email, reason, sources, asked_by, asked_at, asked_reason)
    VALUES (key, session_user || ': ' || suppress.reason, '{operator}', session_user, clock_timestamp(), suppress.reason)
    ON CONFLICT ON CONSTRAINT suppressions_pkey DO UPDATE
    SET sources = CASE WHEN 'operator' = ANY (s.sources) THEN s.sources ELSE s.sources || '{operator}' END,
        asked_by = excluded.asked_by, asked_at = excluded.asked_at, asked_reason = excluded.asked_reason;
    INSERT INTO waybill.audit (action, detail) VALUES ('suppress', key || ': ' || suppress.reason);
END
$$;
COMMENT ON FUNCTION admin.suppress(text, text) IS 'Nothing is sent to this address any more, from the next claim on, until admin.unsuppress. The SES account''s own list is not changed.';

CREATE FUNCTION admin.unsuppress(email text, reason text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    key text := waybill.address_key(unsuppress.email);
    asked bigint;
BEGIN
    IF coalesce(unsuppress.reason, '') !~ '\S' THEN
        RAISE EXCEPTION 'a reason is needed: whoever looks next wants to know' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    INSERT INTO waybill.admin_requests (action, delivery, reason, address)
    VALUES ('unsuppress', 'address/' || key, unsuppress.reason, unsuppress.email)
    RETURNING id INTO asked;
    IF NOT EXISTS (SELECT FROM waybill.workers WHERE expires_at > clock_timestamp()) THEN
        RAISE WARNING 'no worker is alive: request % waits until one is', asked;
    END IF;
    RAISE NOTICE 'request %: a worker takes the address off the SES account''s own list first, for which it needs ses:DeleteSuppressedDestination, and then off the list here. admin.requests says what became of it', asked
        USING HINT = 'Refused because of that? aws sesv2 delete-suppressed-destination --email-address ADDRESS, then ask again.';
    RETURN asked;
END
$$;
COMMENT ON FUNCTION admin.unsuppress(text, text) IS 'Asks a worker to take an address off the list, here and in the SES account; see admin.requests for what became of it. A later bounce or complaint puts it back.';

CREATE FUNCTION admin.send_anyway(order_or_delivery text, reason text) RETURNS bigint
LANGUAGE sql VOLATILE AS $$ SELECT admin.request('send-anyway', order_or_delivery, reason) $$;
COMMENT ON FUNCTION admin.send_anyway(text, text) IS 'Sends this one order although its address is suppressed: one that waits, or that ended SUPPRESSED. While the address is on the SES account''s own list SES accepts it and bounces it: admin.unsuppress takes it off there too.';

CREATE VIEW admin.suppressions AS
SELECT email, sources, reason, added_at, asked_by, asked_at, asked_reason, account_at, account_seen_at
FROM waybill.suppressions;
COMMENT ON VIEW admin.suppressions IS 'Addresses that are not written to, and why. Ask for one: WHERE email = lower(...).';
COMMENT ON COLUMN admin.suppressions.email IS 'The address as it is compared: lower case, the domain in Punycode.';
COMMENT ON COLUMN admin.suppressions.sources IS 'bounce: a hard bounce. complaint. account: the SES account''s own list. operator: admin.suppress.';
COMMENT ON COLUMN admin.suppressions.reason IS 'Why: the first source''s reason, which the records of emails not sent say.';
COMMENT ON COLUMN admin.suppressions.added_at IS 'Since when it is on the list here.';
COMMENT ON COLUMN admin.suppressions.asked_by IS 'The database role that called admin.suppress.';
COMMENT ON COLUMN admin.suppressions.asked_at IS 'When it did.';
COMMENT ON COLUMN admin.suppressions.asked_reason IS 'Why, in its words.';
COMMENT ON COLUMN admin.suppressions.account_at IS 'When it came onto the SES account''s list, as SES says.';
COMMENT ON COLUMN admin.suppressions.account_seen_at IS 'When it was last read there.';

CREATE VIEW admin.suppression_mirror AS
SELECT coalesce(kind, 'none') AS reading, started_at, entries, last_read, last_full, last_full_entries, dropped, trouble, trouble_at
FROM waybill.suppression_mirror;
COMMENT ON VIEW admin.suppression_mirror IS 'How fresh the copy of the SES account''s suppression list is.';
COMMENT ON COLUMN admin.suppression_mirror.reading IS 'The read that is under way: full (once a day), recent (what changed) or none.';
COMMENT ON COLUMN admin.suppression_mirror.started_at IS 'When it began.';
COMMENT ON COLUMN admin.suppression_mirror.entries IS 'Addresses it has read, or the last one read.';
COMMENT ON COLUMN admin.suppression_mirror.last_read IS 'When the last read that came to its end had begun.';
COMMENT ON COLUMN admin.suppression_mirror.last_full IS 'When the last full one had begun.';
COMMENT ON COLUMN admin.suppression_mirror.last_full_entries IS 'How many addresses it read.';
COMMENT ON COLUMN admin.suppression_mirror.dropped IS 'How many it did not find any more.';
COMMENT ON COLUMN admin.suppression_mirror.trouble IS 'Why SES does not let the list be read; null while it does.';
COMMENT ON COLUMN admin.suppression_mirror.trouble_at IS 'Since when.';

SELECT waybill.secure_admin();
