"""A day of real orders in minutes, with a burst in it, on a healthy cluster. ops/load calls it."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time

from .cluster import Cluster, Plan, cluster, say
from .judgement import queueing, rate_figures, spread
from .orders import Count, Stream, account, moment, records, settle
from .schedule import day
from .trial import arguments, performed

_BURST = 1
_BOUND_SECONDS = 900.0
#: Ends that SES's feedback brings: the time of the record is the end of the way.
_FEEDBACK_ENDS = ("DELIVERED", "BOUNCED", "COMPLAINT")


async def run(options: argparse.Namespace) -> bool:
    """One trial; whether every order ended, none twice."""
    arrivals = day(options.seed, options.orders, options.minutes * 60)
    plan = Plan(program=options.program, send_rate=options.rate, variables={"WAYBILL_SEND_BURST": str(_BURST)})
    async with cluster(plan) as made:
        await made.begin_workers(options.workers)
        stream = Stream(made, "day")
        await stream.open()
        say(f"{options.orders} orders within {options.minutes:g} minutes")
        await _replay(stream, arrivals)
        await stream.close()
        settled = await settle(made, made.session("watch"), _BOUND_SECONDS + options.orders / options.rate)
        line = await _verdict(made, options, stream)
        line["settleSeconds"] = round(settled, 1)
    print(json.dumps(line, separators=(",", ":")))
    return not line["duplicates"] and not line["unaccounted"] and not line["rateViolations"]


async def _replay(stream: Stream, arrivals: list[float]) -> None:
    began = time.monotonic()
    for at in arrivals:
        ahead = began + at - time.monotonic()
        if ahead > 0.002:
            await asyncio.sleep(ahead)
        await stream.write(1)


async def _verdict(made: Cluster, options: argparse.Namespace, stream: Stream) -> dict[str, object]:
    """Times are counted from when an order was given to the publisher."""
    count = Count(await made.aws.acceptances())
    ends, lost = await account(made, stream.names)
    ended = {
        record["order"]: moment(record["updatedAt"])
        for status in _FEEDBACK_ENDS
        for record in await records(made, status)
    }
    written = dict(zip(stream.names, stream.written, strict=True))
    alone = dict(zip(stream.names, queueing(stream.written, options.rate, _BURST), strict=True))
    accepted = {order: count.first[order] - at for order, at in written.items() if order in count.first}
    rate = rate_figures(count.first.values(), rate=options.rate, burst=_BURST)
    return {
        "orders": options.orders,
        "minutes": options.minutes,
        "workers": options.workers,
        "rate": options.rate,
        "seed": options.seed,
        "ends": ends,
        "unaccounted": len(lost),
        "lost": lost[:20],
        "duplicates": sum(times - 1 for times in count.duplicates.values()),
        "eventToAccepted": spread(list(accepted.values())),
        "eventToEnd": spread([ended[order] - at for order, at in written.items() if order in ended]),
        "rateAloneDemands": spread(list(alone.values())),
        "acceptedBeyondRate": spread([seconds - alone[order] for order, seconds in accepted.items()]),
        "endBeyondRate": spread([ended[order] - at - alone[order] for order, at in written.items() if order in ended]),
        **rate.as_json(),
    }


def main() -> int:
    parser = arguments("load", __doc__)
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    return performed("load", run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
