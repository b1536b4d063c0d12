"""Calls the emulator in this process."""

from __future__ import annotations

import asyncio
import json
import typing
import urllib.parse

from ministack.app import app as ministack

from .call import Answer, Call, Headers, Receive, Scope


async def forward(call: Call, receive: Receive | None = None) -> Answer:
    """The emulator's answer to a call as it came. With `receive` it learns when the client goes away."""
    return await _run(call.scope, call.body, receive)


async def get(call: Call, path: str) -> Answer:
    """Reads a resource of SES for the account and region of a call."""
    return await _run(_derived(call, "GET", path, "ses", []), b"", None)


async def publish(call: Call, topic: str, subject: str, message: str) -> Answer:
    """Publishes to an SNS topic, as SES does for the account of a call."""
    form = {"Action": "Publish", "Version": "2010-03-31", "TopicArn": topic, "Subject": subject, "Message": message}
    content_type = (b"content-type", b"application/x-www-form-urlencoded")
    return await _run(_derived(call, "POST", "/", "sns", [content_type]), urllib.parse.urlencode(form).encode(), None)


async def sqs(call: Call, operation: str, members: dict[str, object]) -> Answer:
    """Does another SQS operation for the caller of one."""
    kept = [(name, value) for name, value in call.scope["headers"] if name not in (b"x-amz-target", b"content-length")]
    body = json.dumps(members).encode()
    headers = [*kept, (b"x-amz-target", f"AmazonSQS.{operation}".encode()), (b"content-length", str(len(body)).encode())]
    return await _run({**call.scope, "headers": headers}, body, None)


async def reset() -> Answer:
    """Forgets every resource."""
    scope = {"type": "http", "method": "POST", "path": "/_ministack/reset", "query_string": b"", "headers": []}
    return await _run(scope, b"", None)


async def lifespan(scope: Scope, receive: Receive, send: typing.Any) -> None:
    """Start and stop of the emulator."""
    await ministack(scope, receive, send)


def _derived(call: Call, method: str, path: str, service: str, headers: Headers) -> Scope:
    """A request of our own with the caller's identity; the emulator reads account and region out of the credential."""
    authorization = (call.header("authorization") or "").replace("/ses/aws4", f"/{service}/aws4").encode("latin-1")
    host = (call.header("host") or "localhost").encode("latin-1")
    return {
        **call.scope,
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", host), (b"authorization", authorization), *headers],
    }


async def _run(scope: Scope, body: bytes, receive: Receive | None) -> Answer:
    """One request through the emulator's ASGI interface, its answer collected."""
    status, headers, parts, sent = 500, [], [], False

    async def take() -> typing.MutableMapping[str, typing.Any]:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        if receive is not None:
            return await receive()
        return await asyncio.Future()

    async def give(message: typing.MutableMapping[str, typing.Any]) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message.get("headers", []))
        else:
            parts.append(message.get("body", b""))

    await ministack(scope, take, give)
    return Answer(status, headers, b"".join(parts))
