"""Which fault strikes when: what a seed decides. Pure."""

from __future__ import annotations

import collections.abc
import dataclasses
import random

#: Seconds between two faults, on the mean: enough to see a recovery in a long run, and every kind in a short one.
_LONGEST_GAP = 20.0
#: So many decks of all kinds should fit into a run.
_LEAST_DECKS = 1.2

#: The burst in a day of orders: how many times the usual, and for which share of the day.
BURST_FACTOR = 10
BURST_SHARE = 0.05


@dataclasses.dataclass(frozen=True)
class Strike:
    """One fault: its kind, seconds after the start, and the number that decides everything else about it."""

    at: float
    kind: str
    draw: int


def strikes(seed: int, seconds: float, kinds: collections.abc.Sequence[str]) -> list[Strike]:
    """Kinds are dealt like cards: none comes again before all others came."""
    rng = random.Random(seed)
    gap = min(_LONGEST_GAP, seconds / (_LEAST_DECKS * len(kinds)))
    deck: list[str] = []
    dealt = []
    at = gap
    while at < seconds:
        if not deck:
            deck = list(kinds)
            rng.shuffle(deck)
        dealt.append(Strike(round(at, 3), deck.pop(), rng.getrandbits(32)))
        at += rng.uniform(0.5, 1.5) * gap
    return dealt


def day(seed: int, orders: int, seconds: float) -> list[float]:
    """When the orders of a compressed day come, seconds from its start: at random, and in a twentieth of the day ten
    times as many as in the rest.
    """
    rng = random.Random(seed)
    burst_at, length = seconds * rng.uniform(0.3, 0.6), seconds * BURST_SHARE
    usual = orders / (seconds + (BURST_FACTOR - 1) * length)
    in_burst = round(BURST_FACTOR * usual * length)
    times = [burst_at + rng.uniform(0, length) for _ in range(in_burst)]
    while len(times) < orders:
        at = rng.uniform(0, seconds)
        if not burst_at <= at < burst_at + length:
            times.append(at)
    return sorted(times)
