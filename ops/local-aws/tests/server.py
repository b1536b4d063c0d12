"""A local AWS for a test, and what speaks to it."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import typing
import urllib.error
import urllib.request

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials

_ROOT = pathlib.Path(__file__).resolve().parent.parent
_START_SECONDS = 30


def eventually(condition: typing.Callable[[], typing.Any], seconds: float = 10) -> typing.Any:
    """The first true value of the condition; fails with the last one when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"still {value!r} after {seconds} s"
        time.sleep(0.02)


@dataclasses.dataclass
class LocalAWS:
    """A running server."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str, read_timeout: float = 10) -> typing.Any:
        """A boto3 client that tries once."""
        config = botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=read_timeout)
        return boto3.client(
            service, endpoint_url=self.url, region_name="us-east-1", aws_access_key_id="test",
            aws_secret_access_key="test", config=config,
        )

    def control(self, method: str, path: str, body: object = None) -> typing.Any:
        """A control request; raises ValueError with the server's words when it is refused."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_local/{path}", data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error)["error"]) from error

    def post(self, service: str, path: str, body: bytes, headers: dict[str, str], **signing: typing.Any) -> Reply:
        """A POST signed by botocore, then changed as `signing` says: see signed()."""
        request = signed(service, self.url + path, body, headers, **signing)
        return self.exchange("POST", path, signing.get("body_sent", body), request)

    def exchange(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        """A request as it is, on a connection of its own."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


@dataclasses.dataclass(frozen=True)
class Reply:
    """An HTTP answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


def signed(
    service: str, url: str, body: bytes, headers: dict[str, str], *, key: str = "test", secret: str = "test",
    seconds: float = 0, body_sent: bytes | None = None,
) -> dict[str, str]:
    """The headers of a POST signed `seconds` from now with a key; `body_sent` is what goes out in the body's place."""
    request = botocore.awsrequest.AWSRequest("POST", url, headers=headers, data=body)
    signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(key, secret), service, "us-east-1")
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + seconds))
    request.context["timestamp"] = stamp
    request.headers["X-Amz-Date"] = stamp
    request.headers["Host"] = url.split("/")[2]
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    signer._inject_signature_to_request(request, signature)
    return dict(request.headers.items())


@contextlib.contextmanager
def running(
    folder: pathlib.Path, *, state: pathlib.Path | None = None, arguments: typing.Sequence[str] = (), **variables: str
) -> typing.Iterator[LocalAWS]:
    """Starts a server of its own on a free port and stops it; with `state` it keeps there what it has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), **variables}
    command = [sys.executable, "-m", "local_aws", "--port", str(port)] + (["--state", str(state)] if state else [])
    command += arguments
    process = subprocess.Popen(command, cwd=folder, env=environment)
    server = LocalAWS(port)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _healthy(server):
            assert process.poll() is None, "the local AWS ended at its start"
            assert time.monotonic() < deadline, "the local AWS did not start"
            time.sleep(0.05)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=10)


def _healthy(server: LocalAWS) -> bool:
    try:
        return server.control("GET", "health") == {"status": "ok"}
    except OSError:
        return False
