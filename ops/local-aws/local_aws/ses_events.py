"""Publishes the events of SES in the documented shapes to the SNS topics of the configuration set's destinations."""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import email.utils
import json
import logging
import typing
import uuid

from . import emulator
from .call import Call
from .clock import Clock
from .faults import FaultBook
from .ses_message import Message
from .ses_outcomes import EVENT_TYPES, Outcomes
from .settings import Settings
from .tags import decoded

_LOG = logging.getLogger(__name__)
_SUBJECT = "Amazon SES Email Event Notification"
_ACCOUNT = "000000000000"

#: Accepted emails that a test may still have an event published for.
_REMEMBERED = 100_000


@dataclasses.dataclass(frozen=True)
class Accepted:
    """An email that SES accepted."""

    call: Call
    message: Message
    message_id: str
    mail: dict[str, object]
    addresses: list[str]


class EventPublisher:
    """One background task an email: Send, then what becomes of each recipient."""

    def __init__(self, settings: Settings, clock: Clock, faults: FaultBook, outcomes: Outcomes) -> None:
        self._settings = settings
        self._clock = clock
        self._faults = faults
        self._outcomes = outcomes
        self._tasks: set[asyncio.Task[None]] = set()
        self._accepted: collections.OrderedDict[str, Accepted] = collections.OrderedDict()
        self._counts: collections.Counter[tuple[str, str]] = collections.Counter()

    def accepted(self, call: Call, message: Message, message_id: str) -> None:
        """Begins to publish for an email that was just accepted."""
        addresses = [email.utils.parseaddr(text)[1] for text in message.recipients]
        mail = _mail(message, message_id, addresses, self._clock.event_time())
        entry = Accepted(call, message, message_id, mail, addresses)
        self._accepted[message_id] = entry
        if len(self._accepted) > _REMEMBERED:
            self._accepted.popitem(last=False)
        self._start(self._story(entry))

    def on_request(self, message_id: str, event: dict[str, str]) -> bool:
        """Publishes one more event for an accepted email, to each of its recipients; False when the email is unknown."""
        entry = self._accepted.get(message_id)
        if entry is None:
            return False
        for address in entry.addresses:
            self._start(self._emit(entry, event, address))
        return True

    def clear(self) -> None:
        """Forgets the emails and counts; events under way are not published any more."""
        for task in list(self._tasks):
            task.cancel()
        self._accepted.clear()
        self._counts.clear()

    def as_json(self) -> dict[str, dict[str, int]]:
        """Event type -> published, lost, duplicated, delayed and unwanted (no destination asks for it)."""
        counts: dict[str, dict[str, int]] = {}
        for (event_type, what), count in sorted(self._counts.items()):
            counts.setdefault(event_type, {})[what] = count
        return counts

    def _start(self, work: typing.Coroutine[typing.Any, typing.Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _LOG.error("an event could not be published", exc_info=task.exception())

    async def _story(self, entry: Accepted) -> None:
        await asyncio.sleep(self._settings.send_event_delay)
        # A task of its own: a Send event that a fault delays does not hold back what comes after it.
        self._start(self._emit(entry, {"type": "Send"}, entry.addresses[0]))
        await asyncio.sleep(self._settings.event_delay)
        for address in entry.addresses:
            for event in self._outcomes.events(address):
                await self._emit(entry, event, address)

    async def _emit(self, entry: Accepted, event: dict[str, str], address: str) -> None:
        """One event of one recipient, with the fault that strikes it."""
        event_type = event["type"]
        body = json.dumps({"eventType": event_type, "mail": entry.mail, **self._detail(event, address)})
        fault = self._faults.for_event(event_type, body, decoded(entry.message.tags.get("delivery", "")))
        if fault is not None and fault.kind == "lose":
            self._counts[event_type, "lost"] += 1
            return
        if fault is not None and fault.kind == "delay":
            self._counts[event_type, "delayed"] += 1
            await asyncio.sleep(fault.ms / 1000)
        await self._publish(entry, event_type, body)
        if fault is not None and fault.kind == "duplicate":
            self._counts[event_type, "duplicated"] += 1
            await self._publish(entry, event_type, body)

    async def _publish(self, entry: Accepted, event_type: str, body: str) -> None:
        topics = await self._topics(entry, EVENT_TYPES[event_type])
        if not topics:
            self._counts[event_type, "unwanted"] += 1
        for topic in topics:
            answer = await emulator.publish(entry.call, topic, _SUBJECT, body)
            if answer.status == 200:
                self._counts[event_type, "published"] += 1
            else:
                self._counts[event_type, "refused"] += 1
                _LOG.error("SNS refused an event: %s", answer.body.decode(errors="replace"))

    async def _topics(self, entry: Accepted, matching_type: str) -> list[str]:
        """The topics that ask for this type of event now."""
        name = entry.message.configuration_set
        if name is None:
            return []
        answer = await emulator.get(entry.call, f"/v2/email/configuration-sets/{name}/event-destinations")
        return [
            destination["SnsDestination"]["TopicArn"]
            for destination in answer.json().get("EventDestinations", [])
            if destination.get("Enabled") and destination.get("SnsDestination")
            and matching_type in destination["MatchingEventTypes"]
        ]

    def _detail(self, event: dict[str, str], address: str) -> dict[str, object]:
        """The event's own object."""
        now = self._clock.event_time()
        match event["type"]:
            case "Send":
                return {"send": {}}
            case "Delivery":
                return {"delivery": _delivery(now, address, self._settings.event_delay)}
            case "Bounce":
                return {"bounce": _bounce(now, address, event)}
            case "Complaint":
                return {"complaint": _complaint(now, address, event)}
            case "Reject":
                return {"reject": {"reason": "Bad content"}}
            case _:
                return {"deliveryDelay": _delay(now, address, event)}


def _mail(message: Message, message_id: str, addresses: list[str], when: str) -> dict[str, object]:
    """The object `mail` that every event carries."""
    tags = {
        "ses:configuration-set": message.configuration_set or "",
        "ses:source-ip": "127.0.0.1",
        "ses:from-domain": message.source_domain,
        "ses:caller-identity": "local",
        **message.tags,
    }
    named = [("From", message.source), ("To", ", ".join(message.recipients)), ("Subject", message.subject)]
    headers = [{"name": name, "value": value} for name, value in named]
    return {
        "timestamp": when,
        "messageId": message_id,
        "source": message.source,
        "sourceArn": f"arn:aws:ses:us-east-1:{_ACCOUNT}:identity/{message.source_domain}",
        "sendingAccountId": _ACCOUNT,
        "destination": addresses,
        "headersTruncated": False,
        "headers": headers + [{"name": header["Name"], "value": header["Value"]} for header in message.headers],
        "commonHeaders": {
            "from": [message.source],
            "to": message.recipients,
            "messageId": message_id,
            "subject": message.subject,
        },
        "tags": {name: [value] for name, value in tags.items()},
    }


def _delivery(now: str, address: str, seconds: float) -> dict[str, object]:
    return {
        "timestamp": now,
        "processingTimeMillis": int(seconds * 1000),
        "recipients": [address],
        "smtpResponse": "250 2.6.0 Message received",
        "remoteMtaIp": "127.0.0.1",
        "reportingMTA": "a8-50.smtp-out.amazonses.com",
    }


def _bounce(now: str, address: str, event: dict[str, str]) -> dict[str, object]:
    permanent = event.get("bounceType", "Permanent") == "Permanent"
    status = "5.1.1" if permanent else "4.4.7"
    diagnostic = "smtp; 550 5.1.1 user unknown" if permanent else "smtp; 452 4.2.2 over quota"
    return {
        "feedbackId": str(uuid.uuid4()),
        "bounceType": event.get("bounceType", "Permanent"),
        "bounceSubType": event.get("bounceSubType", "General"),
        "bouncedRecipients": [
            {"emailAddress": address, "action": "failed", "status": status, "diagnosticCode": diagnostic}
        ],
        "timestamp": now,
        "reportingMTA": "dns; a8-50.smtp-out.amazonses.com",
    }


def _complaint(now: str, address: str, event: dict[str, str]) -> dict[str, object]:
    return {
        "feedbackId": str(uuid.uuid4()),
        "complaintSubType": event.get("complaintSubType"),
        "complainedRecipients": [{"emailAddress": address}],
        "timestamp": now,
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": event.get("complaintFeedbackType", "abuse"),
        "arrivalDate": now,
    }


def _delay(now: str, address: str, event: dict[str, str]) -> dict[str, object]:
    return {
        "timestamp": now,
        "delayType": event.get("delayType", "TransientCommunicationFailure"),
        "expirationTime": now,
        "delayedRecipients": [
            {"emailAddress": address, "status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1 Unable to connect"}
        ],
        "reportingMTA": "a8-50.smtp-out.amazonses.com",
    }
