-- Which jobs a worker holds, without reading the whole queue. An entry is made by a claim and goes with the vacuum.
--
-- The condition says state = 'leased' in words from which the planner does not conclude that a settlement could use this index: it would,
-- instead of the primary key, and read the entries of all jobs that the worker ever had, as long as a forgotten transaction
-- keeps them from being vacuumed. Measured: 45 % of the throughput after ten seconds. Who means this index says the same words.
CREATE INDEX queue_leased ON waybill.queue (worker) WHERE CASE state WHEN 'leased' THEN true ELSE false END;

CREATE OR REPLACE FUNCTION admin.jobs_of(worker text)
RETURNS TABLE (order_id text, delivery text, attempts integer, enqueued_at timestamptz, due timestamptz)
LANGUAGE sql STABLE
SET jit = off
AS $$
SELECT waybill.order_of(j.delivery), j.delivery, q.attempts, j.enqueued_at, q.run_at
FROM waybill.queue q JOIN waybill.jobs j USING (id)
WHERE CASE q.state WHEN 'leased' THEN true ELSE false END AND q.worker = waybill.worker_named(jobs_of.worker)
ORDER BY q.run_at, q.id
$$;
COMMENT ON FUNCTION admin.jobs_of(text) IS 'The jobs that a worker has leased, by its id or the beginning of it.';

SELECT waybill.secure_admin();
