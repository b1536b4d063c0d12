"""Serves the local AWS on one port, of loopback unless told otherwise: `python -m local_aws --port PORT`."""

from __future__ import annotations

import argparse
import os
import pathlib

import uvicorn

#: Longer than a client's own idle limit, so that it is the client who closes; AWS's are of this order.
_KEEP_ALIVE_SECONDS = 60


def main() -> None:
    parser = argparse.ArgumentParser(prog="local_aws", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="the port to listen on")
    parser.add_argument("--host", default="127.0.0.1", help="the IPv4 address to listen on (default: 127.0.0.1)")
    parser.add_argument("--name", default="127.0.0.1", help="the host in the URLs of queues: how clients reach this one")
    parser.add_argument("--state", help="a folder in which everything is kept from the end to the next start")
    arguments = parser.parse_args()
    port: int = arguments.port

    # The emulator reads these when it is imported: nothing of it may listen elsewhere, write files or speak to Docker.
    folder = os.getcwd()
    os.environ |= {
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": arguments.name,
        "BIND_HOST": "127.0.0.1",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "PERSIST_STATE": "1" if arguments.state else "0",
        "STATE_DIR": arguments.state or folder,
        "S3_DATA_DIR": folder,
        "LOG_LEVEL": "WARNING",
        "DOCKER_HOST": f"unix://{folder}/no-docker",
    }
    from .connection import DroppableProtocol
    from .layer import LocalAWS
    from .settings import Settings

    uvicorn.run(
        LocalAWS(Settings.from_environment(), pathlib.Path(arguments.state) if arguments.state else None),
        host=arguments.host,
        port=port,
        loop="uvloop",
        http=DroppableProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        date_header=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
