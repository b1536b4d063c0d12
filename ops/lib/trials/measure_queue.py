"""What waiting jobs, an open transaction and idle workers cost PostgreSQL. ops/measure-queue calls it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys

from .children import until
from .cluster import Cluster, Plan, cluster, say
from .orders import Stream, settle
from .sql import Session
from .trial import arguments, performed

#: Jobs that wait while the usual throughput is measured.
_FEW = 20_000
#: Sessions that claim at the same time, and jobs a claim.
_CLIENTS, _BATCH = 4, 32
#: How often both are measured, in turn.
_TURNS = 3
#: Idle workers that are watched, and for how long.
_IDLE, _IDLE_SECONDS = 3, 60
_STATEMENTS = {"claim": "%claimed AS%SKIP LOCKED%", "finish": "%tallied AS%INSERT INTO waybill.history (%"}

#: New jobs in, a claim, a settlement, each in a commit of its own: the backlog keeps its size. The statements are the
#: program's own, and claims begin where the program's do (ClaimLook): behind the last one, once a second two seconds
#: further back, and at the start of the index for a fiftieth of the time, at least once a minute.
_WORK = """
CREATE PROCEDURE public.trial_work(claim text, finish text, w uuid, seconds integer, INOUT told jsonb)
LANGUAGE plpgsql AS $work$
DECLARE
    r record;
    ids bigint[];
    epochs bigint[];
    is_full boolean; is_recent boolean;
    p integer; at timestamptz; i bigint;
    mark_p integer; mark_at timestamptz;
    from_p integer; from_at timestamptz; from_i bigint;
    next_full timestamptz := '-infinity'; next_recent timestamptz := '-infinity';
    usual interval := '0';
    began timestamptz; claimed timestamptz; settled timestamptz; ended timestamptz;
    filling interval := '0'; claiming interval := '0'; looking interval := '0'; settling interval := '0';
    rounds bigint := 0; looks bigint := 0; done bigint := 0;
    deadline timestamptz := clock_timestamp() + seconds * interval '1 second';
BEGIN
    WHILE clock_timestamp() < deadline LOOP
        began := clock_timestamp();
        PERFORM public.trial_fill(%(batch)d);
        COMMIT;
        claimed := clock_timestamp();
        is_full := claimed >= next_full OR p IS NULL;
        is_recent := NOT is_full AND claimed >= next_recent;
        IF is_full THEN
            from_p := -2147483648; from_at := '-infinity'; from_i := 0;
        ELSIF is_recent THEN
            from_p := mark_p; from_at := least(at, mark_at - interval '2 seconds'); from_i := 0;
        ELSE
            from_p := p; from_at := at; from_i := i;
        END IF;
        ids := '{}'; epochs := '{}';
        FOR r IN EXECUTE claim USING w, %(batch)d, from_p, from_at, from_i LOOP
            ids := ids || r.id; epochs := epochs || r.epoch; p := r.priority; at := r.run_at; i := r.id;
        END LOOP;
        COMMIT;
        settled := clock_timestamp();
        IF is_full THEN
            looks := looks + 1;
            looking := looking + (settled - claimed);
            next_full := claimed
                + least(greatest(interval '1 second', (settled - claimed - usual) * 50), interval '1 minute');
            mark_p := p; mark_at := at;
        ELSE
            usual := settled - claimed;
            claiming := claiming + usual;
            IF (p, at) > (mark_p, mark_at) THEN
                mark_p := p; mark_at := at;
            END IF;
        END IF;
        IF is_full OR is_recent THEN
            next_recent := claimed + interval '1 second';
        END IF;
        IF ids <> '{}' THEN
            EXECUTE finish USING ids, epochs, array_fill('SENT'::text, ARRAY[cardinality(ids)]),
                array_fill('message'::text, ARRAY[cardinality(ids)]), w;
            done := done + cardinality(ids);
        END IF;
        COMMIT;
        ended := clock_timestamp();
        filling := filling + (claimed - began); settling := settling + (ended - settled); rounds := rounds + 1;
    END LOOP;
    told := jsonb_build_object('jobs', done, 'rounds', rounds, 'looks', looks,
        'enqueue', 1000 * extract(epoch FROM filling), 'claim', 1000 * extract(epoch FROM claiming),
        'look', 1000 * extract(epoch FROM looking), 'settle', 1000 * extract(epoch FROM settling));
