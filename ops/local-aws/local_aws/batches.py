"""Batches of which a fault lets some entries fail."""

from __future__ import annotations

import dataclasses
import json
import re
import typing
import urllib.parse
from xml.sax.saxutils import escape

from .call import Answer, Call
from .fault import Fault

#: Batch operations of SQS; each answers with `Successful` and `Failed`.
_SQS = {"SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"}
#: Batch operations of DynamoDB -> the member that gives back what was not done.
_DYNAMODB = {"BatchWriteItem": "UnprocessedItems", "BatchGetItem": "UnprocessedKeys"}
_SNS_ENTRY = re.compile(r"(PublishBatchRequestEntries\.(?:member|entry)\.\d+)\.")

Forward = typing.Callable[[Call], typing.Awaitable[Answer]]


class Batch(typing.Protocol):
    """A batch request of one service, taken apart."""

    def split(self, fails: typing.Callable[[str], bool]) -> tuple[Call | None, typing.Any]:
        """The request without the failing entries (None when nothing is left of it), and those entries."""

    def joined(self, answer: Answer | None, failed: typing.Any) -> Answer:
        """The answer, in which the entries have failed."""


def batch_of(call: Call, fault: Fault) -> Batch | None:
    """None when the call is no batch; then a fault of batches leaves it alone."""
    if call.service == "sqs" and call.protocol == "json" and call.operation in _SQS:
        return _SQSBatch(call, fault)
    if call.service == "dynamodb" and call.operation in _DYNAMODB:
        return _DynamoDBBatch(call, _DYNAMODB[call.operation])
    if call.service == "sns" and call.operation == "PublishBatch":
        return _SNSBatch(call, fault)
    return None


async def partly(fault: Fault, call: Call, forward: Forward) -> Answer | None:
    """Does a batch without the entries that the fault lets fail; None when the call is no batch."""
    batch = batch_of(call, fault)
    if batch is None:
        return None
    rest, failed = batch.split(_chooser(fault))
    return batch.joined(None if rest is None else await forward(rest), failed)


def denied(fault: Fault, call: Call, answer: Answer) -> Answer:
    """The answer to a batch that was done, in which some entries are said to have failed."""
    batch = batch_of(call, fault)
    if batch is None or answer.status != 200:
        return answer
    return batch.joined(answer, batch.split(_chooser(fault))[1])


def _chooser(fault: Fault) -> typing.Callable[[str], bool]:
    """Whether the next entry, as text, is one that fails."""
    left = fault.entries

    def fails(text: str) -> bool:
        nonlocal left
        if left == 0 or (fault.entry is not None and fault.entry not in text):
            return False
        left -= 1
        return True

    return fails


def with_body(call: Call, body: bytes) -> Call:
    """The call with another body; the emulator does not look at the signature."""
    headers = [(name, value) for name, value in call.scope["headers"] if name != b"content-length"]
    headers.append((b"content-length", str(len(body)).encode()))
    return dataclasses.replace(call, body=body, scope={**call.scope, "headers": headers})


class _SQSBatch:
    def __init__(self, call: Call, fault: Fault) -> None:
        self._call = call
        self._fault = fault

    def split(self, fails: typing.Callable[[str], bool]) -> tuple[Call | None, list[str]]:
        request = self._call.json()
        kept, failed = [], []
        for entry in request.get("Entries", []):
            (failed if fails(json.dumps(entry)) else kept).append(entry)
        rest = with_body(self._call, json.dumps(request | {"Entries": kept}).encode()) if kept else None
        return rest, [entry["Id"] for entry in failed]

    def joined(self, answer: Answer | None, failed: list[str]) -> Answer:
        if answer is not None and answer.status != 200:
            return answer
        members = {"Successful": [], "Failed": []} if answer is None else answer.json()
        members["Successful"] = [entry for entry in members.get("Successful", []) if entry["Id"] not in failed]
        fault = self._fault
        members["Failed"] = members.get("Failed", []) + [
            {"Id": name, "Code": fault.type, "Message": fault.message, "SenderFault": fault.status < 500}
            for name in failed
        ]
        return Answer(200, [(b"content-type", b"application/x-amz-json-1.0")], json.dumps(members).encode())


