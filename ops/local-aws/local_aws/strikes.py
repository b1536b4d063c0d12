"""What a fault makes of a request and of its answer."""

from __future__ import annotations

import asyncio
import dataclasses

from . import batches, errors
from .call import Answer, Call
from .errors import AWSError
from .fault import Fault

_GARBAGE = Answer(200, [(b"content-type", b"application/json")], b'\x00{"MessageId": "half an ans')


class Dropped(Exception):
    """The connection is to be dropped instead of an answer: `reset` or `close`."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


async def before(fault: Fault, call: Call, forward: batches.Forward) -> Answer | None:
    """The answer to a call whose effect a fault prevents; None lets it happen."""
    match fault.kind:
        case "delay":
            await asyncio.sleep(fault.ms / 1000)
            return None
        case "partial":
            return await batches.partly(fault, call, forward)
        case _:
            return _instead(fault, call)


async def after(fault: Fault, call: Call, answer: Answer) -> Answer:
    """What a fault makes of the answer to a call whose effect has happened."""
    match fault.kind:
        case "delay":
            await asyncio.sleep(fault.ms / 1000)
            return answer
        case "partial":
            return batches.denied(fault, call, answer)
        case "drip":
            return dataclasses.replace(answer, drip_seconds=fault.ms / 1000)
        case _:
            return _instead(fault, call)


def _instead(fault: Fault, call: Call) -> Answer:
    """What is answered in place of an answer."""
    if fault.kind == "garbage":
        return _GARBAGE
    if fault.kind == "error":
        return errors.answer(AWSError(fault.status, fault.type, fault.message), call, fault.shape)
    raise Dropped(fault.kind)
