"""The control endpoints under `/_local/`: for tests and scripts, without a signature. README.md lists them."""

from __future__ import annotations

import json
import typing
import urllib.parse

from . import emulator
from .call import Answer, Call
from .fault import Fault
from .faults import FaultBook
from .ses_account import SendingAccount
from .ses_events import EventPublisher
from .ses_outcomes import Outcome, Outcomes, event_of_json
from .ses_suppression import SuppressionList
from .settings import Settings
from .sqs_messages import MessageFaults
from .usage import UsageWitness
from .witness import AcceptanceWitness, Outbox, RequestCounter

PREFIX = "/_local/"

_Handler = typing.Callable[[object, "dict[str, str]"], object]


class Control:
    """Reads and changes what the layer does."""

    def __init__(
        self,
        settings: Settings,
        faults: FaultBook,
        messages: MessageFaults,
        outcomes: Outcomes,
        account: SendingAccount,
        suppressions: SuppressionList,
        publisher: EventPublisher,
        acceptances: AcceptanceWitness,
        requests: RequestCounter,
        outbox: Outbox,
        usage: UsageWitness,
    ) -> None:
        self._settings = settings
        self._at_start = settings.copy()
        self._faults = faults
        self._messages = messages
        self._outcomes = outcomes
        self._account = account
        self._suppressions = suppressions
        self._publisher = publisher
        self._acceptances = acceptances
        self._requests = requests
        self._outbox = outbox
        self._usage = usage
        self._routes: dict[tuple[str, str], _Handler] = {
            ("GET", "health"): lambda body, query: {"status": "ok"},
            ("GET", "settings"): lambda body, query: settings.as_json(),
            ("POST", "settings"): self._change_settings,
            ("GET", "faults"): lambda body, query: faults.as_json(),
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): lambda body, query: faults.clear(),
            ("GET", "outcomes"): lambda body, query: outcomes.as_json(),
            ("POST", "outcomes"): self._add_outcomes,
            ("DELETE", "outcomes"): lambda body, query: outcomes.clear(),
            ("GET", "events"): lambda body, query: publisher.as_json(),
            ("POST", "events"): self._publish_event,
            ("POST", "suppressions"): self._suppress,
            ("GET", "acceptances"): lambda body, query: acceptances.as_json(query.get("prefix", "")),
            ("GET", "emails"): lambda body, query: outbox.as_json(query.get("messageId"), query.get("to")),
            ("GET", "requests"): lambda body, query: requests.as_json(),
            ("GET", "usage"): lambda body, query: usage.as_json(query.get("resource", "")),
        }

    async def perform(self, call: Call) -> Answer:
        """Answers a control request: 400 says what is wrong with it, 404 that there is no such endpoint."""
        name = call.path.removeprefix(PREFIX)
        query = dict(urllib.parse.parse_qsl(call.query))
        if (call.method, name) == ("POST", "reset"):
            return await self._reset(query)
        handler = self._routes.get((call.method, name))
        if handler is None:
            return Answer.of_json({"error": f"there is no {call.method} {call.path}"}, 404)
        try:
            result = handler(json.loads(call.body) if call.body else None, query)
        except ValueError as error:
            return Answer.of_json({"error": str(error)}, 400)
        return Answer.of_json({} if result is None else result)

    def _change_settings(self, body: object, query: dict[str, str]) -> object:
        if not isinstance(body, dict):
            raise ValueError("settings must be an object")
        self._settings.change(body)
        return self._settings.as_json()

    def _add_faults(self, body: object, query: dict[str, str]) -> object:
        self._faults.add([Fault.of_json(value) for value in _list(body)])
        return self._faults.as_json()

    def _add_outcomes(self, body: object, query: dict[str, str]) -> object:
        self._outcomes.add([Outcome.of_json(value) for value in _list(body)])
        return self._outcomes.as_json()

    def _publish_event(self, body: object, query: dict[str, str]) -> object:
        if not isinstance(body, dict) or set(body) != {"messageId", "event"}:
            raise ValueError("an event is asked for by an object of messageId and event")
        if not self._publisher.on_request(str(body["messageId"]), event_of_json(body["event"])):
            raise ValueError(f"no email {body['messageId']!r} was accepted here")
        return None

    def _suppress(self, body: object, query: dict[str, str]) -> object:
        """Many addresses at once: SES's own operation takes one."""
        for address in _list(body):
            self._suppressions.add(str(address), query.get("reason", "BOUNCE"))
        return None

    async def _reset(self, query: dict[str, str]) -> Answer:
        """Forgets faults, outcomes and counts and restores the settings; with `emulator=true` every AWS resource too."""
        self._faults.clear()
        self._messages.clear()
        self._outcomes.clear()
        self._publisher.clear()
        self._account.clear()
        self._suppressions.clear()
        self._acceptances.clear()
        self._requests.clear()
        self._outbox.clear()
        self._usage.clear()
        self._settings.restore(self._at_start)
        if query.get("emulator") == "true":
            await emulator.reset()
        return Answer.of_json({})


def _list(body: object) -> list[object]:
    if not isinstance(body, list):
        raise ValueError("the body must be a JSON list")
    return body
