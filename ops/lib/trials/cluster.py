"""A cluster of real processes: servers, workers, and the commands of `waybill`."""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import dataclasses
import functools
import json
import os
import pathlib
import shutil
import signal
import tempfile
import time
import urllib.request

from .children import Broken, Child, free_port, output_of, until
from .servers import CHECKOUT, LocalAWS, Postgres
from .sql import DatabaseGone, Session
from .wires import Wire

#: A worker that is ready holds a lease; on a loaded machine that takes a while.
READY_SECONDS = 120
#: The exit code of a command of `waybill` that found nothing.
NOTHING_FOUND = 3
#: And of one that PostgreSQL or AWS did not answer.
UNREACHABLE = 4


@dataclasses.dataclass
class Plan:
    """What a cluster is made of."""

    program: pathlib.Path
    #: Emails a second that the whole cluster may send.
    send_rate: float
    #: V and G of the protocol; the local AWS refuses signatures older than V.
    signature_seconds: int = 30
    grace_seconds: int = 20
    #: Whether each worker reaches its servers through wires that can be cut.
    wired: bool = False
    #: For every worker.
    variables: dict[str, str] = dataclasses.field(default_factory=dict)
    #: Of the server, `name=value`.
    postgres_options: tuple[str, ...] = ()
    #: Recipients a second that the local AWS accepts; far above what is measured, or it would hide who sends too fast.
    account_rate: float = 100_000


@dataclasses.dataclass
class Worker:
    """A place for a worker, which may have had several processes."""

    number: int
    to_aws: Wire | None = None
    to_postgres: Wire | None = None
    child: Child | None = None
    port: int = 0
    starts: int = 0
    #: It is meant to run: when it ends, it ended by itself.
    wanted: bool = False
    variables: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"worker-{self.number}"

    @property
    def pid(self) -> int:
        if self.child is None:
            raise Broken(f"{self.name} was never started")
        return self.child.pid

    def wires(self) -> list[Wire]:
        return [wire for wire in (self.to_aws, self.to_postgres) if wire is not None]


