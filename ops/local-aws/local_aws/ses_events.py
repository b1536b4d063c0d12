"""Publishes the events of SES in the documented shapes to the SNS topics of the configuration set's destinations."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import dataclasses
import email.utils
import json
import logging
import typing

from . import emulator, ses_shapes
from .call import Call
from .clock import Clock
from .fault import Fault
from .faults import FaultBook
from .ses_message import Message
from .ses_outcomes import EVENT_TYPES, Event, Outcomes
from .ses_suppression import SuppressionList
from .settings import Settings
from .tags import decoded
from .usage import UsageWitness

_LOG = logging.getLogger(__name__)
_SUBJECT = "Amazon SES Email Event Notification"

#: Accepted emails that a test may still have an event published for.
_REMEMBERED = 100_000

#: How long the end of the server waits for events under way.
_DRAIN_SECONDS = 3


@dataclasses.dataclass(frozen=True)
class Accepted:
    """An email that SES accepted."""

    call: Call
    message: Message
    message_id: str
    mail: dict[str, object]
    addresses: list[str]
    #: Set when an event was published: one that is to be overtaken waits for it.
    next_event: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)


class EventPublisher:
    """One background task an email: Send, then what becomes of each recipient."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        faults: FaultBook,
        outcomes: Outcomes,
        suppressions: SuppressionList,
        usage: UsageWitness,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._faults = faults
        self._outcomes = outcomes
        self._suppressions = suppressions
        self._usage = usage
        self._tasks: set[asyncio.Task[None]] = set()
        self._accepted: collections.OrderedDict[str, Accepted] = collections.OrderedDict()
        self._counts: collections.Counter[tuple[str, str]] = collections.Counter()

    def accepted(self, call: Call, message: Message, message_id: str) -> None:
        """Begins to publish for an email that was just accepted."""
        addresses = [email.utils.parseaddr(text)[1] for text in message.recipients]
        mail = ses_shapes.mail(message, message_id, addresses, self._clock.event_time())
        entry = Accepted(call, message, message_id, mail, addresses)
        self._accepted[message_id] = entry
        if len(self._accepted) > _REMEMBERED:
            self._accepted.popitem(last=False)
        self._start(self._story(entry))

    def on_request(self, message_id: str, event: Event) -> bool:
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

    async def drain(self) -> None:
        """Waits a moment for the events under way: what SES has accepted it goes on to report."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                while self._tasks:
                    await asyncio.wait(self._tasks)

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
        # Decided when SES accepts the email: a bounce of another one that comes later changes nothing.
        fates = {
            address: [SuppressionList.BOUNCE] if self._suppressions.holds(address) else self._outcomes.events(address)
            for address in entry.addresses
        }
        await asyncio.sleep(self._settings.send_event_delay)
        # A task of its own: a Send event that a fault delays does not hold back what comes after it.
        self._start(self._emit(entry, {"type": "Send"}, entry.addresses[0]))
        await asyncio.sleep(self._settings.event_delay)
        for address, events in fates.items():
            for event in events:
                await asyncio.sleep(float(event.get("afterMs", 0)) / 1000)
                await self._emit(entry, event, address)

    async def _emit(self, entry: Accepted, event: Event, address: str) -> None:
        """One event of one recipient, with the faults that strike it."""
        event_type = str(event["type"])
        self._suppressions.note(event, address, entry.message_id)
        delivery = decoded(entry.message.tags.get("delivery", ""))
        members = {"eventType": event_type, "mail": entry.mail, **self._detail(event, address)}
        altered = self._faults.for_event(event_type, json.dumps(members), delivery, altering=True)
        if altered is not None:
            self._counts[event_type, "altered"] += 1
            ses_shapes.alter(members, altered.values)
        body = json.dumps(members)
        fault = self._faults.for_event(event_type, body, delivery, altering=False)
        match None if fault is None else fault.kind:
            case "lose":
                self._counts[event_type, "lost"] += 1
                return
            case "duplicate":
                self._counts[event_type, "duplicated"] += 1
                await self._publish(entry, event_type, body)
            case "delay" | "reorder":
                self._counts[event_type, "delayed" if fault.kind == "delay" else "reordered"] += 1
                # A task of its own: what comes after this event overtakes it.
                self._start(self._late(entry, event_type, body, fault))
                return
        await self._publish(entry, event_type, body)

    async def _late(self, entry: Accepted, event_type: str, body: str, fault: Fault) -> None:
        """An event that waits for its time, or for the next event of its email but not longer than its time."""
        if fault.kind == "delay":
            await asyncio.sleep(fault.ms / 1000)
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(fault.ms / 1000 if fault.ms else None):
                    await entry.next_event.wait()
        await self._publish(entry, event_type, body)

    async def _publish(self, entry: Accepted, event_type: str, body: str) -> None:
        topics = await self._topics(entry, EVENT_TYPES[event_type])
        if not topics:
            self._counts[event_type, "unwanted"] += 1
        for topic in topics:
            answer = await emulator.publish(entry.call, topic, _SUBJECT, body)
            if answer.status == 200:
                self._counts[event_type, "published"] += 1
                self._usage.published(topic, body)
            else:
                self._counts[event_type, "refused"] += 1
                _LOG.error("SNS refused an event: %s", answer.body.decode(errors="replace"))
        # Wakes those that wait now, and nobody who comes later.
        entry.next_event.set()
        entry.next_event.clear()

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

    def _detail(self, event: Event, address: str) -> dict[str, object]:
        """The event's own object."""
        now = self._clock.event_time()
        match event["type"]:
            case "Send":
                return {"send": {}}
            case "Delivery":
                return {"delivery": ses_shapes.delivery(now, address, self._settings.event_delay)}
            case "Bounce":
                return {"bounce": ses_shapes.bounce(now, address, event)}
            case "Complaint":
                return {"complaint": ses_shapes.complaint(now, address, event)}
            case "Reject":
                return {"reject": {"reason": "Bad content"}}
            case _:
                return {"deliveryDelay": ses_shapes.delay(now, address, event)}