END
$work$;
CREATE FUNCTION public.trial_fill(many integer) RETURNS void LANGUAGE sql AS $fill$
    WITH made AS (
        INSERT INTO waybill.jobs (delivery, payload, payload_hash, email)
        SELECT 'order-confirmation/' || gen_random_uuid(), repeat('x', 400), sha256('x'), 'ann@example.com'
        FROM generate_series(1, many) RETURNING id
    ) INSERT INTO waybill.queue (id) SELECT id FROM made
$fill$;
""" % {
    "batch": _BATCH
}


async def run(options: argparse.Namespace) -> bool:
    """One trial; whether every figure was reached."""
    plan = Plan(
        program=options.program,
        send_rate=100,
        postgres_options=(
            "shared_preload_libraries=pg_stat_statements",
            "max_connections=300",
            # A server of 8 GB, as for a million jobs, and not the 128 MB that hold twenty thousand.
            "shared_buffers=2GB",
            "max_wal_size=8GB",
            # The whole text of a statement, in pg_stat_activity.
            "track_activity_query_size=16384",
        ),
    )
    async with cluster(plan) as made:
        watch = made.session("watch")
        await watch.rows("CREATE EXTENSION pg_stat_statements")
        texts = await _statements(made, watch)
        idle = await _idle(watch)
        for worker in made.workers:
            await made.stop(worker)
        await watch.rows(_WORK.strip().removesuffix(";"), 60)
        bench = Bench(made, watch, texts)
        line: dict[str, object] = {"statementsPerIdleWorker": idle}
        line["waiting"] = await bench.waiting(options.jobs, options.seconds)
        line["openTransaction"] = await bench.open_transaction(options.minutes)
    line["machine"] = f"{os.cpu_count()} cores, load {os.getloadavg()[1]:.1f}"
    print(json.dumps(line, separators=(",", ":")))
    costs = [line["waiting"]["cost"], line["openTransaction"]["cost"]]  # type: ignore[index]
    return idle < 5 and costs[0] < 0.1 and costs[1] < 0.2


async def _statements(made: Cluster, watch: Session) -> dict[str, str]:
    """The program's own statements, as PostgreSQL sees them while three workers do some work."""
    await made.begin_workers(_IDLE)
    stream = Stream(made, "some")
    await stream.open()
    texts: dict[str, str] = {}

    async def are_seen() -> bool:
        for name, pattern in _STATEMENTS.items():
            query = (
                f"SELECT encode(convert_to(query, 'UTF8'), 'hex') FROM pg_stat_activity WHERE query LIKE '{pattern}'"
            )
            rows = await watch.rows(f"{query} AND pid <> pg_backend_pid() LIMIT 1")
            if rows:
                texts[name] = bytes.fromhex(rows[0][0]).decode()
        if len(texts) < len(_STATEMENTS):
            await stream.write(5)
        return len(texts) == len(_STATEMENTS)

    await until(are_seen, within=120, what="PostgreSQL was asked to claim and to finish jobs", every=0.05)
    await stream.close()
    await settle(made, watch, 300)
    return texts


async def _idle(watch: Session) -> float:
    """Statements a second of an idle worker, on the mean of all."""
    await watch.rows("SELECT pg_stat_statements_reset()")
    await asyncio.sleep(_IDLE_SECONDS)
    own = "query NOT LIKE '%pg_stat_statements%'"
    calls = int(await watch.value(f"SELECT sum(calls) FROM pg_stat_statements WHERE {own}"))
    short = "left(regexp_replace(query, '\\s+', ' ', 'g'), 100)"
    for query, times in await watch.rows(f"SELECT {short}, calls FROM pg_stat_statements ORDER BY calls DESC LIMIT 10"):
        say(f"{int(times) / _IDLE_SECONDS / _IDLE:6.2f}/s  {query}")
    return round(calls / _IDLE_SECONDS / _IDLE, 2)