class Cluster:
    """Everything that a trial starts."""

    def __init__(self, plan: Plan, folder: pathlib.Path, environment: dict[str, str]) -> None:
        self.plan = plan
        self.folder = folder
        self._system = environment
        self.workers: list[Worker] = []
        self.sessions: list[Session] = []
        self.children: list[Child] = []
        self.postgres: Postgres
        self.aws: LocalAWS

    # -- Commands -----------------------------------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the cluster has: nothing of the person at the machine."""
        return self._system | {
            "HOME": str(self.folder),
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.aws.url,
            "WAYBILL_POSTGRES": self.postgres.conninfo(),
            "WAYBILL_TEMPLATES": str(CHECKOUT / "ops/templates/order-confirmation"),
            "WAYBILL_PRICES": str(CHECKOUT / "ops/prices"),
            "WAYBILL_MIGRATIONS": str(CHECKOUT / "migrations"),
            "WAYBILL_SEND_RATE": f"{self.plan.send_rate:g}",
            "WAYBILL_SIGNATURE_VALIDITY_SECONDS": str(self.plan.signature_seconds),
            "WAYBILL_FEED_GRACE_SECONDS": str(self.plan.grace_seconds),
            "WAYBILL_LOG_FORMAT": "json",
        }

    async def run(self, *arguments: str, within: float = 120) -> str:
        """What a command of `waybill` prints, also when it says that nothing was found."""
        command = [str(self.plan.program), *arguments]
        return await output_of(command, self.environment, within, (0, NOTHING_FOUND))

    async def status(self) -> dict[str, object]:
        answer = json.loads(await self.run("status", "--json", "--count-up-to", "1000000"))
        assert isinstance(answer, dict)
        return answer

    def session(self, name: str) -> Session:
        """A session of psql straight to the server, past every wire."""
        session = Session(f"psql-{name}", self.postgres.conninfo(), self.folder, self.environment)
        self.sessions.append(session)
        return session

    async def publisher(self, name: str, *arguments: str) -> Child:
        """`waybill publish`, which publishes what is written to it as it comes."""
        child = await Child.start(
            name,
            [str(self.plan.program), "publish", "--json", *arguments],
            environment=self.environment,
            folder=self.folder,
            piped=True,
        )
        self.children.append(child)
        return child

    # -- Workers ------------------------------------------------------------------------------------------------------

    async def add_worker(self) -> Worker:
        """A place for one more, with its wires."""
        worker = Worker(len(self.workers) + 1)
        if self.plan.wired:
            worker.to_aws = Wire(self.aws.port)
            worker.to_postgres = Wire(self.postgres.ports[0])
            for wire in worker.wires():
                await wire.lay()
        self.workers.append(worker)
        return worker

    async def promote(self) -> None:
        """Makes the standby the primary, and leads every wire there."""
        await self.postgres.tell("promote")
        for worker in self.workers:
            if worker.to_postgres is not None:
                worker.to_postgres.lead_to(self.postgres.ports[0])

    async def start(self, worker: Worker, variables: collections.abc.Mapping[str, str] | None = None) -> None:
        """Starts its process and does not wait for it."""
        own = dict(self.plan.variables)
        if worker.to_aws is not None:
            own["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{worker.to_aws.port}"
        if worker.to_postgres is not None:
            own["WAYBILL_POSTGRES"] = self.postgres.conninfo(worker.to_postgres.port)
        worker.port = free_port()
        own["WAYBILL_HTTP_PORT"] = str(worker.port)
        command = [str(self.plan.program), "worker"]
        # SIGKILL reaches a stopped process too.
        worker.child = await Child.start(
            worker.name,
            command,
            environment=self.environment | own | dict(variables or {}),
            folder=self.folder,
            death="KILL",
        )
        worker.starts += 1
        worker.wanted, worker.variables = True, dict(variables or {})

    async def ready(self, worker: Worker, within: float = READY_SECONDS) -> None:
        """Waits until it holds a lease."""
        await until(lambda: self.is_ready(worker), within=within, what=f"{worker.name} is ready")

    async def revive(self) -> int:
        """Starts the workers again that ended because something was out of reach when they began, as every supervisor
        of services does; how many. Any other end by itself is a defect.
        """
        ended = [
            worker for worker in self.workers if worker.wanted and worker.child is not None and not worker.child.runs
        ]
        for worker in ended:
            assert worker.child is not None
            code = worker.child.process.returncode
            if code != UNREACHABLE:
                raise Broken(f"{worker.name} ended by itself with {code}:\n{worker.child.tail(60)}")
            say(f"{worker.name} found a server out of reach when it began, and is started again")
            await self.start(worker, worker.variables)
        return len(ended)

    async def is_ready(self, worker: Worker) -> bool:
        await self.revive()
        return await asyncio.to_thread(_answers_well, f"http://127.0.0.1:{worker.port}/readyz")

    async def stop(self, worker: Worker, number: signal.Signals = signal.SIGTERM, within: float = 90) -> int:
        """Ends its process; its exit code."""
        if worker.child is None:
            return 0
        worker.wanted = False
        return await worker.child.end(number, within)

    # -- Beginning and end --------------------------------------------------------------------------------------------

    async def begin(self) -> None:
        self.postgres = await Postgres.start(self.folder, self._system, self.plan.postgres_options)
        self.aws = await LocalAWS.start(
            self.folder,
            self._system,
            signature_age=self.plan.signature_seconds,
            send_rate=self.plan.account_rate,
        )
        await self.run("migrate")
        await self.run("setup")

    async def begin_workers(self, count: int) -> None:
        """Starts them and waits until each holds a lease."""
        for _ in range(count):
            await self.start(await self.add_worker())
        for worker in self.workers:
            await self.ready(worker)

    async def end(self) -> None:
        """Ends what was started, in the reverse order; goes on when one step fails."""
        for worker in self.workers:
            if worker.child is not None:
                worker.child.send(signal.SIGKILL)
        steps: list[collections.abc.Callable[[], collections.abc.Awaitable[object]]] = []
        steps += [functools.partial(self.stop, worker, signal.SIGKILL) for worker in self.workers]
        steps += [child.end for child in self.children]
        steps += [session.end for session in self.sessions]
        if hasattr(self, "aws"):
            steps.append(self.aws.end)
        if hasattr(self, "postgres"):
            steps.append(self.postgres.end)
        for step in steps:
            try:
                await step()
            except (Broken, OSError, asyncio.TimeoutError) as error:
                say(f"cleaning up: {error}")
        for worker in self.workers:
            for wire in worker.wires():
                wire.take_down()


@contextlib.asynccontextmanager
async def cluster(plan: Plan) -> collections.abc.AsyncIterator[Cluster]:
    """A cluster with its servers and no workers. When the trial throws, the folder with the logs is kept and named."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="waybill-trial."))
    folder.chmod(0o711)
    kept = ("PATH", "LANG", "TMPDIR")
    made = Cluster(plan, folder, {name: os.environ[name] for name in kept if name in os.environ})
    try:
        await made.begin()
        yield made
    except BaseException:
        say(f"the logs are kept in {folder}")
        raise
    else:
        await made.end()
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        await made.end()


def _answers_well(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def fake_time(seconds: int) -> dict[str, str]:
    """The environment of a process whose wall clock is off; its timers and its monotonic clock are left alone."""
    library = os.environ.get("WAYBILL_TEST_CLOCK")
    if not library:
        raise Broken("WAYBILL_TEST_CLOCK is not set; ops/clock/build prints what it is")
    return {"LD_PRELOAD": library, "SKEW_SECONDS": str(seconds)}


_BEGAN = time.monotonic()


def say(text: str) -> None:
    """A line for the person who watches; the result alone goes to standard output."""
    import sys

    print(f"{time.monotonic() - _BEGAN:7.1f}  {text}", file=sys.stderr, flush=True)


__all__ = ["Broken", "Cluster", "DatabaseGone", "Plan", "Worker", "cluster", "fake_time", "say"]
