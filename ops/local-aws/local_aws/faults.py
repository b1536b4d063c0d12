"""The book of faults: which of them strikes what."""

from __future__ import annotations

import random
import typing

from .call import Call
from .fault import Fault


class FaultBook:
    """The faults in force. The first that matches and is drawn strikes.

    Each fault draws from a generator of its own, made of the seed and its number: whether it strikes its nth match does
    not depend on what other requests came between.
    """

    def __init__(self, seed: typing.Callable[[], float]) -> None:
        self._seed = seed
        self._faults: list[tuple[Fault, random.Random]] = []

    def add(self, faults: typing.Iterable[Fault]) -> None:
        for fault in faults:
            self._faults.append((fault, random.Random(f"{self._seed()}/{len(self._faults)}")))

    def clear(self) -> None:
        self._faults.clear()

    def as_json(self) -> list[dict[str, object]]:
        return [fault.as_json() for fault, _ in self._faults]

    def for_call(self, call: Call, phase: str) -> Fault | None:
        """The fault that strikes this call in this phase, if one does; its count goes down."""
        return self._draw(lambda fault: fault.matches_call(call, phase))

    def for_event(self, event_type: str, text: str, delivery: str | None, *, altering: bool) -> Fault | None:
        """The fault that strikes this event, if one does. What alters an event and what decides its fate are two draws."""
        return self._draw(
            lambda fault: (fault.kind == "alter") == altering and fault.matches_event(event_type, text, delivery)
        )

    def for_message(self, queue: str, text: str) -> Fault | None:
        """The fault that strikes this SQS message, if one does; what reorders strikes whole answers."""
        return self._draw(lambda fault: fault.kind != "reorder" and fault.matches_message(queue, text))

    def for_messages(self, queue: str, texts: typing.Sequence[str]) -> Fault | None:
        """The fault that reorders this answer, if one does."""
        return self._draw(
            lambda fault: fault.kind == "reorder" and any(fault.matches_message(queue, text) for text in texts)
        )

    def _draw(self, matches: typing.Callable[[Fault], bool]) -> Fault | None:
        for fault, rng in self._faults:
            if fault.count == 0 or not matches(fault):
                continue
            if fault.probability < 1 and rng.random() >= fault.probability:
                continue
            if fault.count is not None:
                fault.count -= 1
            fault.struck += 1
            return fault
        return None
