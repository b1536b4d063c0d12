"""One fault that a test asks for: of requests, of SQS messages, or of the events of SES."""

from __future__ import annotations

import dataclasses
import typing

from .call import Call
from .tags import decoded, encoded

REQUEST_KINDS = {"error", "reset", "close", "delay", "garbage", "drip", "partial"}
EVENT_KINDS = {"lose", "duplicate", "delay", "reorder", "alter"}
MESSAGE_KINDS = {"lose", "duplicate", "delay", "reorder"}

#: Where an error of a REST service (SES) names its type.
SHAPES = {"header", "body"}


@dataclasses.dataclass
class Fault:
    """One rule of the book. Of the conditions, those that are left out match everything.

    An event's fault has `event`: the event's type, or `*`. A message's fault has `queue`: its name, or `*`. Every other
    fault is of requests.
    """

    kind: str
    service: str | None = None
    operation: str | None = None
    #: Text that the request's body (or the event, or the message) must contain: a table or an order of one test's own.
    contains: str | None = None
    #: `before` the effect, which then does not happen, or `after` it, when only the answer is lost or spoilt.
    phase: str = "before"
    probability: float = 1.0
    #: How often the fault still strikes; None is always.
    count: int | None = None
    status: int = 500
    type: str = "InternalFailure"
    message: str = "injected"
    #: `header` (x-amzn-errortype) or `body` (`__type`): SES is known to use either.
    shape: str = "header"
    #: Milliseconds of a delay, or over which a dripping answer is spread, or that a reordered event waits at most.
    ms: float = 0.0
    event: str | None = None
    #: The delivery as text, `kind/order`: matches SendEmail, and events and messages with that tag.
    delivery: str | None = None
    queue: str | None = None
    #: Of a `partial` batch: text that a failing entry must contain, and how many fail at most.
    entry: str | None = None
    entries: int = 1
    #: Of an `alter`ed event: dotted path -> the value to be put there.
    values: dict[str, typing.Any] = dataclasses.field(default_factory=dict)
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
        fault._check()
        return fault

    def as_json(self) -> dict[str, object]:
        return dataclasses.asdict(self)

    @property
    def is_of_requests(self) -> bool:
        return self.event is None and self.queue is None

    def matches_call(self, call: Call, phase: str) -> bool:
        return (
            self.is_of_requests
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

    def matches_message(self, queue: str, text: str) -> bool:
        return (
            self.queue is not None
            and self.queue in ("*", queue)
            and (self.contains is None or self.contains in text)
            and (self.delivery is None or _is_tagged(text, self.delivery))
        )

    def _check(self) -> None:
        """Refuses what could never strike."""
        if self.event is not None and self.queue is not None:
            raise ValueError("a fault is of an event or of a queue's messages, not of both")
        kinds = REQUEST_KINDS if self.is_of_requests else EVENT_KINDS if self.queue is None else MESSAGE_KINDS
        if self.kind not in kinds:
            raise ValueError(f"kind must be one of {', '.join(sorted(kinds))}")
        if self.phase not in ("before", "after"):
            raise ValueError("phase must be before or after")
        if not self.is_of_requests and (self.service or self.operation):
            raise ValueError("a fault of an event or of messages has no service and no operation")
        if self.shape not in SHAPES:
            raise ValueError(f"shape must be one of {', '.join(sorted(SHAPES))}")
        if self.kind == "drip" and self.phase != "after":
            raise ValueError("an answer drips after the effect: phase must be after")
        if (self.kind == "alter") != bool(self.values):
            raise ValueError("kind alter needs values, and no other kind has them")
        if self.kind == "partial" and self.entries < 1:
            raise ValueError("at least one of a batch's entries must fail")


def _accepted(hint: object) -> tuple[type, ...]:
    """The JSON types that a field takes: whole numbers are good where fractions are."""
    if typing.get_origin(hint) is dict:
        return (dict,)
    types = tuple(typing.get_args(hint)) or (typing.cast(type, hint),)
    return types + (int,) if float in types else types


def _same(wanted: str | None, found: str) -> bool:
    return wanted is None or wanted.lower() == found.lower()


def _delivery_of(call: Call) -> str | None:
    if call.operation != "SendEmail":
        return None
    return next((decoded(tag["Value"]) for tag in call.json().get("EmailTags", []) if tag.get("Name") == "delivery"), None)


def _is_tagged(text: str, delivery: str) -> bool:
    """The tag stands in quotes, which SNS escapes in its envelope."""
    tag = encoded(delivery)
    return f'"{tag}"' in text or f'\\"{tag}\\"' in text
