"""A cluster under real orders and every fault there is; then the witness is asked. ops/chaos calls it."""

from __future__ import annotations

import argparse
import asyncio
import collections
import json
import os
import signal
import sys
import time

from . import aws_faults, faults
from .children import Broken
from .cluster import Cluster, Plan, cluster, say
from .judgement import Probe, availability, percentile, rate_figures, recovery, spread
from .orders import Count, Stream, account, nap, settle
from .schedule import strikes
from .stage import Stage
from .trial import arguments, performed

KINDS = faults.KINDS | aws_faults.KINDS
#: A probe order goes out so often.
_PROBE_SECONDS = 2.0
#: The cluster may send so many times faster than orders come, to work off what an outage left.
_HEADROOM = 2.0
_BURST = 1
#: Beyond V + G and the time that the backlog needs at the rate set: a loaded machine is slow, and nothing is timed.
_PATIENCE_SECONDS = 900.0


async def run(options: argparse.Namespace) -> bool:
    """One trial; whether every promise was kept."""
    plan = Plan(
        program=options.program,
        send_rate=options.rate * _HEADROOM,
        wired=True,
        variables={"WAYBILL_CONCURRENCY": str(faults.IN_HAND), "WAYBILL_SEND_BURST": str(_BURST)},
    )
    async with cluster(plan) as made:
        await made.begin_workers(options.workers)
        session = made.session("watch")
        load, probes = Stream(made, "load"), Stream(made, "probe")
        await load.open()
        await probes.open("--bounce-per-thousand", "0", "--complaint-per-thousand", "0")
        stage = Stage(made, session)
        await _storm(stage, options, load, probes)
        await load.close()
        await probes.close()
        await _calm(stage)
        backlog = len(load.written) / plan.send_rate
        bound = plan.signature_seconds + plan.grace_seconds + backlog + _PATIENCE_SECONDS
        settled = await settle(made, session, bound)
        line = await _verdict(stage, options, load, probes)
        line["settleSeconds"] = round(settled, 1)
        kept = not line["broken"]
        if not kept:
            await _explain(made, line)
    print(json.dumps(line, separators=(",", ":")))
    return kept


async def _storm(stage: Stage, options: argparse.Namespace, load: Stream, probes: Stream) -> None:
    """Load and faults until the time is over; what began ends then."""
    began = time.monotonic()
    tasks = [
        asyncio.create_task(load.flow(options.rate, stage.over)),
        asyncio.create_task(probes.flow(1 / _PROBE_SECONDS, stage.over)),
        asyncio.create_task(stage.supervise()),
    ]
    kinds = [kind for kind in KINDS if kind in (options.kinds or KINDS)]
    for strike in strikes(options.seed, options.minutes * 60, kinds):
        await nap(began + strike.at - time.monotonic(), stage.over)
        tasks.append(asyncio.create_task(stage.strike(strike.kind, KINDS[strike.kind], strike.draw)))
        for task in tasks:
            if task.done():
                task.result()
    await nap(began + options.minutes * 60 - time.monotonic(), stage.over)
    stage.over.set()
    say("the faults end")
    await asyncio.gather(*tasks)


async def _calm(stage: Stage) -> None:
    """Everybody is well again: no process is stopped or gone, no wire cut, no fault in force."""
    for worker in stage.cluster.workers:
        if worker.child is not None:
            worker.child.send(signal.SIGCONT)
    if await stage.cluster.aws.ask("GET", "faults"):
        raise Broken("a fault of the local AWS is still in force")
    for worker in stage.cluster.workers:
        await stage.cluster.ready(worker)


