"""How long it takes until others do what a killed worker did."""

from __future__ import annotations

import asyncio
import dataclasses
import signal
import time

from .cluster import Cluster, Worker
from .sql import DatabaseGone, Session

#: A look every so often, which is how exact the figures are.
_EVERY = 0.05
#: After this a takeover is given up and said to have taken so long: far beyond what is promised.
LONGEST = 120.0


@dataclasses.dataclass
class Takeover:
    """What became of one killed worker's work. Times are seconds from the kill."""

    at: float
    leader: float | None = None
    jobs: list[float] = dataclasses.field(default_factory=list)
    #: It led, or had jobs, when it was killed; and that is not over yet.
    awaits_leader: bool = False
    awaits_jobs: int = 0

    @property
    def end(self) -> float:
        return self.at + max([self.leader or 0.0, *self.jobs])


async def kill(cluster: Cluster, worker: Worker, session: Session) -> Takeover:
    """Kills the worker with SIGKILL and watches until its leadership and the jobs it had claimed are others'.

    Its jobs are taken over when their row has another epoch or is gone: claimed by another, in doubt, or finished.
    """
    identity, leads, _ = await _holdings(session, worker.pid)
    worker_pid = worker.pid
    assert worker.child is not None
    worker.wanted = False
    worker.child.send(signal.SIGKILL)
    at, clock = time.time(), time.monotonic()
    result = Takeover(at)
    if identity is None:
        return result
    # What it had committed before it died is known now, and nothing follows.
    await asyncio.sleep(_EVERY)
    jobs = (await _holdings(session, worker_pid))[2]
    result.awaits_leader, result.awaits_jobs = leads, len(jobs)
    while (result.awaits_leader or jobs) and time.monotonic() - clock < LONGEST:
        await asyncio.sleep(_EVERY)
        try:
            if result.awaits_leader and await _another_leads(session, identity):
                result.awaits_leader, result.leader = False, time.monotonic() - clock
            if jobs:
                left = await _still_held(session, jobs)
                result.jobs += [time.monotonic() - clock] * (len(jobs) - len(left))
                jobs = left
        except DatabaseGone:
            continue
        result.awaits_jobs = len(jobs)
    if result.awaits_leader:
        result.leader = LONGEST
    result.jobs += [LONGEST] * len(jobs)
    return result


async def leader(session: Session) -> int | None:
    """The process that leads now; None when nobody does, or nobody knows."""
    try:
        rows = await session.rows(
            "SELECT w.process_id FROM waybill.leadership l JOIN waybill.workers w ON w.id = l.holder "
            "WHERE l.expires_at > clock_timestamp() AND w.expires_at > clock_timestamp()"
        )
    except DatabaseGone:
        return None
    return int(rows[0][0]) if rows else None


async def _holdings(session: Session, pid: int) -> tuple[str | None, bool, dict[int, int]]:
    """The incarnation of a process, whether it leads, and the jobs it has claimed with their epochs."""
    try:
        rows = await session.rows(
            "SELECT w.id, EXISTS ("
            "SELECT FROM waybill.leadership l WHERE l.holder = w.id AND l.expires_at > clock_timestamp()) "
            f"FROM waybill.workers w WHERE w.process_id = {pid} AND w.expires_at > clock_timestamp()"
        )
        if not rows:
            return None, False, {}
        identity = rows[0][0]
        jobs = await session.rows(f"SELECT id, epoch FROM waybill.queue WHERE worker = '{identity}'")
    except DatabaseGone:
        return None, False, {}
    return identity, rows[0][1] == "t", {int(job): int(epoch) for job, epoch in jobs}


async def _another_leads(session: Session, identity: str) -> bool:
    query = f"SELECT count(*) FROM waybill.leadership WHERE holder <> '{identity}' AND expires_at > clock_timestamp()"
    return await session.value(query) != "0"


async def _still_held(session: Session, jobs: dict[int, int]) -> dict[int, int]:
    """Those of the jobs that nobody has taken yet: ready again or still the dead worker's, at the old epoch."""
    listed = ",".join(map(str, jobs))
    rows = await session.rows(
        f"SELECT id, epoch FROM waybill.queue WHERE id IN ({listed}) AND state IN ('ready', 'leased')"
    )
    return {int(job): int(epoch) for job, epoch in rows if jobs[int(job)] == int(epoch)}
