-- What was used of AWS by the hour, what it cost, and what was said about it. Money is in whole micro-dollars.

CREATE TABLE waybill.usage_hourly (
    hour timestamptz NOT NULL CHECK (hour = date_trunc('hour', hour, 'UTC')),
    meter text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL DEFAULT '',
    thousandths bigint NOT NULL CHECK (thousandths >= 0),
    PRIMARY KEY (hour, meter, resource)
) WITH (fillfactor = 70);
COMMENT ON TABLE waybill.usage_hourly IS 'What the cluster used of AWS, by hour. Workers add to it once a minute.';
COMMENT ON COLUMN waybill.usage_hourly.hour IS 'When the hour began, in UTC.';
COMMENT ON COLUMN waybill.usage_hourly.meter IS 'What was used: ses.recipients, dynamodb.write-units.';
COMMENT ON COLUMN waybill.usage_hourly.resource IS 'Of which table, index, queue or topic; empty where that says nothing.';
COMMENT ON COLUMN waybill.usage_hourly.thousandths IS 'How much, in thousandths of the meter''s unit.';

CREATE TABLE waybill.usage_sources (
    source text COLLATE "C" PRIMARY KEY,
    flush bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 70);
COMMENT ON TABLE waybill.usage_sources IS 'How far each process has come with telling its use: a flush that is told again adds nothing.';
COMMENT ON COLUMN waybill.usage_sources.source IS 'The process, by a name that it draws when it starts; schedule is what runs by the hour.';
COMMENT ON COLUMN waybill.usage_sources.flush IS 'The number of its last flush; of the schedule the last hour, counted from 1970.';
COMMENT ON COLUMN waybill.usage_sources.at IS 'When that was.';

CREATE FUNCTION waybill.add_usage(
    source text, flush bigint, hours timestamptz[], meters text[], resources text[], thousandths bigint[]
) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    INSERT INTO waybill.usage_sources AS s (source, flush) VALUES (add_usage.source, add_usage.flush)
    ON CONFLICT ON CONSTRAINT usage_sources_pkey DO UPDATE SET flush = excluded.flush, at = clock_timestamp()
    WHERE s.flush < excluded.flush;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    -- In one order, so that two flushes do not wait for each other.
    INSERT INTO waybill.usage_hourly AS u (hour, meter, resource, thousandths)
    SELECT a.hour, a.meter, a.resource, sum(a.thousandths)
    FROM unnest(hours, meters, resources, add_usage.thousandths) AS a(hour, meter, resource, thousandths)
    GROUP BY a.hour, a.meter, a.resource
    ORDER BY a.hour, a.meter, a.resource
    ON CONFLICT ON CONSTRAINT usage_hourly_pkey DO UPDATE SET thousandths = u.thousandths + excluded.thousandths;
    RETURN true;
END
$$;
COMMENT ON FUNCTION waybill.add_usage(text, bigint, timestamptz[], text[], text[], bigint[]) IS 'Adds what a process used since its last flush. False, and nothing added, when this flush or a later one of the process is in already.';

CREATE TABLE waybill.costs_hourly (
    hour timestamptz NOT NULL,
    meter text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    unit text NOT NULL,
    is_fixed boolean NOT NULL,
    is_by_hour boolean NOT NULL,
    thousandths bigint NOT NULL CHECK (thousandths >= 0),
    microdollars bigint NOT NULL CHECK (microdollars >= 0),
    prices_as_of date NOT NULL,
    PRIMARY KEY (hour, meter)
);
COMMENT ON TABLE waybill.costs_hourly IS 'What each hour''s use added to its month''s bill. The leader prices it each minute.';
COMMENT ON COLUMN waybill.costs_hourly.hour IS 'As usage_hourly.hour.';
COMMENT ON COLUMN waybill.costs_hourly.meter IS 'As usage_hourly.meter.';
COMMENT ON COLUMN waybill.costs_hourly.service IS 'Whose it is: SES, DynamoDB.';
COMMENT ON COLUMN waybill.costs_hourly.unit IS 'One of what is counted.';
COMMENT ON COLUMN waybill.costs_hourly.is_fixed IS 'It rises with time, however many emails there are; otherwise with the emails.';
COMMENT ON COLUMN waybill.costs_hourly.is_by_hour IS 'It is there, hour by hour, rather than used: the fixed schedule of the forecast.';
COMMENT ON COLUMN waybill.costs_hourly.thousandths IS 'All resources together.';
COMMENT ON COLUMN waybill.costs_hourly.microdollars IS 'By list prices, tiers and what is free in the order of time within the month.';
COMMENT ON COLUMN waybill.costs_hourly.prices_as_of IS 'The day of the price book.';

