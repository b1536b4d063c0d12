-- When the cluster may send: rate, breaker and an operator's pause, one row for each account and region.

-- Every worker updates the row several times a second, so a dead version is pruned on its page.
CREATE TABLE waybill.send_control (
    region text PRIMARY KEY,
    limit_milli bigint NOT NULL CHECK (limit_milli > 0),
    milli_rate bigint NOT NULL CHECK (milli_rate > 0),
    ceiling_milli bigint CHECK (ceiling_milli > 0),
    burst bigint NOT NULL CHECK (burst > 0),
    arrival timestamptz NOT NULL DEFAULT clock_timestamp(),
    calm_since timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_cut timestamptz,
    unknowns timestamptz[] NOT NULL DEFAULT '{}',
    hold text,
    hold_detail text,
    hold_since timestamptz,
    hold_until timestamptz,
    failed_probes integer NOT NULL DEFAULT 0,
    probe_worker uuid,
    probe_expires timestamptz,
    paused_by text,
    paused_reason text,
    paused_at timestamptz,
    sent_24h bigint,
    quota_24h bigint,
    account_at timestamptz,
    CHECK ((hold IS NULL) = (hold_until IS NULL)),
    CHECK ((paused_at IS NULL) = (paused_by IS NULL))
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
COMMENT ON TABLE waybill.send_control IS 'Send rate, breaker and pause of the cluster.';
COMMENT ON COLUMN waybill.send_control.region IS 'The AWS region; one database serves one account.';
COMMENT ON COLUMN waybill.send_control.limit_milli IS 'The rate set, in thousandths of an email a second.';
COMMENT ON COLUMN waybill.send_control.milli_rate IS 'The rate in force: lowered by a 429, rising again with every quiet second.';
COMMENT ON COLUMN waybill.send_control.ceiling_milli IS 'An operator''s upper bound; null for none.';
COMMENT ON COLUMN waybill.send_control.burst IS 'How many emails may go at once after a quiet time.';
COMMENT ON COLUMN waybill.send_control.arrival IS 'The theoretical arrival time of the next email (GCRA).';
COMMENT ON COLUMN waybill.send_control.calm_since IS 'Since when the rate has not changed.';
COMMENT ON COLUMN waybill.send_control.last_cut IS 'When a 429 last lowered the rate.';
COMMENT ON COLUMN waybill.send_control.unknowns IS 'The last sends of unknown outcome within ten seconds.';
COMMENT ON COLUMN waybill.send_control.hold IS 'Why nobody sends, null when everybody may: unknown-outcomes, quota-exceeded, sending-paused and so on.';
COMMENT ON COLUMN waybill.send_control.hold_detail IS 'What SES said.';
COMMENT ON COLUMN waybill.send_control.hold_since IS 'Since when.';
COMMENT ON COLUMN waybill.send_control.hold_until IS 'Nobody tries before; after it, one email at a time.';
COMMENT ON COLUMN waybill.send_control.failed_probes IS 'How many of those had no known outcome.';
COMMENT ON COLUMN waybill.send_control.probe_worker IS 'Whose email is trying now.';
COMMENT ON COLUMN waybill.send_control.probe_expires IS 'When that try is given up.';
COMMENT ON COLUMN waybill.send_control.paused_by IS 'Who paused sending.';
COMMENT ON COLUMN waybill.send_control.paused_reason IS 'Why.';
COMMENT ON COLUMN waybill.send_control.paused_at IS 'When.';
COMMENT ON COLUMN waybill.send_control.sent_24h IS 'Recipients of the last 24 hours, as GetAccount said.';
COMMENT ON COLUMN waybill.send_control.quota_24h IS 'How many there may be; negative for no limit.';
COMMENT ON COLUMN waybill.send_control.account_at IS 'When GetAccount said so.';

-- The same in Swift: SendControlMachine, SendBreaker and SendRateMachine in WaybillCore. A test runs both side by side.
--
-- Returns how many slots (0 for none) with the first slot's time and the distance between them in microseconds from now,
-- or how long to wait; with `why`, because nobody sends.
--
-- The row is worth less than a disk flush: losing a few slots in a crash of the server is caught by the burst.
CREATE FUNCTION waybill.send_slots(
    in_region text, in_worker uuid, wanted bigint,
    OUT granted bigint, OUT first_us bigint, OUT step_us bigint, OUT wait_us bigint, OUT probe boolean,
    OUT why text, OUT detail text
)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    s waybill.send_control;
    t timestamptz;
    quiet bigint;
    most bigint;
    rate bigint;
    first timestamptz;
    horizon timestamptz;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    granted := 0; first_us := 0; step_us := 0; wait_us := 0; probe := false;
    SELECT * INTO s FROM waybill.send_control WHERE region = in_region FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no send rate is set for the region %', in_region USING ERRCODE = 'no_data_found';
    END IF;
    t := clock_timestamp();
    IF s.paused_at IS NOT NULL THEN
        why := 'paused'; detail := s.paused_by || ': ' || s.paused_reason; wait_us := 500000;
        RETURN;
    END IF;
    IF s.hold IS NOT NULL THEN
        IF t < s.hold_until THEN
            why := s.hold; detail := s.hold_detail; wait_us := waybill.micros(s.hold_until - t);
            RETURN;
        END IF;
        IF t < s.probe_expires THEN
            why := s.hold; detail := s.hold_detail; wait_us := 200000;
            RETURN;
        END IF;
        probe := true;
        wanted := 1;
    END IF;
    rate := s.milli_rate;
    quiet := waybill.micros(t - s.calm_since) / 1000000;
    IF quiet > 0 THEN
        most := least(s.limit_milli, coalesce(s.ceiling_milli, s.limit_milli));
        rate := least(most, rate + least(quiet, 100) * greatest(1, s.limit_milli / 50));
        s.calm_since := t;
    END IF;
    step_us := (1000000000 + rate - 1) / rate;
    first := greatest(s.arrival, t - (step_us * (s.burst - 1)) * interval '1 microsecond');
    horizon := t + interval '500 milliseconds';
    IF first >= horizon THEN
        wait_us := waybill.micros(first - horizon) + step_us;
        probe := false;
    ELSE
        granted := least(wanted, (waybill.micros(horizon - first) + step_us - 1) / step_us, greatest(1, 200000 / step_us));
        first_us := waybill.micros(first - t);
        s.arrival := first + (granted * step_us) * interval '1 microsecond';
    END IF;
    UPDATE waybill.send_control SET
        milli_rate = rate, calm_since = s.calm_since, arrival = s.arrival,
        probe_worker = CASE WHEN probe THEN in_worker ELSE probe_worker END,
        probe_expires = CASE WHEN probe THEN t + interval '60 seconds' ELSE probe_expires END
    WHERE region = in_region;
END
$$;

CREATE FUNCTION waybill.micros(length interval) RETURNS bigint
LANGUAGE sql IMMUTABLE
AS $$ SELECT round(extract(epoch FROM length) * 1000000)::bigint $$;
COMMENT ON FUNCTION waybill.micros(interval) IS 'An interval in whole microseconds.';
COMMENT ON FUNCTION waybill.send_slots(text, uuid, bigint) IS 'Hands out send slots, at most so many, as offsets from now.';

-- What a worker heard from SES: accepted, throttled, unknown, unused, or the cause of a hold.
CREATE FUNCTION waybill.send_news(in_region text, in_worker uuid, news text, what text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    s waybill.send_control;
    t timestamptz;
    mine boolean;
BEGIN
    SELECT * INTO s FROM waybill.send_control WHERE region = in_region FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no send rate is set for the region %', in_region USING ERRCODE = 'no_data_found';
    END IF;
    t := clock_timestamp();
    mine := s.hold IS NOT NULL AND s.probe_worker IS NOT DISTINCT FROM in_worker;
    CASE news
    WHEN 'accepted' THEN
        s.hold := NULL; s.hold_detail := NULL; s.hold_since := NULL; s.hold_until := NULL;
        s.failed_probes := 0; s.unknowns := '{}'; s.probe_worker := NULL; s.probe_expires := NULL;
    WHEN 'throttled' THEN
        s.calm_since := t;
        IF s.last_cut IS NULL OR t - s.last_cut >= interval '1 second' THEN
            s.milli_rate := greatest(s.limit_milli / 100, s.milli_rate * 4 / 5, 1);
            s.last_cut := t;
        END IF;
        IF mine THEN
            s.probe_worker := NULL; s.probe_expires := NULL;
            s.hold_until := greatest(s.hold_until, t + interval '1 second');
        END IF;
    WHEN 'unused' THEN
        IF mine THEN
            s.probe_worker := NULL; s.probe_expires := NULL;
        END IF;
    WHEN 'unknown' THEN
        IF s.hold IS NOT NULL THEN
            IF mine THEN
                s.probe_worker := NULL; s.probe_expires := NULL;
                s.hold_until := greatest(s.hold_until,
                    t + least(10, 1 << least(s.failed_probes, 4)) * interval '1 second');
                s.failed_probes := s.failed_probes + 1;
            END IF;
        ELSE
            s.unknowns := ARRAY(
                SELECT u FROM unnest(s.unknowns || t) AS u WHERE t - u < interval '10 seconds' ORDER BY u DESC LIMIT 3);
            IF cardinality(s.unknowns) = 3 THEN
                s.hold := 'unknown-outcomes';
                s.hold_detail := '3 sends within 10 s had no known outcome';
                s.hold_since := t; s.hold_until := t + interval '1 second';
                s.failed_probes := 0; s.unknowns := '{}';
                s.probe_worker := NULL; s.probe_expires := NULL;
            END IF;
        END IF;
    ELSE
        s.hold_since := CASE WHEN s.hold = news THEN s.hold_since ELSE t END;
        s.hold := news; s.hold_detail := what; s.hold_until := t + interval '30 seconds';
        s.failed_probes := 0; s.probe_worker := NULL; s.probe_expires := NULL;
    END CASE;
    UPDATE waybill.send_control c SET
        milli_rate = s.milli_rate, calm_since = s.calm_since, last_cut = s.last_cut, unknowns = s.unknowns,
        hold = s.hold, hold_detail = s.hold_detail, hold_since = s.hold_since, hold_until = s.hold_until,
        failed_probes = s.failed_probes, probe_worker = s.probe_worker, probe_expires = s.probe_expires
    WHERE c.region = in_region;
END
$$;
COMMENT ON FUNCTION waybill.send_news(text, uuid, text, text) IS 'What a worker heard from SES, for the send rate and the breaker.';

-- The limits of the account. A rate that was lowered stays so and rises by itself.
CREATE FUNCTION waybill.set_send_limits(in_region text, new_limit bigint, new_burst bigint, cause text, what text)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    t timestamptz := clock_timestamp();
BEGIN
    INSERT INTO waybill.send_control (region, limit_milli, milli_rate, burst)
    VALUES (in_region, new_limit, new_limit, new_burst)
    ON CONFLICT (region) DO NOTHING;
    UPDATE waybill.send_control SET
        limit_milli = new_limit,
        burst = new_burst,
        milli_rate = CASE
            WHEN milli_rate >= least(limit_milli, coalesce(ceiling_milli, limit_milli))
            THEN least(new_limit, coalesce(ceiling_milli, new_limit))
            ELSE least(milli_rate, new_limit, coalesce(ceiling_milli, new_limit)) END
    WHERE region = in_region
        AND (limit_milli, burst) IS DISTINCT FROM (new_limit, new_burst);
    IF cause IS NOT NULL THEN
        PERFORM waybill.send_news(in_region, NULL, cause, what);
    ELSE
        UPDATE waybill.send_control SET hold_until = least(hold_until, t)
        WHERE region = in_region AND hold IN ('quota-exceeded', 'sending-paused', 'account-suspended');
    END IF;
END
$$;
COMMENT ON FUNCTION waybill.set_send_limits(text, bigint, bigint, text, text) IS 'What the account allows now: rate, burst, and a cause when it does not send at all.';