class Bench:
    """Sessions that claim and settle as fast as they can."""

    def __init__(self, made: Cluster, watch: Session, texts: dict[str, str]) -> None:
        self._watch = watch
        self._texts = texts
        self._made = made
        self._clients = [made.session(f"client-{number}") for number in range(_CLIENTS)]

    async def throughput(self, seconds: int) -> float:
        """Jobs a second of all sessions."""
        await self._watch.rows("DELETE FROM waybill.workers")
        workers = await self._watch.rows(
            "INSERT INTO waybill.workers (id, host, process_id, version, roles, expires_at) "
            "SELECT gen_random_uuid(), 'trial', n, '0', '{send}', 'infinity' "
            f"FROM generate_series(1, {_CLIENTS}) n RETURNING id"
        )
        calls = [
            client.value(
                f"CALL public.trial_work($c${self._texts['claim']}$c$, $f${self._texts['finish']}$f$, "
                f"'{row[0]}', {seconds}, '{{}}')",
                seconds + 120,
            )
            for client, row in zip(self._clients, workers, strict=True)
        ]
        told = [json.loads(text) for text in await asyncio.gather(*calls)]
        total = {name: sum(session[name] for session in told) for name in told[0]}
        rounds, looks = max(1, total["rounds"]), max(1, total["looks"])
        say(
            f"{total['jobs'] / seconds:.0f} jobs a second; a round: enqueue {total['enqueue'] / rounds:.2f} ms, "
            f"claim {total['claim'] / max(1, rounds - looks):.2f} ms, settle {total['settle'] / rounds:.2f} ms; "
            f"{total['looks']} full looks of {total['look'] / looks:.0f} ms"
        )
        return total["jobs"] / seconds

    async def fill(self, jobs: int) -> None:
        """Exactly so many jobs wait, and the planner knows it."""
        # The history of what was measured before would make the next slower than the last.
        await self._watch.rows("TRUNCATE waybill.jobs, waybill.queue, waybill.history", 60)
        for _ in range(0, jobs, 20_000):
            await self._watch.rows(f"SELECT public.trial_fill({min(jobs, 20_000)})", 120)
        await self._watch.rows("VACUUM ANALYZE waybill.queue", 600)
        await self._watch.rows("VACUUM ANALYZE waybill.jobs", 600)
        await self._watch.rows("CHECKPOINT", 600)
        say(f"{jobs} jobs wait")

    async def waiting(self, jobs: int, seconds: int) -> dict[str, object]:
        """The throughput with many jobs waiting, each time between two measurements with few."""
        few: list[float] = []
        many: list[float] = []
        for _ in range(_TURNS):
            await self.fill(_FEW)
            few.append(await self.throughput(seconds))
            await self.fill(jobs)
            many.append(await self.throughput(seconds))
        await self.fill(_FEW)
        few.append(await self.throughput(seconds))
        return _compared(few, many) | {"jobs": jobs, "few": _FEW}

    async def open_transaction(self, minutes: int) -> dict[str, object]:
        """The throughput at the end of so many minutes of work, without an administrator's transaction and with one."""
        await self.fill(_FEW)
        without = await self._at_the_end(minutes)
        await self.fill(_FEW)
        admin = self._made.session("admin")
        await admin.rows("BEGIN ISOLATION LEVEL REPEATABLE READ")
        await admin.rows("SELECT count(*) FROM waybill.queue")
        late = await self._at_the_end(minutes)
        await admin.rows("ROLLBACK")
        return _compared(without, late) | {"minutes": minutes}

    async def _at_the_end(self, minutes: int) -> list[float]:
        await self.throughput((minutes - 2) * 60)
        return [await self.throughput(60), await self.throughput(60)]


def _compared(usual: list[float], other: list[float]) -> dict[str, object]:
    """Jobs a second in both cases, and which share of them the second costs."""
    one, two = sum(usual) / len(usual), sum(other) / len(other)
    return {
        "usual": [round(value) for value in usual],
        "then": [round(value) for value in other],
        "cost": round(1 - two / one, 3),
    }


def main() -> int:
    parser = arguments("measure-queue", __doc__)
    parser.add_argument("--jobs", type=int, required=True)
    parser.add_argument("--minutes", type=int, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    return performed("measure-queue", run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
