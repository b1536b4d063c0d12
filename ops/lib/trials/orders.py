"""Real orders, fed to a cluster at a pace, and what became of them."""

from __future__ import annotations

import asyncio
import collections
import datetime
import json
import time

from .children import Broken, Child, until
from .cluster import Cluster, say
from .servers import CHECKOUT
from .sql import DatabaseGone, Session

KIND = "order-confirmation"
#: Where a delivery may end. SENT is one when SES's later events were lost; UNCONFIRMED waits for an operator.
ENDS = ("DELIVERED", "SENT", "BOUNCED", "COMPLAINT", "REJECTED", "FAILED", "SUPPRESSED", "CLOSED", "UNCONFIRMED")


class Stream:
    """One `waybill publish` that is fed purchases of the CDNOW sample, each a new order."""

    def __init__(self, cluster: Cluster, prefix: str) -> None:
        self._cluster = cluster
        self.prefix = prefix
        sample = CHECKOUT / "ops/data/cdnow-sample.txt"
        self._purchases = [line for line in sample.read_text().splitlines() if line.strip()]
        self._child: Child | None = None
        #: When each order was written to the publisher, in their order.
        self.written: list[float] = []

    async def open(self, *arguments: str) -> None:
        self._child = await self._cluster.publisher(
            f"publish-{self.prefix}", "--cdnow", "-", "--prefix", f"{self.prefix}-", *arguments
        )

    async def write(self, count: int) -> None:
        """Publishes so many more orders at once."""
        if self._child is None or not self._child.runs:
            raise Broken(f"the publisher of {self.prefix} does not run: {self._child.tail() if self._child else ''}")
        assert self._child.process.stdin is not None
        now = time.time()
        for _ in range(count):
            purchase = self._purchases[len(self.written) % len(self._purchases)]
            self._child.process.stdin.write(f"{purchase}\n".encode())
            self.written.append(now)
        await self._child.process.stdin.drain()

    async def flow(self, rate: float, over: asyncio.Event, step: float = 0.25) -> None:
        """Publishes at a rate until that is over."""
        began, before = time.monotonic(), len(self.written)
        while not over.is_set():
            due = int((time.monotonic() - began) * rate) - (len(self.written) - before)
            if due > 0:
                await self.write(due)
            await nap(step, over)

    async def close(self) -> None:
        """Waits until everything is published; Broken when something could not be."""
        assert self._child is not None and self._child.process.stdin is not None
        self._child.process.stdin.close()
        assert self._child.process.stdout is not None
        text = await asyncio.wait_for(self._child.process.stdout.read(), 300)
        await self._child.end(within=60)
        tally = json.loads(text or b"{}")
        if tally.get("published") != len(self.written) or tally.get("failed"):
            raise Broken(f"of {len(self.written)} orders not all were published: {tally}\n{self._child.tail()}")

    @property
    def names(self) -> list[str]:
        return [f"{self.prefix}-cdnow-{number}" for number in range(1, len(self.written) + 1)]


async def nap(seconds: float, over: asyncio.Event) -> None:
    """Waits, but not past the end."""
    try:
        await asyncio.wait_for(over.wait(), max(0.0, seconds))
    except asyncio.TimeoutError:
        pass


def moment(text: str) -> float:
    """Seconds since 1970 of a time as AWS and Waybill write it."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Count:
    """The witness's count: by order, how often SES accepted it, and when first."""

    def __init__(self, answer: dict[str, object]) -> None:
        deliveries = answer["deliveries"]
        assert isinstance(deliveries, dict)
        self.counts: dict[str, int] = {}
        self.first: dict[str, float] = {}
        for entry in deliveries.values():
            order = str(entry["text"]).removeprefix(f"{KIND}/")
            self.counts[order] = entry["count"]
            self.first[order] = moment(entry["first"])

    @property
    def duplicates(self) -> dict[str, int]:
        return {order: count for order, count in self.counts.items() if count > 1}


async def records(cluster: Cluster, status: str) -> list[dict[str, str]]:
    """The delivery records of this status, as `waybill deliveries --json` gives them."""
    found: list[dict[str, str]] = []
    after = ""
    while True:
        page = json.loads(
            await cluster.run(
                "deliveries", "--status", status, "--limit", "1000", "--json", *(["--after", after] if after else [])
            )
        )
        found += page["records"]
        after = page.get("next") or ""
        if not after:
            return found


async def settle(cluster: Cluster, session: Session, within: float) -> float:
    """Waits until no job is under way and both queues are empty; returns how long that took."""
    began = time.monotonic()
    seen = ""

    async def is_quiet() -> bool:
        nonlocal seen
        try:
            query = "SELECT state, count(*) FROM waybill.queue GROUP BY 1 ORDER BY 1"
            jobs = {state: int(count) for state, count in await session.rows(query)}
        except DatabaseGone:
            return False
        busy = {state: count for state, count in jobs.items() if state not in ("unconfirmed", "held")}
        queues = {} if busy else await queue_depths(cluster)
        look = f"jobs {jobs}, queues {queues}"
        if look != seen:
            say(f"settling: {look}")
            seen = look
        return not busy and not any(queues.values())

    await until(is_quiet, within=within, what="every order is at an end and both queues are empty", every=2)
    return time.monotonic() - began


async def queue_depths(cluster: Cluster) -> dict[str, int]:
    """How many messages each queue holds, hidden ones too."""
    status = await cluster.status()
    queues = status["queues"]
    assert isinstance(queues, dict)
    return {name: sum(queues[name].values()) for name in ("orders", "feedback")}


async def account(cluster: Cluster, orders: list[str]) -> tuple[dict[str, int], list[str]]:
    """How many of the orders are at which end, and those that are at none."""
    ends: dict[str, str] = {}
    for status in ENDS:
        ends.update({record["order"]: status for record in await records(cluster, status)})
    counts = collections.Counter(ends[order] for order in orders if order in ends)
    return dict(counts), [order for order in orders if order not in ends]
