"""The account's suppression list."""

from __future__ import annotations

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
