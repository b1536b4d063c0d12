"""Wires that can be cut: the proxy of `ops/lib/fault_proxy.py`, in this process."""

from __future__ import annotations

import asyncio
import importlib.util
import types

from .servers import CHECKOUT


def _module() -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("fault_proxy", CHECKOUT / "ops/lib/fault_proxy.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_FAULT_PROXY = _module()

#: How a wire may fail. Nothing arrives; connections end in good order; or with TCP resets.
CUTS = ("blackhole", "drop", "reset")


class Wire:
    """One worker's way to one server."""

    def __init__(self, to: int) -> None:
        self._proxy = _FAULT_PROXY.Proxy(to)
        self.port = 0
        self._server: asyncio.Server | None = None

    async def lay(self) -> None:
        self._server = await self._proxy.listen()
        self.port = self._server.sockets[0].getsockname()[1]

    def lead_to(self, port: int) -> None:
        """From now on new connections go there: as the name of a database does after a failover."""
        self._proxy.server_port = port

    def cut(self, how: str) -> None:
        self._proxy.obey(how)

    def mend(self) -> None:
        self._proxy.obey("pass")

    def take_down(self) -> None:
        self._proxy.obey("reset")
        if self._server is not None:
            self._server.close()
