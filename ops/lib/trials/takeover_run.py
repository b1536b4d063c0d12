"""Kills the leader again and again, and measures how soon others do its work. ops/takeover calls it."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import sys
import time

from . import takeover
from .children import until
from .cluster import Cluster, Plan, Worker, cluster, say
from .judgement import spread
from .orders import Count, Stream, settle
from .sql import Session
from .trial import arguments, performed

#: P5: a leader's work and a killed worker's jobs are others' within so many seconds (p99).
PROMISED_SECONDS = 15.0
#: Orders a second.
_RATE = 6.0
#: The cluster may send so much faster: an email whose slow write outlasts its slot needs a second one, and the load is to
#: stay light.
_HEADROOM = 4.0
#: A write to the record takes so long, so that there are jobs in hand whenever a worker is killed.
_SLOW_WRITE = {"service": "dynamodb", "operation": "UpdateItem", "kind": "delay", "ms": 700}
_BOUND_SECONDS = 900.0


async def run(options: argparse.Namespace) -> bool:
    """One trial; whether it was fast enough."""
    rng = random.Random(options.seed)
    kills: list[takeover.Takeover] = []
    begun: list[float] = []
    async with cluster(Plan(program=options.program, send_rate=_HEADROOM * _RATE)) as made:
        await made.begin_workers(options.workers)
        session = made.session("watch")
        await made.aws.begin("slow", [_SLOW_WRITE])
        load, over = Stream(made, "load"), asyncio.Event()
        await load.open()
        flow = asyncio.create_task(load.flow(_RATE, over))
        for number in range(options.kills):
            if flow.done():
                flow.result()
            leader = await _leader(made, session)
            # Renewals come every three seconds: anywhere between two of them.
            await asyncio.sleep(rng.uniform(0, 3))
            watched = await takeover.kill(made, leader, session)
            kills.append(watched)
            begun.append(await _replace(made, leader, session))
            say(
                f"{number + 1} of {options.kills}: leader after {watched.leader or 0:.1f} s, {len(watched.jobs)} jobs "
                f"after {max(watched.jobs, default=0):.1f} s, the new worker's first job after {begun[-1]:.1f} s"
            )
        over.set()
        await flow
        await load.close()
        await made.aws.cease("slow")
        await settle(made, session, _BOUND_SECONDS)
        count = Count(await made.aws.acceptances())
    leaders = spread([kill.leader for kill in kills if kill.leader is not None])
    jobs = spread([seconds for kill in kills for seconds in kill.jobs])
    line = {
        "kills": len(kills),
        "workers": options.workers,
        "leader": leaders,
        "jobs": jobs,
        "newWorkersFirstJob": spread(begun),
        "orders": len(load.written),
        "duplicates": sum(times - 1 for times in count.duplicates.values()),
        "promisedSeconds": PROMISED_SECONDS,
    }
    print(json.dumps(line, separators=(",", ":")))
    return not count.duplicates and all(_is_kept(figures["p99"]) for figures in (leaders, jobs))


def _is_kept(seconds: float | int | None) -> bool:
    return seconds is not None and seconds < PROMISED_SECONDS


async def _leader(made: Cluster, session: Session) -> Worker:
    """The worker that leads now."""
    found: list[Worker] = []

    async def is_led() -> bool:
        pid = await takeover.leader(session)
        found[:] = [worker for worker in made.workers if worker.pid == pid]
        return bool(found)

    await until(is_led, within=60, what="one of the workers leads")
    return found[0]


async def _replace(made: Cluster, worker: Worker, session: Session) -> float:
    """Starts the worker again; returns seconds from there to the first job that it has claimed."""
    await made.stop(worker, signal.SIGKILL)
    began = time.monotonic()
    await made.start(worker)
    pid = worker.pid

    async def works() -> bool:
        query = (
            "SELECT count(*) FROM waybill.workers w "
            f"WHERE w.process_id = {pid} AND w.expires_at > clock_timestamp() AND ("
            "EXISTS (SELECT FROM waybill.queue q WHERE q.worker = w.id) "
            "OR EXISTS (SELECT FROM waybill.history h WHERE h.worker = w.id))"
        )
        return await session.value(query) != "0"

    await until(works, within=60, what=f"{worker.name} has claimed a job")
    return time.monotonic() - began


def main() -> int:
    parser = arguments("takeover", __doc__)
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    return performed("takeover", run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
