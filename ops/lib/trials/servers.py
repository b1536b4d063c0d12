"""The servers of a trial: a PostgreSQL that may be harmed, and the local AWS with its witness."""

from __future__ import annotations

import asyncio
import collections.abc
import json
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request

from .children import Attendant, Broken, Child, free_port, until

CHECKOUT = pathlib.Path(__file__).resolve().parents[3]


class Postgres:
    """`ops/lib/attended-postgres.sh`: two places for a server, one of them the primary's."""

    def __init__(self, attendant: Attendant, ports: tuple[int, int], user_and_database: str) -> None:
        self._attendant = attendant
        #: The primary's first.
        self.ports = ports
        self._names = user_and_database

    @classmethod
    async def start(
        cls,
        folder: pathlib.Path,
        environment: collections.abc.Mapping[str, str],
        options: collections.abc.Sequence[str] = (),
    ) -> Postgres:
        """`options` are settings of the server, `name=value`."""
        script = CHECKOUT / "ops/lib/attended-postgres.sh"
        child = await Child.start(
            "postgres-attendant",
            ["bash", str(script), str(CHECKOUT), str(folder), *options],
            environment=environment,
            folder=folder,
            piped=True,
        )
        attendant = Attendant(child)
        words = (await attendant.line()).split()
        if words[0] != "ready":
            raise Broken(f"PostgreSQL did not start: {words}\n{child.tail()}")
        return cls(attendant, (int(words[1]), int(words[2])), "user=waybill dbname=postgres")

    def conninfo(self, port: int | None = None) -> str:
        """The connection string of the one that takes writes; with `port`, through a wire that leads there."""
        if port is not None:
            return f"host=127.0.0.1 port={port} {self._names}"
        first, second = self.ports
        return f"host=127.0.0.1,127.0.0.1 port={first},{second} target_session_attrs=read-write {self._names}"

    async def tell(self, order: str) -> None:
        """Obeys a line of the script; after `promote` the primary is on the other port."""
        await self._attendant.tell(order)
        if order == "promote":
            self.ports = (self.ports[1], self.ports[0])

    async def end(self) -> None:
        await self._attendant.end()


class LocalAWS:
    """The local AWS and its control endpoints."""

    def __init__(self, child: Child, port: int) -> None:
        self._child = child
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._faults: dict[str, list[dict[str, object]]] = {}
        self._turn = asyncio.Lock()

    @classmethod
    async def start(
        cls, folder: pathlib.Path, environment: collections.abc.Mapping[str, str], **settings: object
    ) -> LocalAWS:
        """Starts it with the same Python as this process; `settings` are its own (ops/local-aws/README.md)."""
        port = free_port()
        own = {f"WAYBILL_LOCAL_{name.upper()}": json.dumps(value) for name, value in settings.items()}
        paths = {"PYTHONPATH": str(CHECKOUT / "ops/local-aws"), "PYTHONDONTWRITEBYTECODE": "1"}
        child = await Child.start(
            "local-aws",
            [sys.executable, "-m", "local_aws", "--port", str(port)],
            environment={**environment, **paths, **own},
            folder=folder,
        )
        aws = cls(child, port)
        await until(aws._answers, within=60, what=f"the local AWS answers; its log ends with:\n{child.tail()}")
        return aws

    async def _answers(self) -> bool:
        if not self._child.runs:
            raise Broken(f"the local AWS ended:\n{self._child.tail()}")
        try:
            await self.ask("GET", "health")
        except OSError:
            return False
        return True

    async def ask(self, method: str, name: str, body: object = None, **query: str) -> object:
        """A control request."""
        return await asyncio.to_thread(self._ask, method, name, body, query)

    def _ask(self, method: str, name: str, body: object, query: dict[str, str]) -> object:
        url = f"{self.url}/_local/{name}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Broken(f"the local AWS refused {method} {name}: {error.read().decode(errors='replace')}") from error

    async def set(self, **settings: object) -> None:
        await self.ask("POST", "settings", settings)

    async def begin(self, name: str, faults: list[dict[str, object]]) -> None:
        """These faults are in force until `cease(name)`."""
        async with self._turn:
            self._faults[name] = faults
            await self.ask("POST", "faults", faults)

    async def cease(self, name: str) -> None:
        """The book knows no single removal: it is emptied, and the others are entered again."""
        async with self._turn:
            del self._faults[name]
            await self.ask("DELETE", "faults")
            others = [fault for faults in self._faults.values() for fault in faults]
            if others:
                await self.ask("POST", "faults", others)

    async def acceptances(self) -> dict[str, object]:
        """The witness's whole count."""
        answer = await self.ask("GET", "acceptances")
        assert isinstance(answer, dict)
        return answer

    async def end(self) -> None:
        await self._child.end(within=20)
