"""Batches of which some entries fail: before the effect they are not done, after it they are, and said not to be."""

from __future__ import annotations

import typing

import pytest

from server import LocalAWS

ENTRIES = [{"Id": name, "MessageBody": f"body {name}"} for name in "abc"]


def _fault(aws: LocalAWS, service: str, operation: str, **fault: object) -> None:
    aws.control("POST", "faults", [{"service": service, "operation": operation, "kind": "partial", **fault}])


def _ids(entries: typing.Iterable[dict[str, str]]) -> list[str]:
    return [entry["Id"] for entry in entries]


def _bodies(sqs: typing.Any, queue: str) -> list[str]:
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return sorted(message["Body"] for message in messages)


@pytest.mark.parametrize("phase, arrived", [
    ("before", ["body a", "body c"]), ("after", ["body a", "body b", "body c"]),
])
def test_an_entry_of_an_sqs_batch_fails(aws: LocalAWS, phase: str, arrived: list[str]) -> None:
    sqs = aws.client("sqs")
    queue = sqs.create_queue(QueueName="batch")["QueueUrl"]
    _fault(aws, "sqs", "SendMessageBatch", entry="body b", phase=phase, type="InternalError", message="later")
    answer = sqs.send_message_batch(QueueUrl=queue, Entries=ENTRIES)
    assert _ids(answer["Successful"]) == ["a", "c"]
    assert answer["Failed"] == [{"Id": "b", "Code": "InternalError", "Message": "later", "SenderFault": False}]
    assert _bodies(sqs, queue) == arrived


def test_a_whole_sqs_batch_can_fail(aws: LocalAWS) -> None:
    sqs = aws.client("sqs")
    queue = sqs.create_queue(QueueName="batch")["QueueUrl"]
    _fault(aws, "sqs", "SendMessageBatch", entries=10, count=1)
    answer = sqs.send_message_batch(QueueUrl=queue, Entries=ENTRIES)
    assert (_ids(answer["Failed"]), answer.get("Successful", [])) == (["a", "b", "c"], [])
    assert _bodies(sqs, queue) == []


def test_a_message_whose_deletion_failed_is_still_there(aws: LocalAWS) -> None:
    sqs = aws.client("sqs")
    queue = sqs.create_queue(QueueName="batch")["QueueUrl"]
    sqs.send_message_batch(QueueUrl=queue, Entries=ENTRIES)
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)["Messages"]
    _fault(aws, "sqs", "DeleteMessageBatch", entries=2)
    answer = sqs.delete_message_batch(QueueUrl=queue, Entries=[
        {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]} for number, message in enumerate(received)
    ])
    assert (_ids(answer["Failed"]), _ids(answer["Successful"])) == (["0", "1"], ["2"])
    assert _bodies(sqs, queue) == sorted(message["Body"] for message in received[:2])


@pytest.mark.parametrize("phase, arrived", [("before", ["body a", "body c"]), ("after", ["body a", "body b", "body c"])])
def test_an_entry_of_an_sns_batch_fails(aws: LocalAWS, phase: str, arrived: list[str]) -> None:
    sqs, sns = aws.client("sqs"), aws.client("sns")
    queue = sqs.create_queue(QueueName="batch")["QueueUrl"]
    topic = sns.create_topic(Name="batch")["TopicArn"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:000000000000:batch",
        Attributes={"RawMessageDelivery": "true"},
    )
    _fault(aws, "sns", "PublishBatch", entry="body b", phase=phase, status=400, type="Throttled", message="<slow>")
    answer = sns.publish_batch(
        TopicArn=topic, PublishBatchRequestEntries=[{"Id": name, "Message": f"body {name}"} for name in "abc"]
    )
    assert _ids(answer["Successful"]) == ["a", "c"] and all(entry["MessageId"] for entry in answer["Successful"])
    assert answer["Failed"] == [{"Id": "b", "Code": "Throttled", "Message": "<slow>", "SenderFault": True}]
    assert _bodies(sqs, queue) == arrived


def _table(aws: LocalAWS) -> typing.Any:
    table = aws.client("dynamodb")
    table.create_table(
        TableName="table", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    return table


@pytest.mark.parametrize("phase, written", [("before", ["a", "c"]), ("after", ["a", "b", "c"])])
def test_an_item_of_a_dynamodb_write_is_left_unprocessed(aws: LocalAWS, phase: str, written: list[str]) -> None:
    table = _table(aws)
    _fault(aws, "dynamodb", "BatchWriteItem", entry='"b"', phase=phase)
    puts = [{"PutRequest": {"Item": {"pk": {"S": name}}}} for name in "abc"]
    answer = table.batch_write_item(RequestItems={"table": puts})
    assert answer["UnprocessedItems"] == {"table": [puts[1]]}
    assert sorted(item["pk"]["S"] for item in table.scan(TableName="table")["Items"]) == written


def test_a_key_of_a_dynamodb_read_is_left_unprocessed(aws: LocalAWS) -> None:
    table = _table(aws)
    for name in "abc":
        table.put_item(TableName="table", Item={"pk": {"S": name}})
    _fault(aws, "dynamodb", "BatchGetItem", entries=2)
    keys = [{"pk": {"S": name}} for name in "abc"]
    answer = table.batch_get_item(RequestItems={"table": {"Keys": keys, "ConsistentRead": True}})
    assert answer["UnprocessedKeys"] == {"table": {"Keys": keys[:2], "ConsistentRead": True}}
    assert answer["Responses"] == {"table": [{"pk": {"S": "c"}}]}


def test_a_call_that_is_no_batch_is_left_alone(aws: LocalAWS) -> None:
    aws.control("POST", "faults", [{"kind": "partial", "service": "sqs"}])
    assert aws.client("sqs").create_queue(QueueName="batch")["QueueUrl"]
