"""Where faults strike: who may be struck now, and what was."""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import dataclasses
import random
import time

from .cluster import Cluster, Worker, say
from .judgement import Held
from .orders import nap
from .sql import Session
from .takeover import Takeover


@dataclasses.dataclass
class Fault:
    """One that struck: from when to when, by the machine's clock."""

    kind: str
    begin: float
    end: float = 0.0
    detail: str = ""


class Nobody(Exception):
    """What the fault would strike is under another one: it is left out."""


class Stage:
    """The cluster under faults."""

    def __init__(self, cluster: Cluster, session: Session) -> None:
        self.cluster = cluster
        self.session = session
        #: Set when the time is over: faults end at once.
        self.over = asyncio.Event()
        self.faults: list[Fault] = []
        self.held: list[Held] = []
        self.takeovers: list[Takeover] = []
        self.left_out: list[str] = []
        #: Workers whose drain took so long that they were killed, or that ended with another code than 0.
        self.bad_drains: list[str] = []
        #: How often a worker could not begin because a server was out of reach, and was started again.
        self.revived = 0
        self._struck: set[int] = set()
        self._database = False
        self._account = False

    async def pause(self, rng: random.Random, least: float, most: float) -> None:
        """As long as the fault lasts, but not past the end."""
        await nap(rng.uniform(least, most), self.over)

    @contextlib.contextmanager
    def worker(self, rng: random.Random, pid: int | None = None) -> collections.abc.Iterator[Worker]:
        """One worker for this fault alone, best the one of this process; the others but one may be under faults too."""
        free = [worker for worker in self.cluster.workers if worker.number not in self._struck]
        if len(free) < min(2, len(self.cluster.workers)):
            raise Nobody("every other worker is under a fault")
        wished = [worker for worker in free if worker.pid == pid]
        taken = rng.choice(wished or free)
        self._struck.add(taken.number)
        try:
            yield taken
        finally:
            self._struck.discard(taken.number)

    @contextlib.contextmanager
    def every_worker(self) -> collections.abc.Iterator[list[Worker]]:
        if self._struck:
            raise Nobody("a worker is under a fault")
        self._struck = {worker.number for worker in self.cluster.workers}
        try:
            yield self.cluster.workers
        finally:
            self._struck = set()

    @contextlib.contextmanager
    def database(self) -> collections.abc.Iterator[None]:
        """The server of PostgreSQL for this fault alone."""
        if self._database:
            raise Nobody("PostgreSQL is under a fault")
        self._database = True
        try:
            yield
        finally:
            self._database = False

    @contextlib.contextmanager
    def account(self) -> collections.abc.Iterator[None]:
        """The settings of the local AWS for this fault alone."""
        if self._account:
            raise Nobody("the account is under a fault")
        self._account = True
        try:
            yield
        finally:
            self._account = False

    async def strike(
        self,
        kind: str,
        perform: collections.abc.Callable[[Stage, random.Random], collections.abc.Awaitable[str]],
        draw: int,
    ) -> None:
        """Performs one fault from its beginning to its end."""
        fault = Fault(kind, time.time())
        try:
            fault.detail = await perform(self, random.Random(draw))
        except Nobody as nobody:
            self.left_out.append(kind)
            say(f"{kind}: left out, {nobody}")
            return
        fault.end = time.time()
        self.faults.append(fault)
        say(f"{kind}: {fault.detail} ({fault.end - fault.begin:.1f} s)")

    async def supervise(self, every: float = 1.0) -> None:
        """Starts workers again that could not begin, until the end."""
        while not self.over.is_set():
            self.revived += await self.cluster.revive()
            await nap(every, self.over)

    def hold(self, begin: float, most: int) -> None:
        """Until now so many requests may have been kept back on their way to SES."""
        self.held.append(Held(begin, time.time(), most))
