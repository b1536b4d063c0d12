"""The send rate in operation: kept by any number of workers, used, lowered, bounded, held back. ops/rate-check."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import sys
import time

from . import breakers
from .children import until
from .cluster import Cluster, Plan, Worker, cluster, say
from .judgement import rate_figures
from .orders import Count, Stream, settle
from .sql import Session
from .trial import arguments, performed

#: P4: of the rate set, when there is work.
LEAST_SHARE = 0.95
_BURST = 1
_MINUTE = 60.0
#: After sending begins, and before the minute that is measured.
_RUN_UP = 3.0
_BOUND_SECONDS = 900.0


class Rig:
    """A cluster with a backlog of orders."""

    def __init__(self, made: Cluster, rate: float) -> None:
        self.made = made
        self.rate = rate
        self.session: Session = made.session("rate")
        self.stream = Stream(made, "backlog")

    async def fill(self, seconds: float) -> None:
        """Publishes work for so long while nobody sends, and waits until all of it is jobs."""

        async def is_paused() -> bool:
            # A cluster that never sent has no rate yet, and then a pause is refused.
            if await self.session.value("SELECT count(*) FROM admin.send_rate") == "0":
                return False
            await self.session.rows("SELECT admin.pause('sender', 'a backlog is built')")
            return await self.session.value("SELECT count(*) FROM admin.send_rate WHERE state = 'paused'") == "1"

        await until(is_paused, within=60, what="sending is paused", every=0.5)
        count = int(self.rate * seconds)
        await self.stream.write(count)

        async def is_full() -> bool:
            return await self._jobs() >= count

        await until(is_full, within=300, what=f"{count} orders became jobs", every=0.5)

    async def go(self) -> float:
        """Lets the workers send; when that was."""
        await self.session.rows("SELECT admin.resume('sender')")
        return time.time()

    async def _jobs(self) -> int:
        return int(await self.session.value("SELECT count(*) FROM waybill.queue"))

    async def acceptances(self, begin: float, end: float) -> list[float]:
        times = Count(await self.made.aws.acceptances()).first.values()
        return [at for at in times if begin <= at < end]

    async def row(self) -> dict[str, str]:
        """The cluster's state as an operator sees it."""
        rows = await self.session.rows("SELECT rate, rate_set, ceiling, state, why FROM admin.send_rate")
        return dict(zip(("rate", "rate_set", "ceiling", "state", "why"), rows[0], strict=True))


async def run(options: argparse.Namespace) -> bool:
    """One trial for each number of workers, then the one of 429, ceiling and breakers."""
    lines = []
    for workers in options.workers:
        lines.append(await _steps(options, workers))
        print(json.dumps(lines[-1], separators=(",", ":")), flush=True)
    if not options.no_breakers:
        lines.append(await breakers.run(options, Rig))
    kept = all(line["kept"] for line in lines)
    print(json.dumps({"rate": options.rate, "kept": kept, "steps": lines}, separators=(",", ":")))
    return kept


async def _steps(options: argparse.Namespace, workers: int) -> dict[str, object]:
    """A minute of backlog in peace, and one in which workers are killed and started all the time."""
    plan = Plan(
        program=options.program,
        send_rate=options.rate,
        variables={"WAYBILL_SEND_BURST": str(_BURST)},
        # Thirty workers of six connections each, and those of their leases.
        postgres_options=("max_connections=500",),
    )
    async with cluster(plan) as made:
        await made.begin_workers(workers)
        rig = Rig(made, options.rate)
        await rig.stream.open()
        calm = await _minute(rig, None)
        churn = await _minute(rig, random.Random(options.seed))
        await rig.stream.close()
        await settle(made, rig.session, _BOUND_SECONDS)
        count = Count(await made.aws.acceptances())
        rate = rate_figures(count.first.values(), rate=options.rate, burst=_BURST)
    line: dict[str, object] = {
        "workers": workers,
        "share": round(calm / (options.rate * _MINUTE), 4),
        "shareUnderChurn": round(churn / (options.rate * _MINUTE), 4),
        **rate.as_json(),
        "orders": len(rig.stream.written),
        "duplicates": sum(times - 1 for times in count.duplicates.values()),
    }
    line["kept"] = not rate.violations and not count.duplicates and calm >= LEAST_SHARE * options.rate * _MINUTE
    say(f"{line}")
    return line


async def _minute(rig: Rig, churn: random.Random | None) -> int:
    """How many emails SES accepted in a minute with work all the time."""
    await rig.fill(_RUN_UP + _MINUTE + 10)
    say(f"a backlog of {len(rig.stream.written)} orders; {'workers die and begin' if churn else 'in peace'}")
    began = await rig.go() + _RUN_UP
    if churn is None:
        await asyncio.sleep(began + _MINUTE - time.time())
    else:
        await _churn(rig.made, churn, began + _MINUTE)
    sent = len(await rig.acceptances(began, began + _MINUTE))
    say(f"{sent} of {rig.rate * _MINUTE:.0f} emails in a minute")
    return sent


async def _churn(made: Cluster, rng: random.Random, end: float) -> None:
    """Workers die and drain and begin; one stays."""
    while time.time() < end:
        worker = rng.choice(made.workers[1:] or made.workers)
        await _restart(made, worker, rng.choice([signal.SIGKILL, signal.SIGTERM]))
        await asyncio.sleep(max(0.0, min(end - time.time(), rng.uniform(1, 4))))


async def _restart(made: Cluster, worker: Worker, number: signal.Signals) -> None:
    await made.stop(worker, number)
    await made.start(worker)


def main() -> int:
    parser = arguments("rate-check", __doc__)
    parser.add_argument("--workers", type=lambda text: [int(number) for number in text.split(",")], required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--no-breakers", action="store_true")
    return performed("rate-check", run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
