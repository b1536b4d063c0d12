"""What AWS would put on the bill for the calls that were made: counted here, where the program under test has no say."""

from __future__ import annotations

import collections
import dataclasses
import math
import typing
import urllib.parse

from .call import Answer, Call

#: SQS and SNS count each begun 64 KiB of a payload as a request.
_CHUNK = 65_536
_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}


@dataclasses.dataclass
class _Row:
    """The use of one resource by one operation."""

    #: Answered with anything below 500.
    requests: int = 0
    chunks: int = 0
    recipients: int = 0
    read_units: float = 0.0
    write_units: float = 0.0


class UsageWitness:
    """Use by service, operation and resource: a queue, a topic, a table or `table/index`, a configuration set, a namespace."""

    def __init__(self) -> None:
        self._rows: collections.defaultdict[tuple[str, str, str], _Row] = collections.defaultdict(_Row)

    def clear(self) -> None:
        self._rows.clear()

    def answered(self, call: Call, answer: Answer) -> None:
        """Counts a call by the answer that the service gave, whether or not the caller will hear it."""
        if answer.status >= 500:
            return
        row = self._rows[call.service, call.operation, _resource(call)]
        row.requests += 1
        if call.service in ("sqs", "sns"):
            row.chunks += math.ceil(max(_payload(call, answer), 1) / _CHUNK)
        elif call.service == "ses" and call.operation == "SendEmail" and answer.status == 200:
            row.recipients += sum(len(addresses or []) for addresses in (call.json().get("Destination") or {}).values())
        elif call.service == "dynamodb":
            self._count_capacity(call, answer)

    def published(self, topic_arn: str, message: str) -> None:
        """Counts what SES published to a topic: a request like anybody's, though nobody called."""
        row = self._rows["sns", "Publish", topic_arn.split(":")[5]]
        row.requests += 1
        row.chunks += math.ceil(len(message.encode()) / _CHUNK)

    def as_json(self, contains: str) -> list[dict[str, object]]:
        """The rows of the resources whose name contains the text."""
        return [
            {"service": service, "operation": operation, "resource": resource, **dataclasses.asdict(row)}
            for (service, operation, resource), row in sorted(self._rows.items())
            if contains in resource
        ]

    def _count_capacity(self, call: Call, answer: Answer) -> None:
        for resource, units in _capacity(call, answer):
            row = self._rows[call.service, call.operation, resource]
            if call.operation in _WRITES:
                row.write_units += units
            else:
                row.read_units += units


def _resource(call: Call) -> str:
    """The name of what a call is about; empty when it names nothing."""
    members = _form(call) if call.protocol == "query" else call.json()
    match call.service:
        case "sqs":
            return str(members.get("QueueUrl") or members.get("QueueName") or "").rpartition("/")[2]
        case "sns":
            arn = str(members.get("TopicArn") or members.get("SubscriptionArn") or members.get("ResourceArn") or "")
            return arn.split(":")[5] if arn.count(":") >= 5 else str(members.get("Name", ""))
        case "dynamodb":
            return str(members.get("TableName") or next(iter(members.get("RequestItems", {})), ""))
        case "ses":
            return str(members.get("ConfigurationSetName") or "")
        case "monitoring":
            return str(members.get("Namespace") or "")
    return ""


def _payload(call: Call, answer: Answer) -> int:
    """SNS counts what is published, SQS what is sent or received."""
    if call.service == "sns" and call.operation in ("Publish", "PublishBatch"):
        form = _form(call)
        return sum(len(text.encode()) for name, text in form.items() if name == "Message" or name.endswith(".Message"))
    return max(len(call.body), len(answer.body))


def _form(call: Call) -> dict[str, str]:
    """The fields of a call in the query protocol."""
    return dict(urllib.parse.parse_qsl(call.body.decode(), keep_blank_values=True))


def _capacity(call: Call, answer: Answer) -> typing.Iterator[tuple[str, float]]:
    """The units of a table and of each of its indexes."""
    members = answer.json()
    if answer.status != 200:
        if str(members.get("__type", "")).endswith("ConditionalCheckFailedException"):
            # What is there is read to be compared, and billed as if it were written.
            yield _resource(call), float(max(1, math.ceil(_item_bytes(members.get("Item", {})) / 1024)))
        return
    consumed = members.get("ConsumedCapacity", [])
    for part in consumed if isinstance(consumed, list) else [consumed]:
        table = str(part.get("TableName", ""))
        indexes = {**part.get("GlobalSecondaryIndexes", {}), **part.get("LocalSecondaryIndexes", {})}
        for name, index in indexes.items():
            yield f"{table}/{name}", float(index["CapacityUnits"])
        total = float(part.get("CapacityUnits", 0))
        yield table, total - sum(float(index["CapacityUnits"]) for index in indexes.values())


def _item_bytes(item: dict[str, dict[str, typing.Any]]) -> int:
    """The size of an item of strings and numbers, as DynamoDB's developer guide counts it."""
    size = 0
    for name, value in item.items():
        size += len(name.encode())
        for kind, content in value.items():
            text = str(content)
            size += math.ceil(len(text.strip("-0")) / 2) + 1 if kind == "N" else len(text.encode())
    return size
