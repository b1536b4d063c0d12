-- "At most ten times the rate and the burst in any ten seconds" holds at SES too, not only where slots are handed out: a slot may
-- be used 250 ms late, and a request is on its way for a while. So emails follow each other at 97 hundredths of the rate, which
-- leaves 309 ms in ten seconds for being late. And a worker is given 150 ms of slots at once, not 200: what it holds when it
-- dies is lost to the others. The function is otherwise that of 0004, and the same in Swift: SendRateMachine.

CREATE OR REPLACE FUNCTION waybill.send_slots(
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
    step_us := (100000000000 + 97 * rate - 1) / (97 * rate);
    first := greatest(s.arrival, t - (step_us * (s.burst - 1)) * interval '1 microsecond');
    horizon := t + interval '500 milliseconds';
    IF first >= horizon THEN
        wait_us := waybill.micros(first - horizon) + step_us;
        probe := false;
    ELSE
        granted := least(wanted, (waybill.micros(horizon - first) + step_us - 1) / step_us, greatest(1, 150000 / step_us));
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
