-- What advice about costs rests on beside the meters: how many receives brought nothing, which SES events came, how busy the
-- processes were. It comes with the use of each process, in the same flush; workers of the version before this one go on telling
-- their use without it.

CREATE TABLE waybill.facts_hourly (
    hour timestamptz NOT NULL CHECK (hour = date_trunc('hour', hour, 'UTC')),
    fact text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (hour, fact, resource)
) WITH (fillfactor = 70);
COMMENT ON TABLE waybill.facts_hourly IS 'What `waybill cost recommend` rests on beside what is paid for, by hour. Workers add to it once a minute; kept for 100 days.';
COMMENT ON COLUMN waybill.facts_hourly.hour IS 'When the hour began, in UTC.';
COMMENT ON COLUMN waybill.facts_hourly.fact IS 'What was counted: sqs.empty-receives, ses.events.';
COMMENT ON COLUMN waybill.facts_hourly.resource IS 'Of which queue, table, kind of event or level of log; of process.* the process, by a name that it drew when it started.';
COMMENT ON COLUMN waybill.facts_hourly.amount IS 'How much: calls, events, bytes, milliseconds; thousandths of units. Of a peak the largest.';

CREATE FUNCTION waybill.add_usage(
    source text, flush bigint, hours timestamptz[], meters text[], resources text[], thousandths bigint[],
    fact_hours timestamptz[], facts text[], fact_resources text[], amounts bigint[], are_peaks boolean[]
) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF NOT waybill.add_usage(source, flush, hours, meters, resources, thousandths) THEN
        RETURN false;
    END IF;
    INSERT INTO waybill.facts_hourly AS f (hour, fact, resource, amount)
    SELECT a.hour, a.fact, a.resource, sum(a.amount)
    FROM unnest(fact_hours, add_usage.facts, fact_resources, amounts, are_peaks) AS a(hour, fact, resource, amount, is_peak)
    WHERE NOT a.is_peak
    GROUP BY a.hour, a.fact, a.resource
    ORDER BY a.hour, a.fact, a.resource
    ON CONFLICT ON CONSTRAINT facts_hourly_pkey DO UPDATE SET amount = f.amount + excluded.amount;
    INSERT INTO waybill.facts_hourly AS f (hour, fact, resource, amount)
    SELECT a.hour, a.fact, a.resource, max(a.amount)
    FROM unnest(fact_hours, add_usage.facts, fact_resources, amounts, are_peaks) AS a(hour, fact, resource, amount, is_peak)
    WHERE a.is_peak
    GROUP BY a.hour, a.fact, a.resource
    ORDER BY a.hour, a.fact, a.resource
    ON CONFLICT ON CONSTRAINT facts_hourly_pkey DO UPDATE SET amount = greatest(f.amount, excluded.amount);
    RETURN true;
END
$$;
COMMENT ON FUNCTION waybill.add_usage(text, bigint, timestamptz[], text[], text[], bigint[], timestamptz[], text[], text[], bigint[], boolean[]) IS 'Adds what a process used since its last flush, and the facts of the same time. False, and nothing added, when this flush or a later one of the process is in already.';

CREATE VIEW admin.cost_facts AS
SELECT hour, fact, resource, amount FROM waybill.facts_hourly;
COMMENT ON VIEW admin.cost_facts IS 'What `waybill cost recommend` rests on beside what is paid for, by hour.';
COMMENT ON COLUMN admin.cost_facts.hour IS 'When the hour began.';
COMMENT ON COLUMN admin.cost_facts.fact IS 'What was counted.';
COMMENT ON COLUMN admin.cost_facts.resource IS 'Of which queue, table, kind of event, level of log or process.';
COMMENT ON COLUMN admin.cost_facts.amount IS 'How much: calls, events, bytes, milliseconds; thousandths of units. Of a peak the largest.';

SELECT waybill.secure_admin();
