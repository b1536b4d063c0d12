"""The switches: a service that is down, and the states of the SES account."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from mail import Mailbox
from server import LocalAWS

ADDRESS = "a@shop.example"


def _refusal(mailbox: Mailbox) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        mailbox.send(ADDRESS)
    return caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_service_that_is_down_keeps_its_state(aws: LocalAWS) -> None:
    sqs = aws.client("sqs")
    queue = sqs.create_queue(QueueName="queue")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="a")
    aws.control("POST", "settings", {"down": ["sqs"]})
    with pytest.raises(ClientError) as caught:
        sqs.receive_message(QueueUrl=queue)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert aws.client("sns").list_topics()["Topics"] == []
    aws.control("POST", "settings", {"down": []})
    assert [message["Body"] for message in sqs.receive_message(QueueUrl=queue)["Messages"]] == ["a"]


def test_events_wait_for_a_queue_that_is_down(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "settings", {"down": ["sqs"]})
    mailbox.send("success@simulator.amazonses.com")
    aws.control("POST", "settings", {"down": []})
    assert mailbox.types(2) == ["Delivery", "Send"]


def test_an_exhausted_quota(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "settings", {"send_quota": 0})
    assert _refusal(mailbox) == ("LimitExceededException", 400)


def test_a_paused_account(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "settings", {"sending_enabled": False})
    assert _refusal(mailbox) == ("SendingPausedException", 400)
    assert mailbox.ses.get_account()["SendingEnabled"] is False


def test_a_suspended_account(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "settings", {"enforcement_status": "SHUTDOWN"})
    assert _refusal(mailbox) == ("AccountSuspendedException", 400)
    assert mailbox.ses.get_account()["EnforcementStatus"] == "SHUTDOWN"


def test_an_account_on_probation_sends(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "settings", {"enforcement_status": "PROBATION"})
    assert mailbox.send(ADDRESS)
    assert mailbox.ses.get_account()["EnforcementStatus"] == "PROBATION"


@pytest.mark.parametrize("change", [{"down": "sqs"}, {"down": [1]}, {"enforcement_status": "FINE"}])
def test_wrong_switches_are_refused(aws: LocalAWS, change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        aws.control("POST", "settings", change)
