"""The faults of processes, of PostgreSQL and of wires. Each ends what it began, and says in words what it did."""

from __future__ import annotations

import asyncio
import random
import signal
import time

from . import takeover
from .cluster import UNREACHABLE, Worker, fake_time, say
from .children import Child
from .sql import DatabaseGone
from .stage import Stage
from .wires import CUTS

#: Emails that one worker has in hand at most: WAYBILL_CONCURRENCY of a trial.
IN_HAND = 32
#: A drain ends by itself well within this: requests have deadlines.
_DRAIN_SECONDS = 90.0


async def _restart(stage: Stage, worker: Worker, variables: dict[str, str] | None = None) -> None:
    """Drains a worker and starts it again; notes a drain that did not end well."""
    began = time.time()
    code = await stage.cluster.stop(worker, signal.SIGTERM, _DRAIN_SECONDS)
    if code not in (0, UNREACHABLE):
        stage.bad_drains.append(f"{worker.name} ended with {code} after {time.time() - began:.1f} s")
        say(stage.bad_drains[-1])
    await stage.cluster.start(worker, variables)


async def kill(stage: Stage, rng: random.Random) -> str:
    # Half of the time the leader: among many workers it would hardly be struck.
    leader = await takeover.leader(stage.session) if rng.random() < 0.5 else None
    with stage.worker(rng, leader) as worker:
        watched = await takeover.kill(stage.cluster, worker, stage.session)
        stage.takeovers.append(watched)
        await stage.pause(rng, 0, 5)
        await stage.cluster.stop(worker, signal.SIGKILL)
        await stage.cluster.start(worker)
    led = "" if watched.leader is None else f", another led after {watched.leader:.1f} s"
    taken = "" if not watched.jobs else f", its {len(watched.jobs)} jobs taken over after {max(watched.jobs):.1f} s"
    return f"{worker.name}{led}{taken}"


async def stop_and_continue(stage: Stage, rng: random.Random) -> str:
    with stage.worker(rng) as worker:
        assert worker.child is not None
        worker.child.send(signal.SIGSTOP)
        began = time.time()
        try:
            await stage.pause(rng, 1, rng.choice([3, 15, 60]))
        finally:
            worker.child.send(signal.SIGCONT)
            stage.hold(began, IN_HAND)
    return worker.name


async def skewed_clock(stage: Stage, rng: random.Random) -> str:
    # Hours, and what lies within a signature's age, where a wrong clock is not refused at once.
    most = rng.choice([3600, stage.cluster.plan.signature_seconds])
    seconds = rng.choice([-1, 1]) * rng.randint(2, most)
    with stage.worker(rng) as worker:
        await _restart(stage, worker, fake_time(seconds))
        await stage.pause(rng, 15, 45)
        await _restart(stage, worker)
    return f"{worker.name} {seconds:+d} s"


async def rolling_restart(stage: Stage, rng: random.Random) -> str:
    with stage.every_worker() as workers:
        for worker in workers:
            await _restart(stage, worker)
            for _ in range(300):
                if stage.over.is_set() or await stage.cluster.is_ready(worker):
                    break
                await asyncio.sleep(0.1)
    return f"{len(workers)} workers"


async def database_crash(stage: Stage, rng: random.Random) -> str:
    with stage.database():
        await stage.cluster.postgres.tell("crash")
        await stage.pause(rng, 0, 5)
        await stage.cluster.postgres.tell("start")
    return "stopped at once"


async def failover(stage: Stage, rng: random.Random) -> str:
    with stage.database():
        await stage.cluster.postgres.tell("standby")
        await stage.pause(rng, 1, 4)
        await stage.cluster.postgres.tell("crash")
        await stage.pause(rng, 0, 3)
        await stage.cluster.promote()
    return "to the synchronous standby"


async def backends_killed(stage: Stage, rng: random.Random) -> str:
    killed = 0
    with stage.database():
        for _ in range(rng.randint(1, 5)):
            try:
                killed += int(
                    await stage.session.value(
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                    )
                )
            except DatabaseGone as gone:
                say(f"backends not killed: {gone}")
            await stage.pause(rng, 0.2, 1)
    return f"{killed} connections"


async def idle_admin(stage: Stage, rng: random.Random) -> str:
    """Somebody looks at the queue in a transaction, and goes for a coffee: vacuum is held back meanwhile."""
    child = await Child.start(
        "idle-admin",
        ["psql", "--no-psqlrc", "-qAt", "-d", stage.cluster.postgres.conninfo()],
        environment=stage.cluster.environment,
        folder=stage.cluster.folder,
        piped=True,
    )
    assert child.process.stdin is not None
    child.process.stdin.write(b"BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM waybill.queue;\n")
    try:
        await stage.pause(rng, 60, 240)
    finally:
        await child.end(signal.SIGKILL)
    return "a transaction open"


async def migrate(stage: Stage, rng: random.Random) -> str:
    with stage.database():
        return (await stage.cluster.run("migrate")).strip().replace("\n", "; ") or "migrated"


async def no_database(stage: Stage, rng: random.Random) -> str:
    how = rng.choice(CUTS)
    with stage.worker(rng) as worker:
        assert worker.to_postgres is not None
        worker.to_postgres.cut(how)
        await stage.pause(rng, 2, 30)
        worker.to_postgres.mend()
    return f"{worker.name}, {how}"


async def no_aws(stage: Stage, rng: random.Random) -> str:
    how = rng.choice(CUTS)
    with stage.worker(rng) as worker:
        assert worker.to_aws is not None
        worker.to_aws.cut(how)
        began = time.time()
        await stage.pause(rng, 2, 30)
        worker.to_aws.mend()
        stage.hold(began, IN_HAND)
    return f"{worker.name}, {how}"


#: By the names under which they are reported.
KINDS = {
    "kill": kill,
    "pause": stop_and_continue,
    "skewed-clock": skewed_clock,
    "rolling-restart": rolling_restart,
    "database-crash": database_crash,
    "failover": failover,
    "backends-killed": backends_killed,
    "idle-admin": idle_admin,
    "migrate": migrate,
    "no-database": no_database,
    "no-aws": no_aws,
}
#: Those that strike a worker or the database: a takeover during one of them is not the cluster's own time.
DISTURBING = frozenset(KINDS) - {"kill", "idle-admin", "migrate"}
