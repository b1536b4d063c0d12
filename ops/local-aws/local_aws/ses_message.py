"""What SES refuses in a message before it looks at the account."""

from __future__ import annotations

import dataclasses
import email.utils
import re
import typing

from .call import Call
from .errors import AWSError

_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")
_LOCAL_PART = re.compile(r"[\x21-\x7e]{1,64}\Z")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}\Z")
_MAXIMUM_RECIPIENTS = 50
_MAXIMUM_HEADERS = 15


@dataclasses.dataclass(frozen=True)
class Message:
    """A SendEmail request that is well formed."""

    source: str
    recipients: list[str]
    subject: str
    configuration_set: str | None
    tags: dict[str, str]
    headers: list[dict[str, str]]

    @property
    def source_address(self) -> str:
        """The address of the sender without a name."""
        return email.utils.parseaddr(self.source)[1]

    @property
    def source_domain(self) -> str:
        return self.source_address.rpartition("@")[2]

    @classmethod
    def of(cls, call: Call) -> Message:
        """Reads and checks the request; raises the BadRequestException that SES answers."""
        body = call.json()
        destination = body.get("Destination") or {}
        recipients = [
            address for kind in ("To", "Cc", "Bcc") for address in destination.get(kind + "Addresses") or []
        ]
        source = body.get("FromEmailAddress") or ""
        content = body.get("Content") or {}
        simple = content.get("Simple") or {}
        if not source or not content:
            raise _bad("FromEmailAddress and Content are required")
        if not recipients or len(recipients) > _MAXIMUM_RECIPIENTS:
            raise _bad(f"Recipient count must be between 1 and {_MAXIMUM_RECIPIENTS}, got {len(recipients)}.")
        for address in [source, *recipients]:
            _check_address(address)
        subject = (simple.get("Subject") or {}).get("Data") or ""
        if simple and not (subject and any((simple.get("Body") or {}).get(kind) for kind in ("Text", "Html"))):
            raise _bad("Content.Simple requires a subject and a body")
        _check_text("subject", subject)
        headers = simple.get("Headers") or []
        _check_headers(headers)
        return cls(source, recipients, subject, body.get("ConfigurationSetName"), _tags(body), headers)


def _bad(message: str) -> AWSError:
    return AWSError(400, "BadRequestException", message)


def _check_address(text: str) -> None:
    """SES takes a local part of 7-bit ASCII and a domain in Punycode."""
    _check_text("address", text)
    address = email.utils.parseaddr(text)[1]
    local, separator, domain = address.rpartition("@")
    if not separator or not domain:
        raise _bad("Missing final '@domain'")
    if not _LOCAL_PART.match(local):
        raise _bad("Local address contains control or whitespace, or is not 7-bit ASCII")
    if not _DOMAIN.match(domain):
        raise _bad("Domain contains illegal character")


def _check_text(what: str, text: str) -> None:
    if any(character in text for character in "\r\n\0"):
        raise _bad(f"The {what} must not contain line breaks or control characters")


def _check_headers(headers: typing.Sequence[dict[str, str]]) -> None:
    if len(headers) > _MAXIMUM_HEADERS:
        raise _bad(f"At most {_MAXIMUM_HEADERS} headers are allowed")
    for header in headers:
        name, value = header.get("Name") or "", header.get("Value") or ""
        if not re.match(r"[!-9;-~]{1,126}\Z", name) or not re.match(r"[ -~]{1,995}\Z", value):
            raise _bad("Invalid header name or value")


def _tags(body: dict[str, typing.Any]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for tag in body.get("EmailTags") or []:
        name, value = tag.get("Name") or "", tag.get("Value") or ""
        if not _TAG.match(name) or not _TAG.match(value):
            raise _bad(f"Invalid tag <{name}>: only alphanumeric ASCII characters, '_', and '-' are allowed, at most 256.")
        if name in tags:
            raise _bad(f"Duplicate tag name <{name}>")
        tags[name] = value
    return tags
