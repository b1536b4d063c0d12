-- Who leads, and what the leader knows of the feed of SES events.

CREATE TABLE waybill.leadership (
    role text PRIMARY KEY,
    holder uuid,
    term bigint NOT NULL DEFAULT 0,
    elected_at timestamptz,
    expires_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
INSERT INTO waybill.leadership (role) VALUES ('leader');
COMMENT ON TABLE waybill.leadership IS 'One row for each role that one worker at a time holds.';
COMMENT ON COLUMN waybill.leadership.role IS 'The role.';
COMMENT ON COLUMN waybill.leadership.holder IS 'Which incarnation of a worker holds or held it: workers.id.';
COMMENT ON COLUMN waybill.leadership.term IS 'Rises with every change of holder, never falls.';
COMMENT ON COLUMN waybill.leadership.elected_at IS 'When the term began.';
COMMENT ON COLUMN waybill.leadership.expires_at IS 'The term ends here unless it is renewed; -infinity once the holder resigned.';

CREATE TABLE waybill.feed (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    last_send timestamptz,
    empty_since timestamptz,
    empty_reads integer NOT NULL DEFAULT 0,
    last_read timestamptz,
    trouble text
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
INSERT INTO waybill.feed DEFAULT VALUES;
COMMENT ON TABLE waybill.feed IS 'What is known of the feed of SES events: one row. in-doubt = resend rests on it.';
COMMENT ON COLUMN waybill.feed.one IS 'There is one row.';
COMMENT ON COLUMN waybill.feed.last_send IS 'When SES accepted the newest email whose Send event was applied.';
COMMENT ON COLUMN waybill.feed.empty_since IS 'The first of the reads in a row that found the feedback queue, its dead-letter queues and its quarantine empty.';
COMMENT ON COLUMN waybill.feed.empty_reads IS 'How many reads in a row found so.';
COMMENT ON COLUMN waybill.feed.last_read IS 'The last read.';
COMMENT ON COLUMN waybill.feed.trouble IS 'What it found that was not empty.';

-- The lock makes an election wait for the effect's commit, and the effect see the election.
CREATE FUNCTION waybill.lead(in_role text, in_holder uuid, in_term bigint) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM FROM waybill.leadership
    WHERE role = in_role AND holder = in_holder AND term = in_term AND expires_at > clock_timestamp()
    FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'term % of the role % is over', in_term, in_role USING ERRCODE = 'WB001';
    END IF;
END
$$;
COMMENT ON FUNCTION waybill.lead(text, uuid, bigint) IS 'Fails with WB001 unless this term is in force: the first statement of every effect of a leader.';

CREATE TABLE waybill.ticks (
    task text NOT NULL,
    tick bigint NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    term bigint NOT NULL,
    PRIMARY KEY (task, tick)
);
COMMENT ON TABLE waybill.ticks IS 'What leaders do at certain times: the first that writes the tick does it, so two leaders do no harm.';
COMMENT ON COLUMN waybill.ticks.task IS 'The duty.';
COMMENT ON COLUMN waybill.ticks.tick IS 'Which time: the number of its period since 1970.';
COMMENT ON COLUMN waybill.ticks.begun_at IS 'When.';
COMMENT ON COLUMN waybill.ticks.term IS 'In which term.';
