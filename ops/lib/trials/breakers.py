"""What lowers, bounds or holds the send rate: a 429, an operator, and every cause of the breaker."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import time
import typing

from .children import until
from .cluster import Cluster, Plan, cluster, say
from .orders import settle

if typing.TYPE_CHECKING:
    from .rate_check import Rig

#: How soon a 429 and an operator's ceiling must be felt by all.
_FELT_SECONDS = 1.0
#: A breaker that closes by itself asks again after 30 s at most, and GetAccount is asked each minute.
_CLOSE_SECONDS = 180.0
_WORKERS = 3
#: Jobs that wait are this many seconds of work, so that none of the steps runs dry.
_WORK_SECONDS = 240


@dataclasses.dataclass(frozen=True)
class Cause:
    """Something for which nobody sends, how it is made, and what an operator must read."""

    state: str
    settings: dict[str, object]
    mended: dict[str, object]
    fault: dict[str, object] | None = None


def _refusal(status: int, name: str, **more: object) -> dict[str, object]:
    kind: dict[str, object] = {
        "service": "ses",
        "operation": "SendEmail",
        "kind": "error",
        "status": status,
        "type": name,
    }
    return kind | more


CAUSES = (
    Cause("unknown-outcomes", {}, {}, _refusal(503, "ServiceUnavailable")),
    Cause("sending-paused", {"sending_enabled": False}, {"sending_enabled": True}),
    Cause("quota-exceeded", {"send_quota": 0}, {"send_quota": 1_000_000}),
    Cause("account-suspended", {"enforcement_status": "SHUTDOWN"}, {"enforcement_status": "HEALTHY"}),
    Cause(
        "access-denied",
        {},
        {},
        _refusal(403, "AccessDeniedException", message="not authorized to perform ses:SendEmail"),
    ),
)


async def run(options: argparse.Namespace, make_rig: typing.Callable[[Cluster, float], Rig]) -> dict[str, object]:
    """All of them, one after the other, on one cluster with a backlog."""
    plan = Plan(program=options.program, send_rate=options.rate)
    async with cluster(plan) as made:
        await made.begin_workers(_WORKERS)
        rig = make_rig(made, options.rate)
        await rig.stream.open()
        await rig.fill(_WORK_SECONDS)
        await rig.go()
        await asyncio.sleep(2)
        line: dict[str, object] = {
            "workers": _WORKERS,
            "throttle": await _throttled(rig),
            "ceiling": await _ceiling(rig),
        }
        closings = {cause.state: await _breaks(rig, cause) for cause in CAUSES}
        line["breakers"] = closings
        await rig.stream.close()
        await settle(made, rig.session, 900)
        answer = await made.aws.acceptances()
    line["maxAcceptances"] = answer["max"]
    steps = [line["throttle"], line["ceiling"], *closings.values()]
    line["kept"] = answer["max"] == 1 and all(step["kept"] for step in steps)  # type: ignore[index]
    say(f"{line}")
    return line


async def _until_row(rig: Rig, holds: typing.Callable[[dict[str, str]], bool], within: float, what: str) -> float:
    """Seconds until the row is so."""
    began = time.monotonic()

    async def look() -> bool:
        return holds(await rig.row())

    await until(look, within=within, what=what, every=0.02)
    return round(time.monotonic() - began, 3)


async def _throttled(rig: Rig) -> dict[str, object]:
    """One 429: everybody is slower within a second, and as fast as before some time later."""
    before = float((await rig.row())["rate"])
    fault = _refusal(429, "TooManyRequestsException", message="Maximum sending rate exceeded.", count=1)
    await rig.made.aws.begin("throttled", [fault])
    began = time.time()
    lowered = await _until_row(rig, lambda row: float(row["rate"]) < before, 30, "a 429 lowers the rate")
    rate = float((await rig.row())["rate"])
    recovered = await _until_row(rig, lambda row: float(row["rate"]) >= before, 120, "the rate is as before")
    await rig.made.aws.cease("throttled")
    sent = await rig.acceptances(began + _FELT_SECONDS, began + _FELT_SECONDS + 2)
    return {
        "loweredAfter": lowered,
        "to": rate / before,
        "recoveredAfter": recovered,
        "sentPerSecondThen": len(sent) / 2,
        # The fault strikes the next email, which the rate lets out in its time.
        "kept": lowered <= _FELT_SECONDS + 2 / rig.rate,
    }


async def _ceiling(rig: Rig) -> dict[str, object]:
    """An operator's bound of a quarter of the rate, and its end."""
    bound = rig.rate / 4
    await rig.session.rows(f"SELECT admin.set_send_rate({bound:g})")
    began = time.time() + _FELT_SECONDS
    await asyncio.sleep(11)
    await rig.session.rows("SELECT admin.set_send_rate(NULL)")
    lifted = time.time() + _FELT_SECONDS
    await asyncio.sleep(6)
    slow, fast = await rig.acceptances(began, began + 10), await rig.acceptances(lifted, lifted + 5)
    return {
        "bound": bound,
        "sentInTenSeconds": len(slow),
        "sentInFiveSecondsAfterwards": len(fast),
        "kept": len(slow) <= 10 * bound + 1 and len(fast) >= 0.8 * 5 * rig.rate,
    }


async def _breaks(rig: Rig, cause: Cause) -> dict[str, object]:
    """Opens a breaker, reads what an operator would, mends the cause and waits until it closes by itself."""
    aws = rig.made.aws
    if cause.settings:
        await aws.set(**cause.settings)
    if cause.fault is not None:
        await aws.begin(cause.state, [cause.fault])
    opened = await _until_row(rig, lambda row: row["state"] == cause.state, 60, f"the breaker opens for {cause.state}")
    row = await rig.row()
    shown = json.dumps((await rig.made.status()).get("sending"))
    # Slots were handed out half a second ahead: what the account says takes effect within a second, as a ceiling does.
    began = time.time() + _FELT_SECONDS
    await asyncio.sleep(_FELT_SECONDS + 3)
    leaked = len(await rig.acceptances(began, began + 3))
    unsent = await _ended_unsent(rig)
    if cause.mended:
        await aws.set(**cause.mended)
    if cause.fault is not None:
        await aws.cease(cause.state)
    closed = await _until_row(rig, lambda row: row["state"] == "open", _CLOSE_SECONDS, f"{cause.state} is over")
    say(f"{cause.state}: opened after {opened} s, closed after {closed} s; psql says {row['why']!r}, status {shown}")
    return {
        "openedAfter": opened,
        "closedAfter": closed,
        "why": row["why"],
        "inStatus": cause.state in shown,
        "sentWhileOpen": leaked,
        "ordersEndedUnsent": unsent,
        "kept": bool(row["why"]) and cause.state in shown and leaked == 0 and unsent == 0,
    }


async def _ended_unsent(rig: Rig) -> int:
    """Orders that ended without an email: a breaker must make none."""
    query = "SELECT count(*) FROM waybill.history WHERE status NOT IN ('SENT', 'DELIVERED', 'BOUNCED', 'COMPLAINT')"
    return int(await rig.session.value(query))
