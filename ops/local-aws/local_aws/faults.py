"""Faults that a test asks for: of requests, before or after their effect, and of the events of SES."""

from __future__ import annotations

import dataclasses
import random
import typing

from .call import Call
from .tags import decoded

REQUEST_KINDS = {"error", "reset", "close", "delay", "garbage"}
EVENT_KINDS = {"lose", "duplicate", "delay"}


@dataclasses.dataclass
class Fault:
    """One rule of the book. Of the conditions, those that are left out match everything.

    A request's fault has no `event`; an event's fault has one: the event's type, or `*`.
    """

    kind: str
    service: str | None = None
    operation: str | None = None
    #: Text that the request's body (or the event) must contain: a table, a queue or an order of one test's own.
    contains: str | None = None
    #: `before` the effect, which then does not happen, or `after` it, when only the answer is lost or spoilt.
    phase: str = "before"
    probability: float = 1.0
    #: How often the fault still strikes; None is always.
    count: int | None = None
    status: int = 500
    type: str = "InternalFailure"
    message: str = "injected"
    #: Milliseconds of a delay.
    ms: float = 0.0
    event: str | None = None
    #: The delivery as text, `kind/order`: matches SendEmail and events with that tag.
    delivery: str | None = None
    #: How often it struck.
    struck: int = 0

    @classmethod
    def of_json(cls, value: object) -> Fault:
        """Checks every name and type, so that a misspelt fault is an error and not a test that tests nothing."""
        if not isinstance(value, dict):
            raise ValueError("a fault must be an object")
        hints = typing.get_type_hints(cls)
        del hints["struck"]
        for name, field in value.items():
            if name not in hints:
                raise ValueError(f"a fault has no field {name!r}; it has {', '.join(sorted(hints))}")
            if isinstance(field, bool) or not isinstance(field, _accepted(hints[name])):
                raise ValueError(f"{name} of a fault must be of type {hints[name]}")
        if "kind" not in value:
            raise ValueError("a fault needs a kind")
        fault = cls(**value)
        kinds = REQUEST_KINDS if fault.event is None else EVENT_KINDS
        if fault.kind not in kinds:
            raise ValueError(f"kind must be one of {', '.join(sorted(kinds))}")
        if fault.phase not in ("before", "after"):
            raise ValueError("phase must be before or after")
        if fault.event is not None and (fault.service or fault.operation):
            raise ValueError("a fault of an event has no service and no operation")
        return fault

    def as_json(self) -> dict[str, object]:
        return dataclasses.asdict(self)

    def matches_call(self, call: Call, phase: str) -> bool:
        return (
            self.event is None
            and self.phase == phase
            and _same(self.service, call.service)
            and _same(self.operation, call.operation)
            and (self.contains is None or self.contains.encode() in call.body)
            and (self.delivery is None or self.delivery == _delivery_of(call))
        )

    def matches_event(self, event_type: str, text: str, delivery: str | None) -> bool:
        return (
            self.event is not None
            and (self.event == "*" or _same(self.event, event_type))
            and (self.contains is None or self.contains in text)
            and (self.delivery is None or self.delivery == delivery)
        )


class FaultBook:
    """The faults in force. The first that matches and is drawn strikes."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._faults: list[Fault] = []

    def add(self, faults: typing.Iterable[Fault]) -> None:
        self._faults.extend(faults)

    def clear(self) -> None:
        self._faults.clear()

    def as_json(self) -> list[dict[str, object]]:
        return [fault.as_json() for fault in self._faults]

    def for_call(self, call: Call, phase: str) -> Fault | None:
        """The fault that strikes this call in this phase, if one does; its count goes down."""
        return self._draw(lambda fault: fault.matches_call(call, phase))

    def for_event(self, event_type: str, text: str, delivery: str | None) -> Fault | None:
        """The fault that strikes this event, if one does; its count goes down."""
        return self._draw(lambda fault: fault.matches_event(event_type, text, delivery))

    def _draw(self, matches: typing.Callable[[Fault], bool]) -> Fault | None:
        for fault in self._faults:
            if fault.count == 0 or not matches(fault):
                continue
            if fault.probability < 1 and self._rng.random() >= fault.probability:
                continue
            if fault.count is not None:
                fault.count -= 1
            fault.struck += 1
            return fault
        return None


def _accepted(hint: object) -> tuple[type, ...]:
    """The JSON types that a field takes: whole numbers are good where fractions are."""
    types = tuple(typing.get_args(hint)) or (typing.cast(type, hint),)
    return types + (int,) if float in types else types


def _same(wanted: str | None, found: str) -> bool:
    return wanted is None or wanted.lower() == found.lower()


def _delivery_of(call: Call) -> str | None:
    if call.operation != "SendEmail":
        return None
    return next((decoded(tag["Value"]) for tag in call.json().get("EmailTags", []) if tag.get("Name") == "delivery"), None)
