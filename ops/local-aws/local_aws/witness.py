"""What was really accepted, and what was asked: counted here, where the program under test has no say."""

from __future__ import annotations

import collections
import dataclasses
import json
import typing

from .tags import decoded

_KEPT_EMAILS = 10_000


@dataclasses.dataclass
class _Acceptances:
    """The acceptances of one delivery."""

    count: int = 0
    attempts: list[str] = dataclasses.field(default_factory=list)
    message_ids: list[str] = dataclasses.field(default_factory=list)
    first: str = ""
    last: str = ""


class AcceptanceWitness:
    """How often SES accepted each delivery: more than once is the accident that the whole project exists to prevent."""

    def __init__(self) -> None:
        self._deliveries: dict[str, _Acceptances] = {}
        self._untagged = 0

    def accepted(self, tags: typing.Mapping[str, str], message_id: str, when: str) -> None:
        """Counts one acceptance, which has happened whether or not the caller will hear of it."""
        delivery = tags.get("delivery")
        if delivery is None:
            self._untagged += 1
            return
        entry = self._deliveries.setdefault(delivery, _Acceptances(first=when))
        entry.count += 1
        entry.attempts.append(tags.get("attempt", ""))
        entry.message_ids.append(message_id)
        entry.last = when

    def clear(self) -> None:
        self._deliveries.clear()
        self._untagged = 0

    def kept(self) -> str:
        """Everything, for restore()."""
        deliveries = {tag: dataclasses.asdict(entry) for tag, entry in self._deliveries.items()}
        return json.dumps({"untagged": self._untagged, "deliveries": deliveries})

    def restore(self, text: str) -> None:
        kept = json.loads(text)
        self._untagged = kept["untagged"]
        self._deliveries = {tag: _Acceptances(**entry) for tag, entry in kept["deliveries"].items()}

    def as_json(self, prefix: str = "") -> dict[str, object]:
        """The deliveries whose tag, or its text `kind/order`, begins with the prefix."""
        deliveries: dict[str, dict[str, object]] = {}
        counts = []
        for tag, entry in self._deliveries.items():
            text = decoded(tag)
            if tag.startswith(prefix) or (text or "").startswith(prefix):
                counts.append(entry.count)
                deliveries[tag] = {
                    "tag": tag,
                    "text": text,
                    "count": entry.count,
                    "attempts": entry.attempts,
                    "messageIds": entry.message_ids,
                    "first": entry.first,
                    "last": entry.last,
                }
        return {
            "total": sum(counts) + (0 if prefix else self._untagged),
            "untagged": self._untagged,
            "max": max(counts, default=0),
            "deliveries": deliveries,
        }


class Outbox:
    """The latest accepted emails, for tests that read what a customer would."""

    def __init__(self) -> None:
        self._emails: collections.deque[dict[str, object]] = collections.deque(maxlen=_KEPT_EMAILS)

    def keep(self, message_id: str, request: dict[str, object]) -> None:
        self._emails.append({"messageId": message_id, "request": request})

    def clear(self) -> None:
        self._emails.clear()

    def as_json(self, message_id: str | None, to: str | None) -> list[dict[str, object]]:
        """The SendEmail requests with that message id or recipient, the latest last."""
        return [
            email
            for email in self._emails
            if message_id in (None, email["messageId"]) and (to is None or f'"{to}"' in json.dumps(email["request"]))
        ]


class RequestCounter:
    """Requests by service and operation, with what became of them: an HTTP status, `reset` or `close`."""

    def __init__(self) -> None:
        self._counts: collections.Counter[tuple[str, str, str]] = collections.Counter()

    def counted(self, service: str, operation: str, outcome: str) -> None:
        self._counts[service, operation, outcome] += 1

    def clear(self) -> None:
        self._counts.clear()

    def as_json(self) -> dict[str, object]:
        services: dict[str, dict[str, dict[str, typing.Any]]] = {}
        for (service, operation, outcome), count in sorted(self._counts.items()):
            entry = services.setdefault(service, {}).setdefault(operation, {"count": 0, "outcomes": {}})
            entry["count"] += count
            entry["outcomes"][outcome] = count
        return {"total": sum(self._counts.values()), "services": services}
