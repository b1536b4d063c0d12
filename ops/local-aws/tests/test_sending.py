"""SendEmail and the account: what is refused, and what the witness counts."""

from __future__ import annotations

import typing

import pytest
from botocore.exceptions import ClientError

from local_aws import tags
from mail import Mailbox
from server import LocalAWS

SIMULATOR = "success@simulator.amazonses.com"
CUSTOMER = "customer@elsewhere.example"


def _refused(mailbox: Mailbox, to: str = SIMULATOR, **changes: typing.Any) -> tuple[int, str, str]:
    """Status, code and message of the refusal."""
    with pytest.raises(ClientError) as caught:
        mailbox.send(to, **changes)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def _content(subject: str) -> dict[str, typing.Any]:
    return {"Simple": {"Subject": {"Data": subject}, "Body": {"Text": {"Data": "t"}}}}


def test_an_unknown_configuration_set_is_refused(mailbox: Mailbox) -> None:
    status, code, message = _refused(mailbox, ConfigurationSetName="nowhere")
    assert (status, code) == (404, "NotFoundException")
    assert "nowhere" in message


def test_the_rate_refuses_what_is_above_it(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "settings", {"send_rate": 0.01, "send_burst": 3})
    for _ in range(3):
        mailbox.send(SIMULATOR)
    assert _refused(mailbox) == (429, "TooManyRequestsException", "Maximum sending rate exceeded.")
    assert aws.control("GET", "acceptances")["total"] == 3


def test_the_rate_fills_up_again(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "settings", {"send_rate": 0.01, "send_burst": 1})
    mailbox.send(SIMULATOR)
    assert _refused(mailbox)[0] == 429
    aws.control("POST", "settings", {"send_rate": None})
    mailbox.send(SIMULATOR)


def test_the_quota_counts_recipients_but_not_the_simulator(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "settings", {"send_quota": 3})
    mailbox.send(SIMULATOR)
    mailbox.send(CUSTOMER, Destination={"ToAddresses": [CUSTOMER, "b@elsewhere.example"]})
    mailbox.send(CUSTOMER)
    assert _refused(mailbox, CUSTOMER) == (400, "LimitExceededException", "Daily message quota exceeded.")
    mailbox.send(SIMULATOR)


def test_get_account_tells_rate_quota_and_what_was_sent(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "settings", {"send_rate": 14, "send_quota": 200})
    mailbox.send(CUSTOMER)
    account = mailbox.ses.get_account()
    assert account["SendQuota"] == {"Max24HourSend": 200.0, "MaxSendRate": 14.0, "SentLast24Hours": 1.0}
    assert account["SendingEnabled"] is True
    assert account["EnforcementStatus"] == "HEALTHY"


def test_a_paused_account_sends_nothing(aws: LocalAWS, mailbox: Mailbox) -> None:
    mailbox.ses.put_account_sending_attributes(SendingEnabled=False)
    assert _refused(mailbox)[:2] == (400, "SendingPausedException")
    assert mailbox.ses.get_account()["SendingEnabled"] is False
    mailbox.ses.put_account_sending_attributes(SendingEnabled=True)
    mailbox.send(SIMULATOR)


def test_a_paused_configuration_set_sends_nothing(mailbox: Mailbox) -> None:
    mailbox.ses.put_configuration_set_sending_options(ConfigurationSetName=mailbox.name, SendingEnabled=False)
    assert _refused(mailbox)[:2] == (400, "SendingPausedException")


@pytest.mark.parametrize("address", [
    "müller@shop.example", "a@münchen.example", "nobody", "a b@shop.example", "a@shop.example\r\nBcc: x@y.example", "@x.example",
])
def test_addresses_that_ses_refuses(mailbox: Mailbox, address: str) -> None:
    assert _refused(mailbox, address)[:2] == (400, "BadRequestException")


@pytest.mark.parametrize("changes", [
    {"Content": _content("a\r\nBcc: x@y.example")},
    {"Destination": {"ToAddresses": [SIMULATOR] * 51}},
    {"EmailTags": [{"Name": "delivery", "Value": "a/b"}]},
    {"EmailTags": [{"Name": "delivery", "Value": "a" * 257}]},
    {"EmailTags": [{"Name": "delivery", "Value": "a"}, {"Name": "delivery", "Value": "b"}]},
])
def test_messages_that_ses_refuses(mailbox: Mailbox, changes: dict[str, typing.Any]) -> None:
    assert _refused(mailbox, **changes)[:2] == (400, "BadRequestException")


def test_an_identity_is_asked_for_when_strict(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "settings", {"strict_identity": True})
    status, code, message = _refused(mailbox)
    assert (status, code) == (400, "MessageRejected")
    assert "orders@shop.example" in message and "US-EAST-1" in message
    mailbox.ses.create_email_identity(EmailIdentity="shop.example")
    mailbox.send(SIMULATOR)


def test_the_witness_counts_acceptances_by_delivery(aws: LocalAWS, mailbox: Mailbox) -> None:
    first = mailbox.send(SIMULATOR, "order-confirmation/ORD 1")
    second = mailbox.send(SIMULATOR, "order-confirmation/ORD 1")
    mailbox.send(SIMULATOR, "order-confirmation/ORD 2")
    _refused(mailbox, ConfigurationSetName="nowhere")
    acceptances = aws.control("GET", "acceptances")
    assert (acceptances["total"], acceptances["max"], acceptances["untagged"]) == (3, 2, 0)
    entry = acceptances["deliveries"][tags.encoded("order-confirmation/ORD 1")]
    assert entry["text"] == "order-confirmation/ORD 1"
    assert (entry["count"], entry["attempts"], entry["messageIds"]) == (2, ["a1", "a1"], [first, second])
    assert entry["first"] <= entry["last"]


def test_the_witness_can_be_asked_for_a_prefix(aws: LocalAWS, mailbox: Mailbox) -> None:
    mailbox.send(SIMULATOR, "order-confirmation/a-1")
    mailbox.send(SIMULATOR, "order-confirmation/b-1")
    acceptances = aws.control("GET", "acceptances?prefix=order-confirmation/a-")
    assert acceptances["total"] == 1
    assert [entry["text"] for entry in acceptances["deliveries"].values()] == ["order-confirmation/a-1"]


def test_mail_without_a_tag_is_counted_too(aws: LocalAWS, mailbox: Mailbox) -> None:
    mailbox.send(SIMULATOR, EmailTags=[])
    acceptances = aws.control("GET", "acceptances")
    assert (acceptances["total"], acceptances["untagged"], acceptances["max"]) == (1, 1, 0)


def test_accepted_mail_can_be_read(aws: LocalAWS, mailbox: Mailbox) -> None:
    message_id = mailbox.send(CUSTOMER)
    mailbox.send(SIMULATOR)
    [email] = aws.control("GET", f"emails?to={CUSTOMER}")
    assert email["messageId"] == message_id
    assert email["request"]["Content"]["Simple"]["Subject"]["Data"] == "Order 1"
    assert aws.control("GET", f"emails?messageId={message_id}") == [email]
