"""What becomes of an accepted email, by its recipient: as SES's mailbox simulator does, or as a test says."""

from __future__ import annotations

import dataclasses
import fnmatch
import typing

#: An event as a test names it.
Event = dict[str, typing.Any]

#: Event type -> member of an event destination's MatchingEventTypes.
EVENT_TYPES = {
    "Send": "SEND",
    "Delivery": "DELIVERY",
    "Bounce": "BOUNCE",
    "Complaint": "COMPLAINT",
    "Reject": "REJECT",
    "DeliveryDelay": "DELIVERY_DELAY",
}

#: Fields of an event's own object that a test may choose.
_CHOICES = {"bounceType", "bounceSubType", "complaintFeedbackType", "complaintSubType", "delayType", "afterMs"}

#: The simulator's mailboxes; a label (`bounce+ORDER@`) changes nothing. An out-of-office mail is delivered: SES publishes
#: nothing about the automatic reply.
_SIMULATOR: dict[str, list[Event]] = {
    "success": [{"type": "Delivery"}],
    "ooto": [{"type": "Delivery"}],
    "bounce": [{"type": "Bounce", "bounceType": "Permanent", "bounceSubType": "General"}],
    "suppressionlist": [{"type": "Bounce", "bounceType": "Permanent", "bounceSubType": "Suppressed"}],
    "complaint": [{"type": "Delivery"}, {"type": "Complaint", "complaintFeedbackType": "abuse"}],
}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """For recipients that match `address` (`*` and `?` stand for anything): these events after Send."""

    address: str
    events: list[Event]

    @classmethod
    def of_json(cls, value: object) -> Outcome:
        if not isinstance(value, dict) or set(value) != {"address", "events"} or not isinstance(value["events"], list):
            raise ValueError("an outcome is an object of address and events")
        return cls(str(value["address"]), [event_of_json(event) for event in value["events"]])


def event_of_json(value: object) -> Event:
    """An event as a test names it: its type, or an object of type and choices such as bounceType."""
    event = {"type": value} if isinstance(value, str) else value
    if not isinstance(event, dict) or event.get("type") not in EVENT_TYPES:
        raise ValueError(f"an event's type must be one of {', '.join(EVENT_TYPES)}")
    unknown = set(event) - _CHOICES - {"type"}
    if unknown:
        raise ValueError(f"an event has no field {', '.join(sorted(unknown))}; it has {', '.join(sorted(_CHOICES))}")
    after = event.get("afterMs", 0)
    if isinstance(after, bool) or not isinstance(after, (int, float)) or after < 0:
        raise ValueError("afterMs must be a number of milliseconds")
    return typing.cast("Event", event)


class Outcomes:
    """The rules in force, the latest first; behind them the mailbox simulator; everybody else's mail is delivered."""

    def __init__(self) -> None:
        self._rules: list[Outcome] = []

    def add(self, rules: typing.Iterable[Outcome]) -> None:
        self._rules = [*rules, *self._rules]

    def clear(self) -> None:
        self._rules = []

    def as_json(self) -> list[dict[str, object]]:
        return [dataclasses.asdict(rule) for rule in self._rules]

    def events(self, recipient: str) -> list[Event]:
        """The events that follow Send for this recipient."""
        address = recipient.lower()
        for rule in self._rules:
            if fnmatch.fnmatchcase(address, rule.address.lower()):
                return rule.events
        local, _, domain = address.rpartition("@")
        if domain == "simulator.amazonses.com":
            return _SIMULATOR.get(local.partition("+")[0], _SIMULATOR["success"])
        return _SIMULATOR["success"]
