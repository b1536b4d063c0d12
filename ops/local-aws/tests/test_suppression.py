"""The account's suppression list."""

from __future__ import annotations

import datetime

import pytest

from mail import Mailbox

_ADDRESS = "Ann@Customer.example"


def _bounce(mailbox: Mailbox, events: list[object]) -> None:
    mailbox.aws.control("POST", "outcomes", [{"address": "*@customer.example", "events": events}])


def test_mail_to_a_listed_address_is_accepted_and_bounces(mailbox: Mailbox) -> None:
    mailbox.ses.put_suppressed_destination(EmailAddress=_ADDRESS, Reason="COMPLAINT")
    mailbox.send("ann@customer.example")
    events = mailbox.events(2)
    assert sorted(event["eventType"] for event in events) == ["Bounce", "Send"]
    bounce = next(event["bounce"] for event in events if "bounce" in event)
    assert (bounce["bounceType"], bounce["bounceSubType"]) == ("Permanent", "OnAccountSuppressionList")


@pytest.mark.parametrize("event, reason", [
    ({"type": "Bounce", "bounceType": "Permanent"}, "BOUNCE"), ("Complaint", "COMPLAINT"),
])
def test_hard_bounces_and_complaints_come_onto_the_list(mailbox: Mailbox, event: object, reason: str) -> None:
    _bounce(mailbox, [event])
    message_id = mailbox.send(_ADDRESS)
    mailbox.events(2)
    entry = mailbox.ses.get_suppressed_destination(EmailAddress=_ADDRESS)["SuppressedDestination"]
    assert (entry["EmailAddress"], entry["Reason"]) == (_ADDRESS.lower(), reason)
    assert entry["Attributes"]["MessageId"] == message_id


@pytest.mark.parametrize("event", [
    {"type": "Bounce", "bounceType": "Transient"}, {"type": "Complaint", "complaintFeedbackType": "not-spam"}, "Delivery",
])
def test_nothing_else_does(mailbox: Mailbox, event: object) -> None:
    _bounce(mailbox, [event])
    mailbox.send(_ADDRESS)
    mailbox.events(2)
    assert mailbox.ses.list_suppressed_destinations()["SuppressedDestinationSummaries"] == []


def test_the_simulators_addresses_and_reasons_that_do_not_suppress_stay_off_it(mailbox: Mailbox) -> None:
    mailbox.send("bounce+1@simulator.amazonses.com")
    mailbox.events(2)
    mailbox.ses.put_account_suppression_attributes(SuppressedReasons=["COMPLAINT"])
    assert mailbox.ses.get_account()["SuppressionAttributes"]["SuppressedReasons"] == ["COMPLAINT"]
    _bounce(mailbox, [{"type": "Bounce", "bounceType": "Permanent"}])
    mailbox.send(_ADDRESS)
    mailbox.events(4)
    assert mailbox.ses.list_suppressed_destinations()["SuppressedDestinationSummaries"] == []


def test_the_list_is_read_in_pages_and_by_reason(mailbox: Mailbox) -> None:
    ses = mailbox.ses
    for number in range(5):
        reason = "BOUNCE" if number % 2 else "COMPLAINT"
        ses.put_suppressed_destination(EmailAddress=f"c{number}@customer.example", Reason=reason)
    found: list[str] = []
    page = ses.list_suppressed_destinations(PageSize=2)
    while True:
        found += [entry["EmailAddress"] for entry in page["SuppressedDestinationSummaries"]]
        if "NextToken" not in page:
            break
        page = ses.list_suppressed_destinations(PageSize=2, NextToken=page["NextToken"])
    assert found == [f"c{number}@customer.example" for number in range(5)]
    both = ses.list_suppressed_destinations(Reasons=["BOUNCE", "COMPLAINT"])["SuppressedDestinationSummaries"]
    assert len(both) == 5
    bounced = ses.list_suppressed_destinations(Reasons=["BOUNCE"])["SuppressedDestinationSummaries"]
    assert [entry["EmailAddress"] for entry in bounced] == ["c1@customer.example", "c3@customer.example"]


def test_the_list_is_read_by_time(mailbox: Mailbox) -> None:
    ses = mailbox.ses
    for number, offset in enumerate((-240, 0)):
        mailbox.aws.control("POST", "settings", {"clock_offset": offset})
        ses.put_suppressed_destination(EmailAddress=f"c{number}@customer.example", Reason="BOUNCE")
    now = datetime.datetime.now(datetime.timezone.utc)
    middle = now - datetime.timedelta(minutes=2)

    def found(**dates: datetime.datetime) -> list[str]:
        summaries = ses.list_suppressed_destinations(**dates)["SuppressedDestinationSummaries"]
        return [entry["EmailAddress"] for entry in summaries]

    assert found(StartDate=middle) == ["c1@customer.example"]
    assert found(EndDate=middle) == ["c0@customer.example"]
    assert found(StartDate=middle, EndDate=middle) == []
    assert found(StartDate=now - datetime.timedelta(days=1)) == ["c0@customer.example", "c1@customer.example"]


def test_many_addresses_come_onto_the_list_at_once(mailbox: Mailbox) -> None:
    addresses = [f"c{number}@customer.example" for number in range(2500)]
    mailbox.aws.control("POST", "suppressions?reason=COMPLAINT", addresses)
    pages: list[int] = []
    token = {}
    while True:
        page = mailbox.ses.list_suppressed_destinations(**token)
        pages.append(len(page["SuppressedDestinationSummaries"]))
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert pages == [1000, 1000, 500]


def test_a_token_that_is_none_is_refused(mailbox: Mailbox) -> None:
    with pytest.raises(mailbox.ses.exceptions.InvalidNextTokenException):
        mailbox.ses.list_suppressed_destinations(NextToken="whim")


def test_an_address_is_taken_off_and_delivered_to_again(mailbox: Mailbox) -> None:
    ses = mailbox.ses
    ses.put_suppressed_destination(EmailAddress=_ADDRESS, Reason="BOUNCE")
    ses.delete_suppressed_destination(EmailAddress=_ADDRESS)
    with pytest.raises(ses.exceptions.NotFoundException):
        ses.get_suppressed_destination(EmailAddress=_ADDRESS)
    with pytest.raises(ses.exceptions.NotFoundException):
        ses.delete_suppressed_destination(EmailAddress=_ADDRESS)
    mailbox.send(_ADDRESS)
    assert mailbox.types(2) == ["Delivery", "Send"]


def test_what_is_no_address_or_no_reason_is_refused(mailbox: Mailbox) -> None:
    for address, reason in (("nobody", "BOUNCE"), (_ADDRESS, "WHIM")):
        with pytest.raises(mailbox.ses.exceptions.BadRequestException):
            mailbox.ses.put_suppressed_destination(EmailAddress=address, Reason=reason)
