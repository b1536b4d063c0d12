"""Faults over real HTTP: before the effect it does not happen, after the effect it has."""

from __future__ import annotations

import json
import socket
import time

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from mail import Mailbox
from server import LocalAWS, signed

ADDRESS = "success@simulator.amazonses.com"


def _accepted(aws: LocalAWS) -> int:
    return aws.control("GET", "acceptances")["total"]


def _fault(aws: LocalAWS, **fault: object) -> None:
    aws.control("POST", "faults", [{"service": "ses", "operation": "SendEmail", **fault}])


def test_an_error_before_the_effect_accepts_nothing(aws: LocalAWS, mailbox: Mailbox) -> None:
    _fault(aws, kind="error", status=503, type="ServiceUnavailable", message="later", count=1)
    with pytest.raises(ClientError) as caught:
        mailbox.send(ADDRESS)
    assert caught.value.response["Error"] == {"Code": "ServiceUnavailable", "Message": "later"}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert _accepted(aws) == 0


def test_an_error_after_the_effect_was_accepted(aws: LocalAWS, mailbox: Mailbox) -> None:
    _fault(aws, kind="error", status=500, phase="after")
    with pytest.raises(ClientError):
        mailbox.send(ADDRESS)
    assert _accepted(aws) == 1
    assert mailbox.types(2) == ["Delivery", "Send"]


@pytest.mark.parametrize("kind", ["reset", "close"])
def test_a_connection_dropped_before_the_effect_accepts_nothing(aws: LocalAWS, mailbox: Mailbox, kind: str) -> None:
    _fault(aws, kind=kind)
    with pytest.raises(ConnectionClosedError):
        mailbox.send(ADDRESS)
    assert _accepted(aws) == 0


@pytest.mark.parametrize("kind", ["reset", "close"])
def test_a_connection_dropped_after_the_effect_was_accepted(aws: LocalAWS, mailbox: Mailbox, kind: str) -> None:
    _fault(aws, kind=kind, phase="after", count=1)
    with pytest.raises(ConnectionClosedError):
        mailbox.send(ADDRESS)
    acceptances = aws.control("GET", "acceptances")
    assert (acceptances["total"], acceptances["max"]) == (1, 1)
    assert mailbox.types(2) == ["Delivery", "Send"]
    assert aws.control("GET", "requests")["services"]["ses"]["SendEmail"]["outcomes"] == {kind: 1}


def _read_raw(aws: LocalAWS, mailbox: Mailbox) -> bytes:
    """What comes back on the bare socket for a SendEmail."""
    body = json.dumps(mailbox.request(ADDRESS)).encode()
    path = "/v2/email/outbound-emails"
    headers = signed("ses", aws.url + path, body, {"Content-Length": str(len(body))})
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("127.0.0.1", aws.port), timeout=10) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        return connection.recv(1024)


def test_reset_is_a_tcp_reset(aws: LocalAWS, mailbox: Mailbox) -> None:
    _fault(aws, kind="reset", phase="after")
    with pytest.raises(ConnectionResetError):
        _read_raw(aws, mailbox)


def test_close_is_the_end_of_the_stream_without_a_byte(aws: LocalAWS, mailbox: Mailbox) -> None:
    _fault(aws, kind="close", phase="after")
    assert _read_raw(aws, mailbox) == b""


def test_the_server_goes_on_after_a_reset(aws: LocalAWS, mailbox: Mailbox) -> None:
    _fault(aws, kind="reset", count=1)
    with pytest.raises(ConnectionClosedError):
        mailbox.send(ADDRESS)
    mailbox.send(ADDRESS)
    assert _accepted(aws) == 1


def test_garbage_after_the_effect_cannot_be_decoded(aws: LocalAWS, mailbox: Mailbox) -> None:
    _fault(aws, kind="garbage", phase="after")
    response = mailbox.ses.send_email(**mailbox.request(ADDRESS))
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert "MessageId" not in response
    assert _accepted(aws) == 1


