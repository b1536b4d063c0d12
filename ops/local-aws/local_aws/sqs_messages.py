"""Faults of SQS messages, which strike where a receiver would get them: lost, late, twice, or in another order."""

from __future__ import annotations

import collections
import json
import math
import time
import typing

from . import emulator
from .call import Answer, Call
from .fault import Fault
from .faults import FaultBook

#: What MessageFaults has a part in.
OPERATIONS = {"ReceiveMessage", "DeleteMessage", "DeleteMessageBatch"}

_Forward = typing.Callable[[Call], typing.Awaitable[Answer]]
_MessageJSON = dict[str, typing.Any]

#: Messages that are known to have been struck: each is struck once.
_REMEMBERED = 100_000


class MessageFaults:
    """Stands between the emulator's queues and their receivers (JSON protocol only)."""

    def __init__(self, faults: FaultBook, now: typing.Callable[[], float] = time.monotonic) -> None:
        self._faults = faults
        self._now = now
        #: Queue -> copies that a later receive is to get, with the time from which on.
        self._copies: dict[str, list[tuple[float, _MessageJSON]]] = {}
        #: Receipt handles of doubled messages: a second deletion succeeds, as it does at AWS.
        self._doubled: collections.OrderedDict[str, None] = collections.OrderedDict()
        self._seen: collections.OrderedDict[str, None] = collections.OrderedDict()

    def clear(self) -> None:
        self._copies.clear()
        self._doubled.clear()
        self._seen.clear()

    async def perform(self, call: Call, forward: _Forward) -> Answer:
        """One of the OPERATIONS."""
        match call.operation:
            case "ReceiveMessage":
                return await self._receive(call, forward)
            case "DeleteMessage":
                answer = await forward(call)
                known = answer.status != 200 and call.json().get("ReceiptHandle") in self._doubled
                return _json({}) if known else answer
            case _:
                return self._forgiven(call, await forward(call))

    def _forgiven(self, call: Call, answer: Answer) -> Answer:
        """A batch of deletions in which those of doubled messages have succeeded."""
        doubled = {e.get("Id") for e in call.json().get("Entries", []) if e.get("ReceiptHandle") in self._doubled}
        members = answer.json()
        failed = members.get("Failed", [])
        forgiven = [entry for entry in failed if entry["Id"] in doubled]
        if not forgiven:
            return answer
        members["Failed"] = [entry for entry in failed if entry not in forgiven]
        members["Successful"] = members.get("Successful", []) + [{"Id": entry["Id"]} for entry in forgiven]
        return _json(members)

    async def _receive(self, call: Call, forward: _Forward) -> Answer:
        """A ReceiveMessage with its faults. Copies that are due make up an answer of their own, at once."""
        request = call.json()
        queue = str(request.get("QueueUrl", "")).rpartition("/")[2]
        copies = self._due(queue, int(request.get("MaxNumberOfMessages", 1)))
        if copies:
            return _answer(copies)
        answer = await forward(call)
        if answer.status != 200:
            return answer
        received = answer.json().get("Messages", [])
        kept = [message for message in received if not await self._is_taken_away(call, queue, message)]
        if len(kept) > 1 and self._faults.for_messages(queue, [message["Body"] for message in kept]):
            kept.reverse()
        return answer if kept == received else _answer(kept)

    def _due(self, queue: str, most: int) -> list[_MessageJSON]:
        waiting = self._copies.get(queue, [])
        due = [entry for entry in waiting if entry[0] <= self._now()][:most]
        if due:
            self._copies[queue] = [entry for entry in waiting if entry not in due]
        return [message for _, message in due]

    async def _is_taken_away(self, call: Call, queue: str, message: _MessageJSON) -> bool:
        """Strikes a message that was not struck before."""
        if message["MessageId"] in self._seen:
            return False
        fault = self._faults.for_message(queue, message["Body"])
        if fault is None:
            return False
        _remember(self._seen, message["MessageId"])
        return await self._strike(fault, call, queue, message)

    async def _strike(self, fault: Fault, call: Call, queue: str, message: _MessageJSON) -> bool:
        named = {"QueueUrl": call.json()["QueueUrl"], "ReceiptHandle": message["ReceiptHandle"]}
        match fault.kind:
            case "lose":
                await emulator.sqs(call, "DeleteMessage", named)
                return True
            case "delay":
                seconds = math.ceil(fault.ms / 1000)
                await emulator.sqs(call, "ChangeMessageVisibility", named | {"VisibilityTimeout": seconds})
                return True
            case _:
                _remember(self._doubled, message["ReceiptHandle"])
                self._copies.setdefault(queue, []).append((self._now() + fault.ms / 1000, message))
                return False


def _remember(known: collections.OrderedDict[str, None], name: str) -> None:
    known[name] = None
    if len(known) > _REMEMBERED:
        known.popitem(last=False)


def _answer(messages: list[_MessageJSON]) -> Answer:
    return _json({"Messages": messages} if messages else {})


def _json(members: dict[str, typing.Any]) -> Answer:
    return Answer(200, [(b"content-type", b"application/x-amz-json-1.0")], json.dumps(members).encode())
