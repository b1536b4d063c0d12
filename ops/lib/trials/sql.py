"""A session of psql that stays open, for watching a cluster without a new process for every look."""

from __future__ import annotations

import asyncio
import collections.abc
import pathlib
import signal

from .children import Child

_FIELD, _END = "\x1f", "\x1e"


class DatabaseGone(Exception):
    """The server cannot be reached, or refused the statement."""


class Session:
    """Asks over one connection, and makes another when that is lost."""

    def __init__(
        self, name: str, conninfo: str, folder: pathlib.Path, environment: collections.abc.Mapping[str, str]
    ) -> None:
        self._name = name
        self._conninfo = f"{conninfo} connect_timeout=2"
        self._folder = folder
        self._environment = environment
        self._child: Child | None = None
        self._turn = asyncio.Lock()

    async def rows(self, query: str, within: float = 10) -> list[list[str]]:
        """The rows of one statement; DatabaseGone when there is no answer, or a refusal."""
        async with self._turn:
            try:
                return await asyncio.wait_for(self._ask(query), within)
            except (asyncio.TimeoutError, OSError) as error:
                await self._forget()
                raise DatabaseGone(f"no answer to {query!r}") from error
            except DatabaseGone:
                await self._forget()
                raise
            except asyncio.CancelledError:
                await self._forget()
                raise

    async def value(self, query: str, within: float = 10) -> str:
        rows = await self.rows(query, within)
        if len(rows) != 1 or len(rows[0]) != 1:
            raise DatabaseGone(f"{query!r} gave {rows!r}, not one value")
        return rows[0][0]

    async def end(self) -> None:
        async with self._turn:
            await self._forget()

    async def _ask(self, query: str) -> list[list[str]]:
        child = self._child
        if child is None or not child.runs:
            child = self._child = await Child.start(
                self._name,
                ["psql", "--no-psqlrc", "-qAt", "-F", _FIELD, "-d", self._conninfo],
                environment=self._environment,
                folder=self._folder,
                piped=True,
            )
        assert child.process.stdin is not None and child.process.stdout is not None
        child.process.stdin.write(f"{query};\n\\echo {_END} :ERROR\n".encode())
        await child.process.stdin.drain()
        rows: list[list[str]] = []
        while True:
            line = (await child.process.stdout.readline()).decode()
            if not line:
                raise DatabaseGone(f"psql ended at {query!r}")
            if line.startswith(_END):
                if line.split()[-1] != "false":
                    raise DatabaseGone(f"refused, {child.log} says why: {query[:200]!r}")
                return rows
            rows.append(line.rstrip("\n").split(_FIELD))

    async def _forget(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.end(signal.SIGKILL)
