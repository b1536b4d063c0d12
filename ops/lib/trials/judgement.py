"""What the figures of the witness mean. Pure."""

from __future__ import annotations

import bisect
import collections.abc
import dataclasses
import math

#: P4 is about any ten seconds.
WINDOW_SECONDS = 10.0
#: The rate set is so much of what SES allows.
HEADROOM = 0.95
#: A slot may be used a quarter of a second late, a request is on its way for a while, and on a machine that is busy
#: with other things workers and the local AWS, which serves one request at a time, stand still for moments: what waited
#: comes together. By so much may that shift the witness's times before it is called a violation.
LATE_SECONDS = 1.0
#: A probe order is in time when SES has accepted it after so long.
IN_TIME_SECONDS = 5.0


def percentile(values: collections.abc.Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of them does not exceed; None of none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(values: collections.abc.Sequence[float]) -> dict[str, float | int | None]:
    """How many, the median, the 99th percentile and the largest, rounded to milliseconds."""
    named = {"p50": percentile(values, 0.5), "p99": percentile(values, 0.99), "max": max(values, default=None)}
    return {"n": len(values)} | {name: None if value is None else round(value, 3) for name, value in named.items()}


@dataclasses.dataclass(frozen=True)
class Held:
    """A time in which a fault of ours kept back requests on their way: so many more may arrive at its end."""

    begin: float
    end: float
    most: int


@dataclasses.dataclass(frozen=True)
class RateFigures:
    """The busiest window, how many windows held more than the rate set, and how many more than can be
    explained by what SES allows and a second of delay.
    """

    most: int
    allowed: int
    over_set: int
    violations: int
    #: When the busiest window began.
    at: float = 0.0

    def as_json(self) -> dict[str, int]:
        return {
            "rateMost": self.most,
            "rateAllowed": self.allowed,
            "rateOverSet": self.over_set,
            "rateViolations": self.violations,
        }


def rate_figures(
    times: collections.abc.Iterable[float], *, rate: float, burst: int, held: collections.abc.Sequence[Held] = ()
) -> RateFigures:
    """Looks at each window of ten seconds that begins with an acceptance. `rate` is the rate set."""
    ordered = sorted(times)
    allowed = math.floor(WINDOW_SECONDS * rate) + burst
    limit = math.floor(WINDOW_SECONDS * rate / HEADROOM) + burst + math.ceil(LATE_SECONDS * rate)
    most = over_set = violations = 0
    at = 0.0
    for first, begin in enumerate(ordered):
        end = begin + WINDOW_SECONDS
        count = bisect.bisect_left(ordered, end) - first
        late = sum(fault.most for fault in held if fault.begin < end and begin < fault.end + WINDOW_SECONDS)
        if count > most:
            most, at = count, begin
        over_set += count > allowed + late
        violations += count > limit + late
    return RateFigures(most, allowed, over_set, violations, at)


@dataclasses.dataclass(frozen=True)
class Probe:
    """An order whose way is watched: when it was published and, unless never, when SES accepted it."""

    published: float
    accepted: float | None

    @property
    def in_time(self) -> bool:
        return self.accepted is not None and self.accepted - self.published <= IN_TIME_SECONDS


def availability(probes: collections.abc.Sequence[Probe]) -> tuple[int, int]:
    """Windows of ten seconds in which a probe was accepted in time, and all windows in which one was published."""
    windows: dict[int, bool] = {}
    for probe in probes:
        window = int(probe.published // WINDOW_SECONDS)
        windows[window] = windows.get(window, False) or probe.in_time
    return sum(windows.values()), len(windows)


def recovery(probes: collections.abc.Sequence[Probe], begin: float, end: float, run: int = 3) -> float | None:
    """How long after a fault's end the service was there again: from when on so many probes in a row were in time, of
    those that were published after the fault began. Zero when that was so before it ended; None when it never was.
    """
    after = sorted((probe for probe in probes if probe.published >= begin), key=lambda probe: probe.published)
    for index in range(len(after) - run + 1):
        if all(probe.in_time for probe in after[index : index + run]):
            return max(0.0, after[index].published - end)
    return None


def queueing(arrivals: collections.abc.Sequence[float], rate: float, burst: int = 1) -> list[float]:
    """How long each of these would wait if nothing but the rate held it: the same rule as the cluster's (GCRA)."""
    step = 1 / rate
    due = -math.inf
    waits = []
    for arrival in sorted(arrivals):
        slot = max(due, arrival - (burst - 1) * step)
        due = slot + step
        waits.append(max(0.0, slot - arrival))
    return waits
