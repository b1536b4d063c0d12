"""One request as the layer sees it, and one answer."""

from __future__ import annotations

import dataclasses
import json
import re
import typing
import urllib.parse

from . import operations

Headers = list[tuple[bytes, bytes]]
Scope = typing.MutableMapping[str, typing.Any]
Receive = typing.Callable[[], typing.Awaitable[typing.MutableMapping[str, typing.Any]]]
Send = typing.Callable[[typing.MutableMapping[str, typing.Any]], typing.Awaitable[None]]

_CREDENTIAL = re.compile(r"Credential=[^/,\s]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")

#: The service that an `X-Amz-Target` header belongs to, by the name it is signed with.
_TARGETS = {
    "DynamoDB_": "dynamodb",
    "AmazonSQS": "sqs",
    "GraniteServiceVersion": "monitoring",
    "Logs_": "logs",
    "TrentService": "kms",
}


@dataclasses.dataclass(frozen=True)
class Answer:
    """What goes back to the caller."""

    status: int
    headers: Headers
    body: bytes
    #: The body is sent in pieces over so many seconds.
    drip_seconds: float = 0.0

    def json(self) -> dict[str, typing.Any]:
        """The body, if it is a JSON object."""
        decoded = json.loads(self.body or b"{}")
        return decoded if isinstance(decoded, dict) else {}

    @classmethod
    def of_json(cls, value: object, status: int = 200) -> Answer:
        """An answer of the control endpoints."""
        return cls(status, [(b"content-type", b"application/json")], json.dumps(value).encode())


@dataclasses.dataclass(frozen=True)
class Call:
    """A request to an AWS service: who asks what of whom."""

    scope: Scope
    body: bytes
    #: As in the credential scope of the signature, else guessed from the target: `ses`, `dynamodb`, `sqs`, `sns`, …
    service: str
    operation: str
    region: str

    @classmethod
    def of(cls, scope: Scope, body: bytes) -> Call:
        """Reads service and operation from the request."""
        headers = dict(scope["headers"])
        match = _CREDENTIAL.search(headers.get(b"authorization", b"").decode("latin-1"))
        belongs = _service_by_content(scope, headers, body)
        service = belongs or (match["service"] if match else "unknown")
        return cls(scope, body, service, _operation(scope, headers, body), match["region"] if match else "us-east-1")

    @property
    def method(self) -> str:
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        return str(self.scope["path"])

    @property
    def raw_path(self) -> str:
        """The path as it was sent, percent-encoded."""
        raw: bytes = self.scope.get("raw_path") or self.path.encode()
        return raw.decode("latin-1").partition("?")[0]

    @property
    def query(self) -> str:
        query: bytes = self.scope["query_string"]
        return query.decode("latin-1")

    def header(self, name: str) -> str | None:
        """All values of a header, joined by a comma; None without one."""
        values = [value.decode("latin-1") for key, value in self.scope["headers"] if key == name.encode()]
        return ",".join(values) if values else None

    def json(self) -> dict[str, typing.Any]:
        """The body as a JSON object; empty when it is something else."""
        try:
            decoded = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return decoded if isinstance(decoded, dict) else {}

    @property
    def protocol(self) -> str:
        """How the service writes its errors: `json` (X-Amz-Target), `rest-json` or `query`."""
        if self.header("x-amz-target"):
            return "json"
        return "rest-json" if self.path.startswith("/v2/email") else "query"


def _service_by_content(scope: Scope, headers: dict[bytes, bytes], body: bytes) -> str | None:
    """The service a request belongs to whatever its signature says, for those that the project uses."""
    if scope["path"].startswith("/v2/email"):
        return "ses"
    target = headers.get(b"x-amz-target", b"").decode("latin-1")
    for prefix, service in _TARGETS.items():
        if target.startswith(prefix):
            return service
    return None


def _operation(scope: Scope, headers: dict[bytes, bytes], body: bytes) -> str:
    """The operation's name as in AWS's API reference."""
    target = headers.get(b"x-amz-target", b"").decode("latin-1")
    if target:
        return target.rpartition(".")[2]
    if scope["path"].startswith("/v2/email"):
        return operations.ses_operation(scope["method"], scope["path"])
    form = body if scope["method"] == "POST" else scope["query_string"]
    action = urllib.parse.parse_qs(form.decode("latin-1")).get("Action")
    return action[0] if action else "unknown"
