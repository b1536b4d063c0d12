"""Checks signatures with botocore's own signer: an implementation that this project did not write.

What is refused, with which code and in which words follows what AWS answers. The check of the time matters most: the
delivery protocol rests on a signature being worthless some minutes after it was made.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import re
from datetime import datetime, timedelta, timezone

import botocore.auth
import botocore.awsrequest
import botocore.credentials
from botocore.compat import HTTPHeaders

from .call import Call
from .clock import Clock
from .errors import AWSError
from .settings import Settings

_TIME = "%Y%m%dT%H%M%SZ"
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=(?P<key>[^/,\s]+)/(?P<day>\d{8})/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)/aws4_request"
    r", *SignedHeaders=(?P<headers>[^,\s]+), *Signature=(?P<signature>[0-9a-f]{64})$"
)
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)


class _Signer(botocore.auth.SigV4Auth):  # type: ignore[misc]  # botocore has no types
    """botocore's signer over exactly the headers that the client says it signed."""

    def headers_to_sign(self, request: botocore.awsrequest.AWSRequest) -> HTTPHeaders:
        return request.headers


@dataclasses.dataclass(frozen=True)
class _Claim:
    """What the `Authorization` header says."""

    key: str
    day: str
    region: str
    service: str
    headers: list[str]
    signature: str


class SignatureCheck:
    """Lets a call pass, or raises the refusal."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def verify(self, call: Call) -> None:
        """Raises AWSError unless the call is signed by a known key, for this service, now, over this very body."""
        claim = self._claim(call)
        secret = self._settings.credentials.get(claim.key)
        if secret is None or call.header("x-amz-security-token"):
            raise _refusal(call, "UnrecognizedClientException", "InvalidClientTokenId",
                           "The security token included in the request is invalid.")
        timestamp = self._timestamp(call, claim)
        if claim.service != call.service and call.service != "unknown":
            raise _mismatch(call, f"Credential should be scoped to correct service: '{call.service}'. ")
        if not hmac.compare_digest(self._signature(call, claim, secret, timestamp), claim.signature):
            raise _mismatch(call, _MISMATCH)

    def _claim(self, call: Call) -> _Claim:
        header = call.header("authorization")
        if not header:
            raise _refusal(call, "MissingAuthenticationTokenException", "MissingAuthenticationToken",
                           "Request is missing Authentication Token")
        match = _AUTHORIZATION.match(header.strip())
        if not match:
            raise _refusal(call, "IncompleteSignatureException", "IncompleteSignature",
                           "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.")
        headers = match["headers"].split(";")
        if "host" not in headers or not {"x-amz-date", "date"} & set(headers):
            raise _mismatch(call, "'Host' or ':authority' and the date must be 'SignedHeader's in the AWS Authorization.")
        return _Claim(match["key"], match["day"], match["region"], match["service"], headers, match["signature"])

    def _timestamp(self, call: Call, claim: _Claim) -> str:
        """The time of the signature, which must be near this server's."""
        text = call.header("x-amz-date") or ""
        try:
            signed = datetime.strptime(text, _TIME).replace(tzinfo=timezone.utc)
        except ValueError:
            raise _refusal(call, "IncompleteSignatureException", "IncompleteSignature",
                           f"Date must be in ISO-8601 'basic format'. Got '{text}'.") from None
        if text[:8] != claim.day:
            raise _mismatch(call, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                                  f"'{claim.day}' != '{text[:8]}', from '{text}'.")
        age, now = timedelta(seconds=self._settings.signature_age), self._clock.now()
        if signed < now - age:
            raise _mismatch(call, f"Signature expired: {text} is now earlier than {(now - age).strftime(_TIME)} "
                                  f"({now.strftime(_TIME)} - {_spoken(age)}.)")
        if signed > now + age:
            raise _mismatch(call, f"Signature not yet current: {text} is still later than {(now + age).strftime(_TIME)} "
                                  f"({now.strftime(_TIME)} + {_spoken(age)}.)")
        return text

    def _signature(self, call: Call, claim: _Claim, secret: str, timestamp: str) -> str:
        """What the signature of this request would have to be."""
        headers = {name: call.header(name) or "" for name in claim.headers}
        query = "?" + call.query if call.query else ""
        request = botocore.awsrequest.AWSRequest(
            method=call.method, url=f"http://{call.header('host')}{call.raw_path}{query}", headers=headers, data=call.body
        )
        # botocore puts this header's value into the canonical request instead of hashing the body, so it has to be true.
        declared = call.header("x-amz-content-sha256")
        if declared and declared != hashlib.sha256(call.body).hexdigest():
            raise _mismatch(call, _MISMATCH)
        request.context["timestamp"] = timestamp
        signer = _Signer(botocore.credentials.Credentials(claim.key, secret), claim.service, claim.region)
        return str(signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request))


def _spoken(age: timedelta) -> str:
    seconds = age.total_seconds()
    return f"{seconds / 60:g} min" if seconds % 60 == 0 else f"{seconds:g} sec"


def _mismatch(call: Call, message: str) -> AWSError:
    return _refusal(call, "InvalidSignatureException", "SignatureDoesNotMatch", message)


def _refusal(call: Call, code: str, query_code: str, message: str) -> AWSError:
    """The query protocol has names of its own; DynamoDB answers 400 where the others answer 403."""
    status = 400 if call.service == "dynamodb" else 403
    return AWSError(status, query_code if call.protocol == "query" else code, message)