def test_a_delay_delays(aws: LocalAWS, mailbox: Mailbox) -> None:
    _fault(aws, kind="delay", ms=150)
    began = time.monotonic()
    mailbox.send(ADDRESS)
    assert time.monotonic() - began >= 0.15


def test_a_long_delay_after_the_effect_is_a_timeout_that_was_accepted(aws: LocalAWS, mailbox: Mailbox) -> None:
    _fault(aws, kind="delay", ms=3_000, phase="after")
    impatient = aws.client("sesv2", read_timeout=0.3)
    with pytest.raises(ReadTimeoutError):
        impatient.send_email(**mailbox.request(ADDRESS))
    assert _accepted(aws) == 1


def test_a_count_runs_out(aws: LocalAWS, mailbox: Mailbox) -> None:
    _fault(aws, kind="error", count=2)
    for _ in range(2):
        with pytest.raises(ClientError):
            mailbox.send(ADDRESS)
    mailbox.send(ADDRESS)
    assert [fault["struck"] for fault in aws.control("GET", "faults")] == [2]


def test_a_probability_of_zero_never_strikes(aws: LocalAWS, mailbox: Mailbox) -> None:
    _fault(aws, kind="error", probability=0)
    mailbox.send(ADDRESS)


def test_a_fault_can_choose_a_delivery(aws: LocalAWS, mailbox: Mailbox) -> None:
    _fault(aws, kind="error", delivery="order-confirmation/2")
    mailbox.send(ADDRESS, "order-confirmation/1")
    with pytest.raises(ClientError):
        mailbox.send(ADDRESS, "order-confirmation/2")


def test_a_fault_can_choose_a_table(aws: LocalAWS) -> None:
    aws.control("POST", "faults", [{
        "service": "dynamodb", "operation": "DescribeTable", "contains": '"mine"', "kind": "error", "status": 400,
        "type": "ProvisionedThroughputExceededException", "message": "slow down",
    }])
    table = aws.client("dynamodb")
    for name, code in [("mine", "ProvisionedThroughputExceededException"), ("yours", "ResourceNotFoundException")]:
        with pytest.raises(ClientError) as caught:
            table.describe_table(TableName=name)
        assert caught.value.response["Error"]["Code"] == code


def test_dynamodb_writes_before_a_reset_after_the_effect(aws: LocalAWS) -> None:
    table = aws.client("dynamodb")
    table.create_table(
        TableName="table", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    aws.control("POST", "faults", [{"service": "dynamodb", "operation": "PutItem", "kind": "reset", "phase": "after"}])
    with pytest.raises(ConnectionClosedError):
        table.put_item(TableName="table", Item={"pk": {"S": "1"}})
    assert table.get_item(TableName="table", Key={"pk": {"S": "1"}})["Item"] == {"pk": {"S": "1"}}


def test_sns_errors_are_xml(aws: LocalAWS) -> None:
    aws.control("POST", "faults", [
        {"service": "sns", "operation": "ListTopics", "kind": "error", "status": 429, "type": "Throttled", "message": "<x>"}
    ])
    with pytest.raises(ClientError) as caught:
        aws.client("sns").list_topics()
    assert caught.value.response["Error"] == {"Type": "Sender", "Code": "Throttled", "Message": "<x>"}


def test_faults_are_removed(aws: LocalAWS, mailbox: Mailbox) -> None:
    _fault(aws, kind="error")
    aws.control("DELETE", "faults")
    mailbox.send(ADDRESS)
    assert aws.control("GET", "faults") == []


@pytest.mark.parametrize("fault", [
    {},
    {"kind": "explode"},
    {"kind": "error", "phase": "during"},
    {"kind": "error", "operatoin": "SendEmail"},
    {"kind": "error", "status": "500"},
    {"kind": "lose"},
    {"kind": "reset", "event": "Send"},
    {"kind": "lose", "event": "Send", "service": "ses"},
    "error",
])
def test_a_misspelt_fault_is_refused(aws: LocalAWS, fault: object) -> None:
    with pytest.raises(ValueError):
        aws.control("POST", "faults", [fault])
    assert aws.control("GET", "faults") == []
