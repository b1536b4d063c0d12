"""The faults of requests by operation: both shapes of a refused rate, storms, slow answers, and draws from a seed."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError

from mail import Mailbox
from server import LocalAWS

ADDRESS = "success@simulator.amazonses.com"


def _fault(aws: LocalAWS, **fault: object) -> None:
    aws.control("POST", "faults", [{"service": "ses", "operation": "SendEmail", **fault}])


def _refusals(mailbox: Mailbox, sends: int) -> list[bool]:
    """Which of so many sends were refused."""
    refused = []
    for _ in range(sends):
        try:
            mailbox.send(ADDRESS)
            refused.append(False)
        except ClientError:
            refused.append(True)
    return refused


@pytest.mark.parametrize("code, shape", [
    ("TooManyRequestsException", "header"), ("TooManyRequestsException", "body"),
    ("ThrottlingException", "header"), ("Throttling", "body"),
])
def test_a_refused_rate_in_every_shape(aws: LocalAWS, mailbox: Mailbox, code: str, shape: str) -> None:
    words = "Maximum sending rate exceeded."
    _fault(aws, kind="error", status=429, type=code, message=words, shape=shape, count=1)
    with pytest.raises(ClientError) as caught:
        mailbox.ses.send_email(**mailbox.request(ADDRESS))
    assert caught.value.response["Error"] == {"Code": code, "Message": words}
    headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert ("x-amzn-errortype" in headers) == (shape == "header")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429


@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize("phase, accepted", [("before", 0), ("after", 1)])
def test_a_server_error_before_and_after_the_effect(
    aws: LocalAWS, mailbox: Mailbox, status: int, phase: str, accepted: int
) -> None:
    _fault(aws, kind="error", status=status, phase=phase, count=1)
    assert _refusals(mailbox, 1) == [True]
    assert aws.control("GET", "acceptances")["total"] == accepted


def test_a_dripping_answer_arrives_whole_and_late(aws: LocalAWS, mailbox: Mailbox) -> None:
    _fault(aws, kind="drip", phase="after", ms=300)
    began = time.monotonic()
    assert mailbox.send(ADDRESS)
    assert time.monotonic() - began >= 0.3


def test_the_same_seed_draws_the_same(aws: LocalAWS, mailbox: Mailbox) -> None:
    drawn = []
    for seed in (7, 7, 8):
        aws.control("POST", "settings", {"seed": seed})
        aws.control("DELETE", "faults")
        _fault(aws, kind="error", probability=0.5)
        drawn.append(_refusals(mailbox, 24))
    assert drawn[0] == drawn[1] != drawn[2]
    assert 0 < sum(drawn[0]) < 24


def test_a_fault_is_of_one_operation(aws: LocalAWS, mailbox: Mailbox) -> None:
    _fault(aws, kind="error")
    assert mailbox.ses.get_account()["SendingEnabled"]


@pytest.mark.parametrize("fault", [
    {"kind": "drip"}, {"kind": "error", "shape": "trailer"}, {"kind": "partial", "entries": 0},
    {"kind": "error", "values": {"a": 1}},
])
def test_a_fault_that_could_never_strike_is_refused(aws: LocalAWS, fault: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        _fault(aws, **fault)
