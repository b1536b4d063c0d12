"""A TCP proxy on loopback whose wire can be cut: for tests of partitions. Needs nothing but Python.

    python3 fault_proxy.py --to PORT

Prints `listening PORT`, then obeys the lines of standard input and answers each with `done` and the line; ends with its input.

    pass        forwards; what was kept back arrives now, late, even if its sender has gone meanwhile
    blackhole   nothing arrives any more in either direction; connections stay, and new ones meet silence
    drop        connections end in good order, new ones at once
    reset       as drop, with TCP resets
    trap TEXT   passes, but from the request on that contains TEXT its connection is kept back, and `held` is printed
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import struct
import sys

_CHUNK = 65_536


class Connection:
    """One client and its connection to the server."""

    def __init__(self, proxy: Proxy, client: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        self._proxy = proxy
        self._client = client
        self._server: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        #: Open while bytes may pass.
        self.gate = asyncio.Event()

    async def run(self) -> None:
        try:
            # A connection that was made during a blackhole reaches the server when it is over.
            await self.gate.wait()
            self._server = await asyncio.open_connection("127.0.0.1", self._proxy.server_port)
            await asyncio.gather(
                self._pump(self._client[0], self._server[1], is_request=True),
                self._pump(self._server[0], self._client[1], is_request=False),
            )
        except OSError:
            pass  # One side is gone: so is the other, below.
        finally:
            self.end(reset=False)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, is_request: bool) -> None:
        while data := await source.read(_CHUNK):
            if is_request and self._proxy.trap is not None and self._proxy.trap in data:
                self.gate.clear()
                print("held", flush=True)
            await self.gate.wait()
            sink.write(data)
            await sink.drain()
        await self.gate.wait()
        if sink.can_write_eof():
            sink.write_eof()

    def end(self, *, reset: bool) -> None:
        for _, writer in filter(None, (self._client, self._server)):
            raw = writer.get_extra_info("socket")
            if raw is None or raw.fileno() < 0:
                continue  # It is closed already.
            if reset:
                # Lingering for zero seconds makes close() send RST instead of FIN.
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            else:
                writer.close()


class Proxy:
    """All connections, and what becomes of their bytes."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.trap: bytes | None = None
        self._mode = "pass"
        self._connections: set[Connection] = set()

    async def listen(self) -> asyncio.Server:
        """Serves on a free port of 127.0.0.1."""
        return await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def serve(self) -> None:
        """Listens, and obeys standard input until it ends."""
        server = await self.listen()
        print("listening", server.sockets[0].getsockname()[1], flush=True)
        lines = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := (await lines.readline()).decode().strip():
            self.obey(*line.split(" ", 1))
            print("done", line, flush=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self, (reader, writer))
        if self._mode in ("drop", "reset"):
            connection.end(reset=self._mode == "reset")
            return
        if self._mode == "pass":
            connection.gate.set()
        self._connections.add(connection)
        await connection.run()
        self._connections.discard(connection)

    def obey(self, verb: str, text: str = "") -> None:
        """Does what a line of standard input asks for."""
        if verb not in ("pass", "blackhole", "drop", "reset", "trap"):
            raise ValueError(f"the proxy does not know {verb!r}")
        self._mode = "pass" if verb == "trap" else verb
        self.trap = text.encode() if verb == "trap" else None
        for connection in list(self._connections):
            match verb:
                case "pass" | "trap":
                    connection.gate.set()
                case "blackhole":
                    connection.gate.clear()
                case _:
                    connection.end(reset=verb == "reset")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=int, required=True, help="the server's port on 127.0.0.1")
    asyncio.run(Proxy(parser.parse_args().to).serve())


if __name__ == "__main__":
    main()