async def _verdict(stage: Stage, options: argparse.Namespace, load: Stream, probes: Stream) -> dict[str, object]:
    """What came of it, as the last line says it. `broken` names the promises that were not kept."""
    count = Count(await stage.cluster.aws.acceptances())
    orders = load.names + probes.names
    ends, lost = await account(stage.cluster, orders)
    strangers = [order for order in count.counts if order not in set(orders)]
    watched = [
        Probe(written, count.first.get(name)) for name, written in zip(probes.names, probes.written, strict=True)
    ]
    rate = rate_figures(count.first.values(), rate=stage.cluster.plan.send_rate, burst=_BURST, held=stage.held)
    _keep(stage, count, rate.at)
    good, windows = availability(watched)
    unsent = [order for order in orders if not count.counts.get(order)]
    broken = []
    if count.duplicates or strangers:
        broken.append("duplicates")
    if lost:
        broken.append("unaccounted")
    if rate.violations:
        broken.append("rate")
    return {
        "minutes": options.minutes,
        "workers": options.workers,
        "rate": options.rate,
        "seed": options.seed,
        "orders": len(orders),
        "ends": ends,
        "unconfirmed": ends.get("UNCONFIRMED", 0),
        "notAccepted": len(unsent),
        "acceptances": sum(count.counts.values()),
        "maxAcceptances": max(count.counts.values(), default=0),
        "duplicates": sum(times - 1 for times in count.duplicates.values()),
        "duplicated": sorted(count.duplicates)[:20],
        "unaccounted": len(lost),
        "lost": lost[:20],
        **rate.as_json(),
        "availability": round(good / windows, 4) if windows else None,
        "windows": windows,
        "probes": len(watched),
        "probesInTime": sum(probe.in_time for probe in watched),
        "takeover": _takeovers(stage),
        "recovery": _recoveries(stage, watched),
        "faults": len(stage.faults),
        "leftOut": len(stage.left_out),
        "badDrains": stage.bad_drains,
        "revived": stage.revived,
        "machine": f"{os.cpu_count()} cores, load {os.getloadavg()[1]:.1f}",
        "broken": broken,
    }


def _keep(stage: Stage, count: Count, busiest: float) -> None:
    """For whom must find out what went wrong: what struck when, and what SES accepted when."""
    kept = {"busiest": busiest, "faults": [vars(fault) for fault in stage.faults], "accepted": count.first}
    (stage.cluster.folder / "witness.json").write_text(json.dumps(kept, indent=1))


def _takeovers(stage: Stage) -> dict[str, object]:
    """Of all kills, and of those during which nothing else struck a worker or PostgreSQL."""

    def alone(begin: float, end: float) -> bool:
        return not any(
            fault.kind in faults.DISTURBING and fault.begin < end and begin - 15 < fault.end for fault in stage.faults
        )

    quiet = [kill for kill in stage.takeovers if alone(kill.at, kill.end)]
    return {
        "kills": len(stage.takeovers),
        "leader": spread([kill.leader for kill in stage.takeovers if kill.leader is not None]),
        "jobs": spread([seconds for kill in stage.takeovers for seconds in kill.jobs]),
        "undisturbedLeader": spread([kill.leader for kill in quiet if kill.leader is not None]),
        "undisturbedJobs": spread([seconds for kill in quiet for seconds in kill.jobs]),
    }


def _recoveries(stage: Stage, probes: list[Probe]) -> dict[str, object]:
    """By kind of fault: how often, how often it was over before the next outage, and then the seconds from its end."""
    by_kind: dict[str, list[float | None]] = collections.defaultdict(list)
    for fault in sorted(stage.faults, key=lambda fault: fault.kind):
        by_kind[fault.kind].append(recovery(probes, fault.begin, fault.end))
    result: dict[str, object] = {}
    for kind, values in by_kind.items():
        known = [value for value in values if value is not None]
        half, most = percentile(known, 0.5), max(known, default=None)
        result[kind] = {
            "n": len(values),
            "seen": len(known),
            "p50": None if half is None else round(half, 1),
            "max": None if most is None else round(most, 1),
        }
    return result


async def _explain(made: Cluster, line: dict[str, object]) -> None:
    """For whom must find out what went wrong: the stories, and where the logs are kept."""
    duplicated, lost = line["duplicated"], line["lost"]
    assert isinstance(duplicated, list) and isinstance(lost, list)
    for order in [*duplicated[:3], *lost[:3]]:
        say(f"{order}:\n{await made.run('trace', order)}")
    print(json.dumps(line, separators=(",", ":")), flush=True)
    raise Broken(f"not kept: {', '.join(map(str, line['broken']))}")  # type: ignore[call-overload]


def main() -> int:
    parser = arguments("chaos", __doc__)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--kinds", type=lambda text: text.split(","), help="only these faults, separated by commas")
    options = parser.parse_args()
    unknown = set(options.kinds or []) - set(KINDS)
    if unknown:
        parser.error(f"there is no fault {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    return performed("chaos", run(options))


if __name__ == "__main__":
    sys.exit(main())
