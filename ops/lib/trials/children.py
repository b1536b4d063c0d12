"""Processes that a trial starts, watches and ends by their own ids."""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import typing


class Broken(Exception):
    """The trial itself cannot go on: something did not start, or answered what it must not."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody used a moment ago."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return typing.cast(int, taken.getsockname()[1])


async def until(
    condition: collections.abc.Callable[[], collections.abc.Awaitable[bool]],
    *,
    within: float,
    what: str,
    every: float = 0.1,
) -> None:
    """Repeats a condition until it holds; Broken when the time is over."""
    deadline = asyncio.get_running_loop().time() + within
    while not await condition():
        if asyncio.get_running_loop().time() >= deadline:
            raise Broken(f"not within {within:g} s: {what}")
        await asyncio.sleep(every)


class Child:
    """A process in a session of its own. It gets a signal when this process dies, also stopped if it is SIGKILL."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: pathlib.Path) -> None:
        self.name = name
        self.process = process
        self.log = log

    @classmethod
    async def start(
        cls,
        name: str,
        command: collections.abc.Sequence[str],
        *,
        environment: collections.abc.Mapping[str, str],
        folder: pathlib.Path,
        death: str = "TERM",
        piped: bool = False,
    ) -> Child:
        """Starts it with its errors in NAME.log; its output is a pipe too if `piped`, else in the same log."""
        log = folder / f"{name}.log"
        with log.open("ab") as file:
            process = await asyncio.create_subprocess_exec(
                *["setpriv", "--pdeathsig", death, *command],
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
                stdout=subprocess.PIPE if piped else file,
                stderr=file,
                start_new_session=True,
                limit=2**24,
            )
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def runs(self) -> bool:
        return self.process.returncode is None

    def send(self, number: signal.Signals) -> None:
        if self.runs:
            # Not through the process object: that would look whether it ended, and take the exit code from who waits.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def end(self, number: signal.Signals = signal.SIGTERM, within: float = 60) -> int:
        """Asks it to end, kills it when it does not, and returns its exit code."""
        self.send(number)
        try:
            return await asyncio.wait_for(self.process.wait(), within)
        except asyncio.TimeoutError:
            self.send(signal.SIGKILL)
            return await self.process.wait()

    def tail(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Attendant:
    """A helper that obeys lines and answers each with `done` and the line."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._turn = asyncio.Lock()

    async def line(self, within: float = 120) -> str:
        assert self._child.process.stdout is not None
        text = await asyncio.wait_for(self._child.process.stdout.readline(), within)
        if not text:
            raise Broken(f"{self._child.name} ended; its log ends with:\n{self._child.tail()}")
        return text.decode().strip()

    async def tell(self, order: str, within: float = 180) -> None:
        assert self._child.process.stdin is not None
        async with self._turn:
            self._child.process.stdin.write(f"{order}\n".encode())
            await self._child.process.stdin.drain()
            answer = await self.line(within)
        if answer != f"done {order}":
            raise Broken(f"{self._child.name} was told '{order}' and said '{answer}'")

    async def end(self) -> None:
        """Closes its input, which ends it and what it started."""
        if self._child.process.stdin is not None:
            self._child.process.stdin.close()
        await self._child.end(signal.SIGCONT, within=60)


async def output_of(
    command: collections.abc.Sequence[str],
    environment: collections.abc.Mapping[str, str],
    within: float = 120,
    accepted: tuple[int, ...] = (0,),
) -> str:
    """What a program prints; Broken when it ends with another exit code than those accepted."""
    process = await asyncio.create_subprocess_exec(
        *command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        out, errors = await asyncio.wait_for(process.communicate(), within)
    except asyncio.TimeoutError:
        process.kill()
        raise Broken(f"{' '.join(command)} did not end within {within:g} s") from None
    if process.returncode not in accepted:
        raise Broken(f"{' '.join(command)} ended with {process.returncode}: {errors.decode(errors='replace').strip()}")
    return out.decode()
