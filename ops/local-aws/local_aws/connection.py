"""An HTTP server that can drop a connection in the middle of an exchange, which ASGI itself has no words for."""

from __future__ import annotations

import asyncio
import socket
import struct
import typing

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .call import Receive, Scope

_EXTENSION = "local_aws.transport"


class DroppableProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which hands its transport to the application."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        typing.cast("dict[str, object]", self.scope)["extensions"] = {_EXTENSION: self.transport}


async def drop(scope: Scope, receive: Receive, *, reset: bool) -> None:
    """Closes the connection without an answer: with a TCP reset, or in good order as a server does to an idle one.

    Returns when uvicorn knows that the client is gone; before that it would answer 500 in our place.
    """
    transport: asyncio.Transport = scope["extensions"][_EXTENSION]
    if reset:
        # Lingering for zero seconds makes close() send RST instead of FIN.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
