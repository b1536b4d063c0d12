"""Sends emails through a configuration set and reads the events that come back through SNS and SQS."""

from __future__ import annotations

import json
import typing

from local_aws import tags
from server import LocalAWS, eventually

EVERY_EVENT = ["SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY", "DELIVERY_DELAY"]


class Mailbox:
    """Topic, queue, subscription and configuration set of one test."""

    def __init__(self, aws: LocalAWS, name: str, events: typing.Sequence[str] = EVERY_EVENT) -> None:
        self.aws = aws
        self.name = name
        self.ses = aws.client("sesv2")
        self._sqs = aws.client("sqs")
        sns = aws.client("sns")
        self.topic = sns.create_topic(Name=name)["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        sns.subscribe(
            TopicArn=self.topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:000000000000:{name}",
            Attributes={"RawMessageDelivery": "true"},
        )
        self.ses.create_configuration_set(ConfigurationSetName=name)
        self.ses.create_configuration_set_event_destination(
            ConfigurationSetName=name,
            EventDestinationName="events",
            EventDestination={
                "Enabled": True, "MatchingEventTypes": list(events), "SnsDestination": {"TopicArn": self.topic},
            },
        )
        self._received: list[dict[str, typing.Any]] = []

    def request(self, to: str, delivery: str = "order-confirmation/1", **changes: typing.Any) -> dict[str, typing.Any]:
        """A SendEmail request."""
        return {
            "FromEmailAddress": "Shop <orders@shop.example>",
            "Destination": {"ToAddresses": [to]},
            "Content": {"Simple": {"Subject": {"Data": "Order 1"}, "Body": {"Text": {"Data": "Thank you."}}}},
            "ConfigurationSetName": self.name,
            "EmailTags": [
                {"Name": "delivery", "Value": tags.encoded(delivery)}, {"Name": "attempt", "Value": "a1"},
            ],
        } | changes

    def send(self, to: str, delivery: str = "order-confirmation/1", **changes: typing.Any) -> str:
        """Sends an email; its message id."""
        return self.ses.send_email(**self.request(to, delivery, **changes))["MessageId"]

    def events(self, count: int) -> list[dict[str, typing.Any]]:
        """Waits until so many events have come, and returns all there are."""
        eventually(lambda: self._poll() >= count)
        return self._received

    def types(self, count: int) -> list[str]:
        """The types of the events, sorted."""
        return sorted(event["eventType"] for event in self.events(count))

    def _poll(self) -> int:
        answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            self._received.append(json.loads(message["Body"]))
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return len(self._received)
