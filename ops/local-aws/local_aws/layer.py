"""The ASGI application: control endpoints, signatures, faults, SES, and behind them the emulator."""

from __future__ import annotations

import asyncio
import logging
import pathlib
import typing
import uuid

from . import emulator, errors, strikes
from .call import Answer, Call, Receive, Scope, Send
from .clock import Clock
from .connection import drop
from .control import PREFIX, Control
from .errors import AWSError
from .faults import FaultBook
from .ses import SES
from .ses_account import SendingAccount
from .ses_events import EventPublisher
from .ses_outcomes import Outcomes
from .ses_suppression import SuppressionList
from .settings import Settings
from .signatures import SignatureCheck
from .sqs_messages import OPERATIONS, MessageFaults
from .usage import UsageWitness
from .witness import AcceptanceWitness, Outbox, RequestCounter

_LOG = logging.getLogger(__name__)

#: Into how many pieces a dripping answer is cut at most.
_DROPS = 50


class LocalAWS:
    """Everything that answers on the one port."""

    def __init__(self, settings: Settings, state: pathlib.Path | None = None) -> None:
        """With `state` what the witness saw and the suppression list are kept in that folder from the end to the next start, as the emulator's is."""
        self._settings = settings
        self._clock = Clock(settings)
        self._signatures = SignatureCheck(settings, self._clock)
        self._faults = FaultBook(lambda: settings.seed)
        self._messages = MessageFaults(self._faults)
        self._requests = RequestCounter()
        self._usage = UsageWitness()
        outcomes, acceptances, outbox, account = Outcomes(), AcceptanceWitness(), Outbox(), SendingAccount(settings)
        self._witness_file = None if state is None else state / "acceptances.json"
        if self._witness_file is not None and self._witness_file.exists():
            acceptances.restore(self._witness_file.read_text())
        self._acceptances = acceptances
        self._publisher = publisher = EventPublisher(
            settings, self._clock, self._faults, outcomes, suppressions := SuppressionList(self._clock), self._usage
        )
        self._ses = SES(settings, self._clock, account, suppressions, publisher, acceptances, outbox)
        self._suppressions = suppressions
        self._suppressions_file = None if state is None else state / "suppressions.json"
        if self._suppressions_file is not None and self._suppressions_file.exists():
            suppressions.restore(self._suppressions_file.read_text())
        self._control = Control(
            settings, self._faults, self._messages, outcomes, account, suppressions, publisher, acceptances,
            self._requests, outbox, self._usage,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await emulator.lifespan(scope, lambda: self._until_the_end(receive), send)
            return
        if scope["type"] != "http":
            raise ValueError(f"the local AWS does not speak {scope['type']}")
        body = await _body(receive)
        if body is None:
            return
        call = Call.of(scope, body)
        if call.path.startswith(PREFIX):
            await self._send(send, await self._control.perform(call))
        elif call.path.startswith("/_ministack/"):
            await self._send(send, await emulator.forward(call, receive))
        else:
            await self._serve(call, receive, send)

    async def _until_the_end(self, receive: Receive) -> typing.MutableMapping[str, typing.Any]:
        """A message of the lifespan. Before the end the events of what was accepted are published, and the witness writes."""
        message = await receive()
        if message["type"] == "lifespan.shutdown" and self._witness_file is not None:
            await self._publisher.drain()
            self._witness_file.parent.mkdir(parents=True, exist_ok=True)
            self._witness_file.write_text(self._acceptances.kept())
        if message["type"] == "lifespan.shutdown" and self._suppressions_file is not None:
            self._suppressions_file.write_text(self._suppressions.kept())
        return message

    async def _serve(self, call: Call, receive: Receive, send: Send) -> None:
        """An AWS request with its faults."""
        try:
            answer = await self._answer(call, receive)
        except strikes.Dropped as dropped:
            self._requests.counted(call.service, call.operation, dropped.kind)
            await drop(call.scope, receive, reset=dropped.kind == "reset")
            return
        self._requests.counted(call.service, call.operation, str(answer.status))
        await self._send(send, answer)

    async def _answer(self, call: Call, receive: Receive) -> Answer:
        """A refused signature comes first: nothing else happens to a request that nobody signed."""
        try:
            if call.service in self._settings.down:
                raise AWSError(503, "ServiceUnavailable", "The service is switched off.")
            self._signatures.verify(call)
            fault = self._faults.for_call(call, "before")
            if fault is not None:
                spoilt = await strikes.before(fault, call, lambda rest: self._perform(rest, receive))
                if spoilt is not None:
                    self._usage.answered(call, spoilt)
                    return spoilt
            answer = await self._perform(call, receive)
            self._usage.answered(call, answer)
        except AWSError as error:
            refusal = errors.answer(error, call)
            self._usage.answered(call, refusal)
            return refusal
        fault = self._faults.for_call(call, "after")
        return answer if fault is None else await strikes.after(fault, call, answer)

    async def _perform(self, call: Call, receive: Receive) -> Answer:
        if call.service == "ses" and call.protocol == "rest-json":
            return await self._ses.perform(call)
        if call.service == "sqs" and call.protocol == "json" and call.operation in OPERATIONS:
            return await self._messages.perform(call, lambda rest: emulator.forward(rest, receive))
        return await emulator.forward(call, receive)

    async def _send(self, send: Send, answer: Answer) -> None:
        """Every answer says who it is and when it was given, refusals too."""
        replaced = (b"date", b"content-length", b"transfer-encoding")
        headers = [(name, value) for name, value in answer.headers if name.lower() not in replaced]
        if not any(name.lower() == b"x-amzn-requestid" for name, _ in headers):
            headers.append((b"x-amzn-RequestId", str(uuid.uuid4()).encode()))
        headers.append((b"date", self._clock.http_date().encode()))
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await _send_body(send, answer)


async def _send_body(send: Send, answer: Answer) -> None:
    """The body, in one piece unless a fault lets it drip."""
    if not answer.drip_seconds:
        await send({"type": "http.response.body", "body": answer.body})
        return
    size = -(-len(answer.body) // _DROPS) or 1
    drops = [answer.body[start:start + size] for start in range(0, len(answer.body), size)]
    for piece in drops:
        await asyncio.sleep(answer.drip_seconds / len(drops))
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _body(receive: Receive) -> bytes | None:
    """The whole request body; None when the client went away before its end."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)
