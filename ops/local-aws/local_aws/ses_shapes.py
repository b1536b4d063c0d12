"""The objects of SES's events, in the documented shapes."""

from __future__ import annotations

import typing
import uuid

from .ses_message import Message
from .ses_outcomes import Event

_ACCOUNT = "000000000000"


def mail(message: Message, message_id: str, addresses: list[str], when: str) -> dict[str, object]:
    """The object `mail` that every event carries."""
    tags = {
        "ses:configuration-set": message.configuration_set or "",
        "ses:source-ip": "127.0.0.1",
        "ses:from-domain": message.source_domain,
        "ses:caller-identity": "local",
        **message.tags,
    }
    named = [("From", message.source), ("To", ", ".join(message.recipients)), ("Subject", message.subject)]
    headers = [{"name": name, "value": value} for name, value in named]
    return {
        "timestamp": when,
        "messageId": message_id,
        "source": message.source,
        "sourceArn": f"arn:aws:ses:us-east-1:{_ACCOUNT}:identity/{message.source_domain}",
        "sendingAccountId": _ACCOUNT,
        "destination": addresses,
        "headersTruncated": False,
        "headers": headers + [{"name": header["Name"], "value": header["Value"]} for header in message.headers],
        "commonHeaders": {
            "from": [message.source],
            "to": message.recipients,
            "messageId": message_id,
            "subject": message.subject,
        },
        "tags": {name: [value] for name, value in tags.items()},
    }


def delivery(now: str, address: str, seconds: float) -> dict[str, object]:
    return {
        "timestamp": now,
        "processingTimeMillis": int(seconds * 1000),
        "recipients": [address],
        "smtpResponse": "250 2.6.0 Message received",
        "remoteMtaIp": "127.0.0.1",
        "reportingMTA": "a8-50.smtp-out.amazonses.com",
    }


def bounce(now: str, address: str, event: Event) -> dict[str, object]:
    permanent = event.get("bounceType", "Permanent") == "Permanent"
    status = "5.1.1" if permanent else "4.4.7"
    diagnostic = "smtp; 550 5.1.1 user unknown" if permanent else "smtp; 452 4.2.2 over quota"
    return {
        "feedbackId": str(uuid.uuid4()),
        "bounceType": event.get("bounceType", "Permanent"),
        "bounceSubType": event.get("bounceSubType", "General"),
        "bouncedRecipients": [
            {"emailAddress": address, "action": "failed", "status": status, "diagnosticCode": diagnostic}
        ],
        "timestamp": now,
        "reportingMTA": "dns; a8-50.smtp-out.amazonses.com",
    }


def complaint(now: str, address: str, event: Event) -> dict[str, object]:
    return {
        "feedbackId": str(uuid.uuid4()),
        "complaintSubType": event.get("complaintSubType"),
        "complainedRecipients": [{"emailAddress": address}],
        "timestamp": now,
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": event.get("complaintFeedbackType", "abuse"),
        "arrivalDate": now,
    }


def delay(now: str, address: str, event: Event) -> dict[str, object]:
    return {
        "timestamp": now,
        "delayType": event.get("delayType", "TransientCommunicationFailure"),
        "expirationTime": now,
        "delayedRecipients": [
            {"emailAddress": address, "status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1 Unable to connect"}
        ],
        "reportingMTA": "a8-50.smtp-out.amazonses.com",
    }


def alter(event: dict[str, typing.Any], values: dict[str, typing.Any]) -> None:
    """Puts values at dotted paths (`mail.headersTruncated`), making the objects on the way."""
    for path, value in values.items():
        *parents, last = path.split(".")
        place = event
        for name in parents:
            inner = place.get(name)
            place[name] = dict(inner) if isinstance(inner, dict) else {}
            place = place[name]
        place[last] = value
