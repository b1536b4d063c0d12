"""The suppression list of the SES account: mail to an address on it is accepted, and bounces without being delivered."""

from __future__ import annotations

import json
import urllib.parse
import uuid
from datetime import datetime

from .call import Answer, Call
from .clock import Clock
from .errors import AWSError
from .ses_outcomes import Event

_REASONS = ("BOUNCE", "COMPLAINT")
_SIMULATOR = "@simulator.amazonses.com"

#: Entries of one answer of ListSuppressedDestinations (SES API v2: at most 1,000).
_LONGEST_PAGE = 1000


class SuppressionList:
    """Addresses in lower case, with why and since when. Hard bounces and complaints come onto it by themselves."""

    #: What mail to a listed address comes to.
    BOUNCE: Event = {"type": "Bounce", "bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList"}

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.clear()

    def clear(self) -> None:
        """Forgets the addresses; both reasons suppress, as in a new account."""
        self._entries: dict[str, dict[str, object]] = {}
        self._reasons = list(_REASONS)

    def kept(self) -> str:
        """Everything, for restore()."""
        return json.dumps({"entries": self._entries, "reasons": self._reasons})

    def restore(self, text: str) -> None:
        kept = json.loads(text)
        self._entries = kept["entries"]
        self._reasons = kept["reasons"]

    def holds(self, address: str) -> bool:
        """Whether mail to this address is suppressed."""
        return address.lower() in self._entries

    def note(self, event: Event, address: str, message_id: str) -> None:
        """Puts a recipient on the list for what became of the mail. The simulator's addresses never come onto it."""
        if address.lower().endswith(_SIMULATOR) or self.holds(address):
            return
        bounced = event["type"] == "Bounce" and event.get("bounceType", "Permanent") == "Permanent"
        complained = event["type"] == "Complaint" and event.get("complaintFeedbackType") != "not-spam"
        if bounced and "BOUNCE" in self._reasons:
            self._put(address, "BOUNCE", {"MessageId": message_id, "FeedbackId": str(uuid.uuid4())})
        elif complained and "COMPLAINT" in self._reasons:
            self._put(address, "COMPLAINT", {"MessageId": message_id, "FeedbackId": str(uuid.uuid4())})

    def add(self, address: str, reason: str) -> None:
        """Puts an address on the list, as somebody else in the account might; ValueError when it is none."""
        try:
            self._put(address, _reason(reason), {})
        except AWSError as error:
            raise ValueError(str(error)) from error

    def attributes(self) -> dict[str, object]:
        """What GetAccount says of it."""
        return {"SuppressionAttributes": {"SuppressedReasons": self._reasons}}

    def perform(self, call: Call) -> Answer | None:
        """Does a call about the list; None when it is about something else."""
        address = urllib.parse.unquote(call.raw_path.rpartition("/")[2])
        match call.operation:
            case "PutAccountSuppressionAttributes":
                self._reasons = [_reason(value) for value in call.json().get("SuppressedReasons", [])]
                return Answer.of_json({})
            case "PutSuppressedDestination":
                body = call.json()
                self._put(str(body.get("EmailAddress", "")), _reason(body.get("Reason")), {})
                return Answer.of_json({})
            case "GetSuppressedDestination":
                return Answer.of_json({"SuppressedDestination": self._entry(address)})
            case "DeleteSuppressedDestination":
                self._entry(address)
                del self._entries[address.lower()]
                return Answer.of_json({})
            case "ListSuppressedDestinations":
                return self._list(urllib.parse.parse_qs(call.query))
            case _:
                return None

    def _put(self, address: str, reason: str, attributes: dict[str, str]) -> None:
        if "@" not in address:
            raise AWSError(400, "BadRequestException", f"Email address is not valid: {address!r}")
        self._entries[address.lower()] = {
            "EmailAddress": address.lower(),
            "Reason": reason,
            "LastUpdateTime": self._clock.now().timestamp(),
            "Attributes": attributes,
        }

    def _entry(self, address: str) -> dict[str, object]:
        entry = self._entries.get(address.lower())
        if entry is None:
            raise AWSError(404, "NotFoundException", f"Email address {address} does not exist on your suppression list.")
        return entry

    def _list(self, query: dict[str, list[str]]) -> Answer:
        """In the order of the addresses; the token is the last address of the page before. The dates are both included."""
        size = int(query.get("PageSize", [str(_LONGEST_PAGE)])[0])
        if not 1 <= size <= _LONGEST_PAGE:
            raise AWSError(400, "BadRequestException", f"PageSize must be from 1 to {_LONGEST_PAGE}.")
        after = query.get("NextToken", [""])[0]
        if after and "@" not in after:
            raise AWSError(400, "InvalidNextTokenException", "The specified request includes an invalid or expired token.")
        first, last = _date(query, "StartDate", float("-inf")), _date(query, "EndDate", float("inf"))
        reasons = query.get("Reason", list(_REASONS))
        found = [
            {key: value for key, value in entry.items() if key != "Attributes"}
            for address, entry in sorted(self._entries.items())
            if address > after and entry["Reason"] in reasons and first <= float(str(entry["LastUpdateTime"])) <= last
        ]
        page: dict[str, object] = {"SuppressedDestinationSummaries": found[:size]}
        if len(found) > size:
            page["NextToken"] = found[size - 1]["EmailAddress"]
        return Answer.of_json(page)


def _date(query: dict[str, list[str]], name: str, otherwise: float) -> float:
    """A time of the query in seconds since 1970: ISO 8601, as AWS's clients write it."""
    values = query.get(name)
    if not values:
        return otherwise
    try:
        return datetime.fromisoformat(values[0].replace("Z", "+00:00")).timestamp()
    except ValueError as error:
        raise AWSError(400, "BadRequestException", f"{name} is not a date: {values[0]!r}") from error


def _reason(value: object) -> str:
    if value not in _REASONS:
        raise AWSError(400, "BadRequestException", f"Reason must be one of {', '.join(_REASONS)}.")
    return str(value)