CREATE TABLE waybill.cost_status (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    at timestamptz,
    month date,
    to_date bigint,
    fixed bigint,
    emails bigint,
    forecast bigint,
    forecast_low bigint,
    forecast_high bigint,
    method text,
    error_percent double precision,
    budget bigint,
    region text,
    plan text,
    prices_as_of date,
    unverified text[] NOT NULL DEFAULT '{}',
    trouble text,
    trouble_at timestamptz
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
INSERT INTO waybill.cost_status DEFAULT VALUES;
COMMENT ON TABLE waybill.cost_status IS 'What the month has cost and is going to cost, as the leader last reckoned: one row.';
COMMENT ON COLUMN waybill.cost_status.one IS 'There is one row.';
COMMENT ON COLUMN waybill.cost_status.at IS 'When it was last reckoned without trouble; null for never.';
COMMENT ON COLUMN waybill.cost_status.month IS 'The first day of the month, in UTC.';
COMMENT ON COLUMN waybill.cost_status.to_date IS 'Micro-dollars until now.';
COMMENT ON COLUMN waybill.cost_status.fixed IS 'Of them what rises with time.';
COMMENT ON COLUMN waybill.cost_status.emails IS 'Emails that SES accepted in the month.';
COMMENT ON COLUMN waybill.cost_status.forecast IS 'Micro-dollars at the month''s end.';
COMMENT ON COLUMN waybill.cost_status.forecast_low IS 'With forecast_high: where it ends in about four of five cases.';
COMMENT ON COLUMN waybill.cost_status.forecast_high IS 'See forecast_low.';
COMMENT ON COLUMN waybill.cost_status.method IS 'How the forecast was made, and what it rests on.';
COMMENT ON COLUMN waybill.cost_status.error_percent IS 'ForecastMAPE: by how much the forecasts of past months, made on days 7, 15 and 22, would have been wrong. Null without a past month.';
COMMENT ON COLUMN waybill.cost_status.budget IS 'Micro-dollars a month (WAYBILL_BUDGET_DOLLARS); null for none.';
COMMENT ON COLUMN waybill.cost_status.region IS 'Whose prices.';
COMMENT ON COLUMN waybill.cost_status.plan IS 'SES''s price plan.';
COMMENT ON COLUMN waybill.cost_status.prices_as_of IS 'The day of the price book.';
COMMENT ON COLUMN waybill.cost_status.unverified IS 'Meters in the sum whose prices nobody looked up.';
COMMENT ON COLUMN waybill.cost_status.trouble IS 'Why the costs cannot be reckoned; null while they can. The numbers are then those of before.';
COMMENT ON COLUMN waybill.cost_status.trouble_at IS 'Since when.';

CREATE TABLE waybill.cost_alerts (
    month date NOT NULL,
    threshold text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    most bigint NOT NULL,
    hour timestamptz,
    raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    term bigint NOT NULL,
    told_at timestamptz,
    PRIMARY KEY (month, threshold)
);
CREATE INDEX cost_alerts_untold ON waybill.cost_alerts (raised_at) WHERE told_at IS NULL;
COMMENT ON TABLE waybill.cost_alerts IS 'What was said about a month''s costs: each threshold once a month.';
COMMENT ON COLUMN waybill.cost_alerts.month IS 'The first day of the month.';
COMMENT ON COLUMN waybill.cost_alerts.threshold IS 'actual-50, actual-80, actual-100, forecast-100: percent of the budget. anomaly, anomaly-severe: an hour that cost far more than its hour of the week does.';
COMMENT ON COLUMN waybill.cost_alerts.amount IS 'What was reached: the month''s cost, its forecast, or the hour''s cost.';
COMMENT ON COLUMN waybill.cost_alerts.most IS 'What it was measured against: the budget, or what the hour may cost.';
COMMENT ON COLUMN waybill.cost_alerts.hour IS 'The hour of an anomaly.';
COMMENT ON COLUMN waybill.cost_alerts.raised_at IS 'When.';
COMMENT ON COLUMN waybill.cost_alerts.term IS 'In whose term.';
COMMENT ON COLUMN waybill.cost_alerts.told_at IS 'When SNS took it; null until then.';

CREATE FUNCTION waybill.dollars(microdollars numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE
AS $$ SELECT round(microdollars / 1000000, 4) $$;
COMMENT ON FUNCTION waybill.dollars(numeric) IS 'Micro-dollars as dollars, to a hundredth of a cent.';

CREATE VIEW admin.cost_now AS
SELECT month, waybill.dollars(to_date) AS to_date, waybill.dollars(fixed) AS fixed,
    waybill.dollars(to_date - fixed) AS variable, emails,
    CASE WHEN emails > 0 THEN waybill.dollars(to_date::numeric * 1000 / emails) END AS per_thousand,
    waybill.dollars(forecast) AS forecast, waybill.dollars(forecast_low) AS forecast_low,
    waybill.dollars(forecast_high) AS forecast_high, method AS forecast_method,
    round(error_percent::numeric, 1) AS forecast_error_percent, waybill.dollars(budget) AS budget,
    CASE WHEN budget > 0 THEN round(to_date::numeric * 100 / budget, 1) END AS budget_used_percent,
    region, plan, prices_as_of, array_to_string(unverified, ', ') AS unverified_prices, at AS reckoned_at, trouble
FROM waybill.cost_status;
COMMENT ON VIEW admin.cost_now IS 'What this month has cost and is going to cost, in dollars by list prices.';
COMMENT ON COLUMN admin.cost_now.month IS 'The first day of the month, in UTC.';
COMMENT ON COLUMN admin.cost_now.to_date IS 'Until now.';
COMMENT ON COLUMN admin.cost_now.fixed IS 'Of it what rises with time.';
COMMENT ON COLUMN admin.cost_now.variable IS 'Of it what rises with the emails.';
COMMENT ON COLUMN admin.cost_now.emails IS 'Emails that SES accepted.';
COMMENT ON COLUMN admin.cost_now.per_thousand IS 'Of everything, for a thousand emails.';
COMMENT ON COLUMN admin.cost_now.forecast IS 'At the month''s end.';
COMMENT ON COLUMN admin.cost_now.forecast_low IS 'With forecast_high: where it ends in about four of five cases.';
COMMENT ON COLUMN admin.cost_now.forecast_high IS 'See forecast_low.';
COMMENT ON COLUMN admin.cost_now.forecast_method IS 'How it was made, and what it rests on.';
COMMENT ON COLUMN admin.cost_now.forecast_error_percent IS 'How wrong such forecasts of past months would have been on average.';
COMMENT ON COLUMN admin.cost_now.budget IS 'A month''s; null for none.';
COMMENT ON COLUMN admin.cost_now.budget_used_percent IS 'How much of it is used.';
COMMENT ON COLUMN admin.cost_now.region IS 'Whose prices.';
COMMENT ON COLUMN admin.cost_now.plan IS 'SES''s price plan.';
COMMENT ON COLUMN admin.cost_now.prices_as_of IS 'The day of the price book.';
COMMENT ON COLUMN admin.cost_now.unverified_prices IS 'Meters in the sum whose prices nobody looked up.';
COMMENT ON COLUMN admin.cost_now.reckoned_at IS 'When the leader did; null for never.';
COMMENT ON COLUMN admin.cost_now.trouble IS 'Why it cannot now; the numbers are then those of before.';

CREATE VIEW admin.cost_hours AS
SELECT hour, service, meter, round(thousandths::numeric / 1000, 3) AS used, unit, waybill.dollars(microdollars) AS dollars,
    CASE WHEN is_fixed THEN 'fixed' ELSE 'variable' END AS nature, prices_as_of
FROM waybill.costs_hourly;
COMMENT ON VIEW admin.cost_hours IS 'What each hour added to its month''s bill, by meter.';
COMMENT ON COLUMN admin.cost_hours.hour IS 'When the hour began.';
COMMENT ON COLUMN admin.cost_hours.service IS 'The service of AWS.';
COMMENT ON COLUMN admin.cost_hours.meter IS 'What was used.';
COMMENT ON COLUMN admin.cost_hours.used IS 'How many units.';
COMMENT ON COLUMN admin.cost_hours.unit IS 'One of them.';
COMMENT ON COLUMN admin.cost_hours.dollars IS 'What they cost.';
COMMENT ON COLUMN admin.cost_hours.nature IS 'fixed rises with time, variable with the emails.';
COMMENT ON COLUMN admin.cost_hours.prices_as_of IS 'The day of the price book.';

CREATE VIEW admin.cost_days AS
SELECT (hour AT TIME ZONE 'UTC')::date AS day, service, waybill.dollars(sum(microdollars)) AS dollars,
    waybill.dollars(coalesce(sum(microdollars) FILTER (WHERE is_fixed), 0)) AS fixed,
    waybill.dollars(coalesce(sum(microdollars) FILTER (WHERE NOT is_fixed), 0)) AS variable, max(prices_as_of) AS prices_as_of
FROM waybill.costs_hourly
GROUP BY 1, 2;
COMMENT ON VIEW admin.cost_days IS 'What each day cost, by service.';
COMMENT ON COLUMN admin.cost_days.day IS 'In UTC.';
COMMENT ON COLUMN admin.cost_days.service IS 'The service of AWS.';
COMMENT ON COLUMN admin.cost_days.dollars IS 'All of it.';
COMMENT ON COLUMN admin.cost_days.fixed IS 'What rises with time.';
COMMENT ON COLUMN admin.cost_days.variable IS 'What rises with the emails.';
COMMENT ON COLUMN admin.cost_days.prices_as_of IS 'The day of the newest price book in it.';

CREATE VIEW admin.cost_months AS
WITH months AS (
    SELECT date_trunc('month', hour AT TIME ZONE 'UTC')::date AS month, service, meter, is_fixed, thousandths, microdollars, prices_as_of
    FROM waybill.costs_hourly
), emails AS (
    SELECT month, sum(thousandths) / 1000 AS emails FROM months WHERE meter = 'ses.recipients' GROUP BY month
)
SELECT month, service, waybill.dollars(sum(microdollars)) AS dollars,
    waybill.dollars(coalesce(sum(microdollars) FILTER (WHERE is_fixed), 0)) AS fixed,
    waybill.dollars(coalesce(sum(microdollars) FILTER (WHERE NOT is_fixed), 0)) AS variable,
    CASE WHEN max(emails) > 0 THEN waybill.dollars(sum(microdollars) * 1000 / max(emails)) END AS per_thousand,
    max(prices_as_of) AS prices_as_of
FROM months LEFT JOIN emails USING (month)
GROUP BY month, service;
COMMENT ON VIEW admin.cost_months IS 'What each month cost, by service.';
COMMENT ON COLUMN admin.cost_months.month IS 'Its first day, in UTC.';
COMMENT ON COLUMN admin.cost_months.service IS 'The service of AWS.';
COMMENT ON COLUMN admin.cost_months.dollars IS 'All of it.';
COMMENT ON COLUMN admin.cost_months.fixed IS 'What rises with time.';
COMMENT ON COLUMN admin.cost_months.variable IS 'What rises with the emails.';
COMMENT ON COLUMN admin.cost_months.per_thousand IS 'For a thousand emails of the month.';
COMMENT ON COLUMN admin.cost_months.prices_as_of IS 'The day of the newest price book in it.';

CREATE VIEW admin.cost_alerts AS
SELECT month, threshold, waybill.dollars(amount) AS dollars, waybill.dollars(most) AS measured_against, hour, raised_at, told_at
FROM waybill.cost_alerts;
COMMENT ON VIEW admin.cost_alerts IS 'What was said about costs: each threshold once a month.';
COMMENT ON COLUMN admin.cost_alerts.month IS 'Its first day.';
COMMENT ON COLUMN admin.cost_alerts.threshold IS 'actual-50, actual-80, actual-100, forecast-100: percent of the budget. anomaly, anomaly-severe: an hour that cost far more than its hour of the week does.';
COMMENT ON COLUMN admin.cost_alerts.dollars IS 'What was reached.';
COMMENT ON COLUMN admin.cost_alerts.measured_against IS 'The budget, or what the hour may cost.';
COMMENT ON COLUMN admin.cost_alerts.hour IS 'The hour of an anomaly.';
COMMENT ON COLUMN admin.cost_alerts.raised_at IS 'When.';
COMMENT ON COLUMN admin.cost_alerts.told_at IS 'When SNS took it; null while it has not.';

CREATE VIEW admin.cost_usage AS
SELECT hour, meter, resource, round(thousandths::numeric / 1000, 3) AS used FROM waybill.usage_hourly;
COMMENT ON VIEW admin.cost_usage IS 'What was used, by hour, meter and resource, priced or not.';
COMMENT ON COLUMN admin.cost_usage.hour IS 'When the hour began.';
COMMENT ON COLUMN admin.cost_usage.meter IS 'What was used.';
COMMENT ON COLUMN admin.cost_usage.resource IS 'Of which table, index, queue or topic.';
COMMENT ON COLUMN admin.cost_usage.used IS 'How many units.';

SELECT waybill.secure_admin();
