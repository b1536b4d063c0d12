"""SQS messages that are lost, late, doubled or out of order."""

from __future__ import annotations

import time
import typing

import pytest

from local_aws import tags
from server import LocalAWS, eventually


class Queue:
    """A queue of one test."""

    def __init__(self, aws: LocalAWS, name: str = "mine") -> None:
        self._sqs = aws.client("sqs")
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]

    def send(self, *bodies: str) -> None:
        for body in bodies:
            self._sqs.send_message(QueueUrl=self._url, MessageBody=body)

    def receive(self) -> list[dict[str, typing.Any]]:
        messages: list[dict[str, typing.Any]] = self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10
        ).get("Messages", [])
        return messages

    def bodies(self) -> list[str]:
        return [message["Body"] for message in self.receive()]

    def delete(self, message: dict[str, typing.Any]) -> None:
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])

    def left(self) -> int:
        """Messages in the queue, visible or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)["Attributes"]
        return sum(int(attributes[name]) for name in names)


def _fault(aws: LocalAWS, **fault: object) -> None:
    aws.control("POST", "faults", [{"queue": "mine", **fault}])


def test_a_lost_message_never_comes(aws: LocalAWS) -> None:
    queue = Queue(aws)
    queue.send("a", "b")
    _fault(aws, kind="lose", contains="a")
    assert queue.bodies() == ["b"]
    assert queue.left() == 1


def test_a_late_message_comes_later_and_once(aws: LocalAWS) -> None:
    queue = Queue(aws)
    queue.send("a", "b")
    _fault(aws, kind="delay", ms=800, contains="a")
    began = time.monotonic()
    assert queue.bodies() == ["b"]
    assert eventually(queue.bodies) == ["a"]
    assert time.monotonic() - began >= 0.8
    assert [fault["struck"] for fault in aws.control("GET", "faults")] == [1]


def test_a_duplicate_comes_again_even_after_its_deletion(aws: LocalAWS) -> None:
    queue = Queue(aws)
    queue.send("a")
    _fault(aws, kind="duplicate")
    [first] = queue.receive()
    queue.delete(first)
    [second] = queue.receive()
    assert (second["MessageId"], second["Body"]) == (first["MessageId"], "a")
    queue.delete(second)
    assert queue.receive() == []


def test_a_duplicate_can_be_late(aws: LocalAWS) -> None:
    queue = Queue(aws)
    queue.send("a")
    _fault(aws, kind="duplicate", ms=200)
    began = time.monotonic()
    assert queue.bodies() == ["a"]
    assert eventually(queue.bodies) == ["a"]
    assert time.monotonic() - began >= 0.2


def test_messages_can_come_in_another_order(aws: LocalAWS) -> None:
    queue = Queue(aws)
    queue.send("a", "b", "c")
    _fault(aws, kind="reorder")
    assert queue.bodies() == ["c", "b", "a"]


def test_a_fault_is_of_one_queue(aws: LocalAWS) -> None:
    mine, yours = Queue(aws), Queue(aws, "yours")
    mine.send("a")
    yours.send("b")
    _fault(aws, kind="lose")
    assert (mine.bodies(), yours.bodies()) == ([], ["b"])


def test_a_fault_can_be_of_one_delivery(aws: LocalAWS) -> None:
    queue = Queue(aws)
    plain = '{"tags": {"delivery": ["%s"]}}' % tags.encoded("order-confirmation/1")
    queue.send(plain, "b")
    _fault(aws, kind="lose", delivery="order-confirmation/1")
    assert queue.bodies() == ["b"]


@pytest.mark.parametrize("fault", [
    {"kind": "error"}, {"kind": "lose", "event": "Send"}, {"kind": "lose", "service": "sqs"}, {"kind": "alter"},
])
def test_what_cannot_happen_to_messages_is_refused(aws: LocalAWS, fault: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        _fault(aws, **fault)