class _DynamoDBBatch:
    """A write's entries are requests; a read's are keys, whose other members (projection, consistency) stay with them."""

    def __init__(self, call: Call, unprocessed: str) -> None:
        self._call = call
        self._unprocessed = unprocessed

    def split(self, fails: typing.Callable[[str], bool]) -> tuple[Call | None, dict[str, typing.Any]]:
        request = self._call.json()
        kept: dict[str, typing.Any] = {}
        failed: dict[str, typing.Any] = {}
        for table, members in request.get("RequestItems", {}).items():
            for entry in members["Keys"] if isinstance(members, dict) else members:
                side = failed if fails(json.dumps(entry)) else kept
                if isinstance(members, dict):
                    side.setdefault(table, {**members, "Keys": []})["Keys"].append(entry)
                else:
                    side.setdefault(table, []).append(entry)
        rest = with_body(self._call, json.dumps(request | {"RequestItems": kept}).encode()) if kept else None
        return rest, failed

    def joined(self, answer: Answer | None, failed: dict[str, typing.Any]) -> Answer:
        if answer is not None and answer.status != 200:
            return answer
        members = answer.json() if answer is not None else {"Responses": {}} if "Get" in self._call.operation else {}
        members[self._unprocessed] = members.get(self._unprocessed, {}) | failed
        return Answer(200, [(b"content-type", b"application/x-amz-json-1.0")], json.dumps(members).encode())


class _SNSBatch:
    """A form whose entries are `PublishBatchRequestEntries.member.N.…`, and an answer in XML."""

    def __init__(self, call: Call, fault: Fault) -> None:
        self._call = call
        self._fault = fault

    def split(self, fails: typing.Callable[[str], bool]) -> tuple[Call | None, list[str]]:
        fields = urllib.parse.parse_qsl(self._call.body.decode(), keep_blank_values=True)
        entries: dict[str, dict[str, str]] = {}
        others = []
        for name, value in fields:
            match = _SNS_ENTRY.match(name)
            if match:
                entries.setdefault(match[1], {})[name[match.end():]] = value
            else:
                others.append((name, value))
        kept, failed = [], []
        for entry in entries.values():
            (failed if fails(json.dumps(entry)) else kept).append(entry)
        numbered = [
            (f"PublishBatchRequestEntries.member.{number}.{name}", value)
            for number, entry in enumerate(kept, 1)
            for name, value in entry.items()
        ]
        rest = with_body(self._call, urllib.parse.urlencode(others + numbered).encode()) if kept else None
        return rest, [entry["Id"] for entry in failed]

    def joined(self, answer: Answer | None, failed: list[str]) -> Answer:
        if answer is not None and answer.status != 200:
            return answer
        text = "" if answer is None else answer.body.decode()
        done = [
            member for member in re.findall(r"<member>.*?</member>", text, re.DOTALL)
            if "<MessageId>" in member and not any(f"<Id>{escape(name)}</Id>" in member for name in failed)
        ]
        refused = [
            member for member in re.findall(r"<member>.*?</member>", text, re.DOTALL) if "<MessageId>" not in member
        ]
        refused += [self._refusal(name) for name in failed]
        body = (
            '<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishBatchResult>'
            f"<Successful>{''.join(done)}</Successful><Failed>{''.join(refused)}</Failed></PublishBatchResult>"
            "<ResponseMetadata><RequestId>injected</RequestId></ResponseMetadata></PublishBatchResponse>"
        )
        return Answer(200, [(b"content-type", b"text/xml")], body.encode())

    def _refusal(self, name: str) -> str:
        fault = self._fault
        return (
            f"<member><Id>{escape(name)}</Id><Code>{escape(fault.type)}</Code><Message>{escape(fault.message)}</Message>"
            f"<SenderFault>{'true' if fault.status < 500 else 'false'}</SenderFault></member>"
        )
