"""Errors in the shape that each service gives them."""

from __future__ import annotations

import dataclasses
import json
import uuid
from xml.sax.saxutils import escape

from .call import Answer, Call


@dataclasses.dataclass
class AWSError(Exception):
    """A refusal: HTTP status, code and message as AWS documents them."""

    status: int
    code: str
    message: str


def answer(error: AWSError, call: Call, shape: str = "header") -> Answer:
    """The refusal in the protocol of the call: `__type` for JSON, `x-amzn-ErrorType` for SES, XML for the query protocol.

    With the shape `body` SES names the type in the body only, as it also does.
    """
    if call.protocol == "json":
        kind = error.code if "#" in error.code else "com.amazon.coral.service#" + error.code
        body = json.dumps({"__type": kind, "message": error.message}).encode()
        return Answer(error.status, [(b"content-type", b"application/x-amz-json-1.0")], body)
    if call.protocol == "rest-json" and shape == "body":
        body = json.dumps({"__type": error.code, "message": error.message}).encode()
        return Answer(error.status, [(b"content-type", b"application/json")], body)
    if call.protocol == "rest-json":
        body = json.dumps({"message": error.message}).encode()
        headers = [(b"content-type", b"application/json"), (b"x-amzn-errortype", error.code.encode())]
        return Answer(error.status, headers, body)
    kind = "Sender" if error.status < 500 else "Receiver"
    text = (
        '<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"><Error>'
        f"<Type>{kind}</Type><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message></Error>"
        f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return Answer(error.status, [(b"content-type", b"text/xml")], text.encode())
