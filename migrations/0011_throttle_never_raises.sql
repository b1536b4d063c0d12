-- A 429 never makes anybody faster: under an operator's ceiling below a hundredth of the account's rate it raised the rate
-- to that hundredth. The function is otherwise that of 0004, and the same in Swift: SendRateMachine.throttled.

CREATE OR REPLACE FUNCTION waybill.send_news(in_region text, in_worker uuid, news text, what text) RETURNS void
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
            s.milli_rate := least(s.milli_rate, greatest(
                least(s.limit_milli, coalesce(s.ceiling_milli, s.limit_milli)) / 100, s.milli_rate * 4 / 5, 1));
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
