"""The faults of the local AWS (ops/local-aws/README.md), as a trial makes them."""

from __future__ import annotations

import random
import time
import typing

from .faults import IN_HAND
from .stage import Stage

_Fault = dict[str, object]
_Draw = typing.Callable[[random.Random], list[_Fault]]

_FEEDBACK, _ANY = "waybill-feedback-local", "*"


def _of(service: str, kind: str, phase: str = "before", probability: float = 0.3, **more: object) -> _Fault:
    fault: _Fault = {"service": service, "kind": kind, "phase": phase, "probability": probability, **more}
    if service == "ses":
        fault["operation"] = "SendEmail"
    return fault


def _throttled(rng: random.Random) -> list[_Fault]:
    name, shape = rng.choice([("TooManyRequestsException", "header"), ("ThrottlingException", "body")])
    return [_of("ses", "error", status=429, type=name, shape=shape, message="Maximum sending rate exceeded.")]


def _failing(service: str, phase: str) -> _Draw:
    def draw(rng: random.Random) -> list[_Fault]:
        status, name = rng.choice([(500, "InternalFailure"), (503, "ServiceUnavailable")])
        return [_of(service, "error", phase, status=status, type=name)]

    return draw


def _cut(service: str) -> _Draw:
    return lambda rng: [_of(service, rng.choice(["reset", "close"]), rng.choice(["before", "after"]))]


def _undecodable(service: str) -> _Draw:
    return lambda rng: [_of(service, "garbage", "after")]


def _slow(service: str) -> _Draw:
    return lambda rng: [_of(service, "delay", rng.choice(["before", "after"]), 0.7, ms=rng.randint(200, 6000))]


def _messages(kind: str, queue: str = _ANY, probability: float = 0.3, ms: int = 0) -> _Draw:
    return lambda rng: [{"queue": queue, "kind": kind, "probability": probability, "ms": rng.randint(0, ms)}]


def _events(kind: str, probability: float = 0.3, ms: int = 0) -> _Draw:
    return lambda rng: [{"event": "*", "kind": kind, "probability": probability, "ms": rng.randint(0, ms)}]


def _throttled_table(rng: random.Random) -> list[_Fault]:
    return [_of("dynamodb", "error", status=400, type="ProvisionedThroughputExceededException", probability=0.6)]


#: By the names under which they are reported. A message of an order is never lost: SQS promises that, and the order
#: would be lost too; an event of SES may be.
REQUESTS: dict[str, _Draw] = {
    "ses-throttled": _throttled,
    "ses-failing-before": _failing("ses", "before"),
    "ses-failing-after": _failing("ses", "after"),
    "ses-cut": _cut("ses"),
    "ses-undecodable": _undecodable("ses"),
    "ses-slow": _slow("ses"),
    "dynamodb-throttled": _throttled_table,
    "dynamodb-failing-before": _failing("dynamodb", "before"),
    "dynamodb-failing-after": _failing("dynamodb", "after"),
    "dynamodb-cut": _cut("dynamodb"),
    "dynamodb-undecodable": _undecodable("dynamodb"),
    "dynamodb-slow": _slow("dynamodb"),
    "sqs-failing": _failing("sqs", "before"),
    "sqs-cut": _cut("sqs"),
    "sqs-partial": lambda rng: [_of("sqs", "partial", rng.choice(["before", "after"]), 0.5, entries=3)],
    "messages-repeated": _messages("duplicate", ms=5000),
    "messages-late": _messages("delay", ms=8000),
    "messages-reordered": _messages("reorder"),
    "feedback-lost": _messages("lose", _FEEDBACK, 0.1),
    "events-lost": _events("lose", 0.1),
    "events-late": _events("delay", ms=8000),
    "events-repeated": _events("duplicate"),
    "events-reordered": _events("reorder", ms=5000),
}


def performing(kind: str) -> typing.Callable[[Stage, random.Random], typing.Awaitable[str]]:
    """The fault of that name, as the stage performs it."""

    async def perform(stage: Stage, rng: random.Random) -> str:
        faults = REQUESTS[kind](rng)
        name, began = f"{kind}-{rng.getrandbits(32)}", time.time()
        await stage.cluster.aws.begin(name, faults)
        await stage.pause(rng, 4, 15)
        await stage.cluster.aws.cease(name)
        if kind in ("ses-slow", "dynamodb-slow"):
            stage.hold(began, IN_HAND * len(stage.cluster.workers))
        fault = faults[0]
        return f"{fault['kind']} {fault.get('phase', '')} {fault.get('ms', '')} with probability {fault['probability']}"

    return perform


async def no_sqs(stage: Stage, rng: random.Random) -> str:
    with stage.account():
        await stage.cluster.aws.set(down=["sqs"])
        await stage.pause(rng, 5, 20)
        await stage.cluster.aws.set(down=[])
    return "every call answered with 503"


async def no_account(stage: Stage, rng: random.Random) -> str:
    """SES refuses everybody for a reason of the account: the breaker's business."""
    setting, bad, good = rng.choice(
        [("sending_enabled", False, True), ("send_quota", 0, 1_000_000), ("enforcement_status", "SHUTDOWN", "HEALTHY")]
    )
    with stage.account():
        await stage.cluster.aws.set(**{setting: bad})
        await stage.pause(rng, 3, 10)
        await stage.cluster.aws.set(**{setting: good})
    return f"{setting} {bad}"


KINDS = {kind: performing(kind) for kind in REQUESTS} | {"no-sqs": no_sqs, "no-account": no_account}
