"""The events of SES, in the documented shapes."""

from __future__ import annotations

import re
import typing

import pytest

from local_aws import tags
from mail import EVERY_EVENT, Mailbox
from server import LocalAWS, eventually

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def _of_type(events: list[dict[str, typing.Any]], event_type: str) -> dict[str, typing.Any]:
    found = [event for event in events if event["eventType"] == event_type]
    assert len(found) == 1, events
    return found[0]


def test_send_and_delivery_carry_the_mail_and_its_tags(mailbox: Mailbox) -> None:
    address = "success+7@simulator.amazonses.com"
    message_id = mailbox.send(address)
    events = mailbox.events(2)
    for event in events:
        mail = event["mail"]
        assert mail["messageId"] == message_id
        assert _TIME.fullmatch(mail["timestamp"])
        assert mail["destination"] == [address]
        assert mail["source"] == "Shop <orders@shop.example>"
        assert mail["tags"]["delivery"] == [tags.encoded("order-confirmation/1")]
        assert mail["tags"]["attempt"] == ["a1"]
        assert mail["tags"]["ses:configuration-set"] == [mailbox.name]
        assert mail["tags"]["ses:from-domain"] == ["shop.example"]
        assert mail["commonHeaders"]["subject"] == "Order 1"
    assert _of_type(events, "Send")["send"] == {}
    delivery = _of_type(events, "Delivery")["delivery"]
    assert delivery["recipients"] == [address]
    assert _TIME.fullmatch(delivery["timestamp"])
    assert {"processingTimeMillis", "smtpResponse", "reportingMTA", "remoteMtaIp"} <= set(delivery)


@pytest.mark.parametrize("mailbox_name, types", [
    ("success", ["Delivery", "Send"]),
    ("SUCCESS+label", ["Delivery", "Send"]),
    ("ooto", ["Delivery", "Send"]),
    ("bounce+9", ["Bounce", "Send"]),
    ("complaint", ["Complaint", "Delivery", "Send"]),
    ("suppressionlist", ["Bounce", "Send"]),
])
def test_the_mailbox_simulator(mailbox: Mailbox, mailbox_name: str, types: list[str]) -> None:
    mailbox.send(mailbox_name + "@simulator.amazonses.com")
    assert mailbox.types(len(types)) == types


def test_mail_to_anybody_else_is_delivered(mailbox: Mailbox) -> None:
    mailbox.send("bounce@elsewhere.example")
    assert mailbox.types(2) == ["Delivery", "Send"]


def test_a_bounce(mailbox: Mailbox) -> None:
    mailbox.send("bounce@simulator.amazonses.com")
    bounce = _of_type(mailbox.events(2), "Bounce")["bounce"]
    assert (bounce["bounceType"], bounce["bounceSubType"]) == ("Permanent", "General")
    recipient = bounce["bouncedRecipients"][0]
    assert recipient["emailAddress"] == "bounce@simulator.amazonses.com"
    assert (recipient["action"], recipient["status"]) == ("failed", "5.1.1")
    assert bounce["feedbackId"] and _TIME.fullmatch(bounce["timestamp"])


def test_the_suppression_list_of_ses(mailbox: Mailbox) -> None:
    mailbox.send("suppressionlist@simulator.amazonses.com")
    assert _of_type(mailbox.events(2), "Bounce")["bounce"]["bounceSubType"] == "Suppressed"


def test_a_complaint(mailbox: Mailbox) -> None:
    mailbox.send("complaint@simulator.amazonses.com")
    complaint = _of_type(mailbox.events(3), "Complaint")["complaint"]
    assert complaint["complainedRecipients"] == [{"emailAddress": "complaint@simulator.amazonses.com"}]
    assert (complaint["complaintFeedbackType"], complaint["complaintSubType"]) == ("abuse", None)


def test_a_test_may_choose_what_becomes_of_an_address(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "outcomes", [{"address": "*@slow.example", "events": [
        "DeliveryDelay", {"type": "Bounce", "bounceType": "Transient", "bounceSubType": "MailboxFull"},
    ]}])
    mailbox.send("a@slow.example")
    events = mailbox.events(3)
    assert _of_type(events, "DeliveryDelay")["deliveryDelay"]["delayedRecipients"][0]["emailAddress"] == "a@slow.example"
    bounce = _of_type(events, "Bounce")["bounce"]
    assert (bounce["bounceType"], bounce["bounceSubType"]) == ("Transient", "MailboxFull")


def test_an_event_can_be_asked_for(aws: LocalAWS, mailbox: Mailbox) -> None:
    message_id = mailbox.send("success@simulator.amazonses.com")
    mailbox.events(2)
    aws.control("POST", "events", {"messageId": message_id, "event": "Reject"})
    assert _of_type(mailbox.events(3), "Reject")["reject"] == {"reason": "Bad content"}


def test_an_event_for_an_unknown_email_is_refused(aws: LocalAWS) -> None:
    with pytest.raises(ValueError, match="no email 'nobody'"):
        aws.control("POST", "events", {"messageId": "nobody", "event": "Reject"})


def test_a_lost_send_event_never_comes(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "faults", [{"event": "Send", "kind": "lose"}])
    mailbox.send("success@simulator.amazonses.com")
    assert mailbox.types(1) == ["Delivery"]
    assert aws.control("GET", "events") == {"Send": {"lost": 1}, "Delivery": {"published": 1}}


def test_all_events_of_one_delivery_can_be_lost(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "faults", [{"event": "*", "kind": "lose", "delivery": "order-confirmation/1"}])
    mailbox.send("success@simulator.amazonses.com", "order-confirmation/1")
    mailbox.send("success@simulator.amazonses.com", "order-confirmation/2")
    deliveries = {event["mail"]["tags"]["delivery"][0] for event in mailbox.events(2)}
    assert deliveries == {tags.encoded("order-confirmation/2")}
    eventually(lambda: aws.control("GET", "events").get("Delivery", {}).get("lost") == 1)


def test_an_event_can_come_twice(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "faults", [{"event": "Delivery", "kind": "duplicate", "count": 1}])
    mailbox.send("success@simulator.amazonses.com")
    assert mailbox.types(3) == ["Delivery", "Delivery", "Send"]


def test_a_delayed_send_event_is_overtaken(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "faults", [{"event": "Send", "kind": "delay", "ms": 300}])
    mailbox.send("success@simulator.amazonses.com")
    assert [event["eventType"] for event in mailbox.events(2)] == ["Delivery", "Send"]


def test_only_events_that_the_destination_asks_for_are_published(aws: LocalAWS) -> None:
    mailbox = Mailbox(aws, "few", ["DELIVERY"])
    mailbox.send("success@simulator.amazonses.com")
    assert mailbox.types(1) == ["Delivery"]
    assert aws.control("GET", "events") == {"Send": {"unwanted": 1}, "Delivery": {"published": 1}}


def test_a_disabled_destination_gets_nothing(aws: LocalAWS, mailbox: Mailbox) -> None:
    mailbox.ses.update_configuration_set_event_destination(
        ConfigurationSetName=mailbox.name,
        EventDestinationName="events",
        EventDestination={
            "Enabled": False, "MatchingEventTypes": EVERY_EVENT, "SnsDestination": {"TopicArn": mailbox.topic},
        },
    )
    mailbox.send("success@simulator.amazonses.com")
    expected = {"Send": {"unwanted": 1}, "Delivery": {"unwanted": 1}}
    eventually(lambda: aws.control("GET", "events") == expected)


def test_the_delay_of_events_is_a_setting(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "settings", {"event_delay": 3600})
    mailbox.send("success@simulator.amazonses.com")
    assert mailbox.types(1) == ["Send"]
    assert "Delivery" not in aws.control("GET", "events")


def test_an_event_can_be_overtaken_by_the_next(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "faults", [{"event": "Send", "kind": "reorder", "ms": 5000}])
    mailbox.send("success@simulator.amazonses.com")
    assert [event["eventType"] for event in mailbox.events(2)] == ["Delivery", "Send"]


def test_an_event_in_the_middle_is_overtaken_too(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "faults", [{"event": "Delivery", "kind": "reorder", "ms": 5000}])
    mailbox.send("complaint@simulator.amazonses.com")
    assert [event["eventType"] for event in mailbox.events(3)] == ["Send", "Complaint", "Delivery"]


def test_a_delivery_can_come_after_the_complaint(aws: LocalAWS, mailbox: Mailbox) -> None:
    aws.control("POST", "faults", [{"event": "Delivery", "kind": "delay", "ms": 300}])
    mailbox.send("complaint@simulator.amazonses.com")
    assert [event["eventType"] for event in mailbox.events(3)] == ["Send", "Complaint", "Delivery"]


def test_a_bounce_can_come_long_after_the_delivery(aws: LocalAWS, mailbox: Mailbox) -> None:
    events = ["Delivery", {"type": "Bounce", "afterMs": 300}]
    aws.control("POST", "outcomes", [{"address": "*@late.example", "events": events}])
    mailbox.send("a@late.example")
    assert [event["eventType"] for event in mailbox.events(3)] == ["Send", "Delivery", "Bounce"]


@pytest.mark.parametrize("value", ["false", "true", False, True])
def test_the_truncation_of_headers_is_a_string_or_a_boolean(aws: LocalAWS, mailbox: Mailbox, value: object) -> None:
    aws.control("POST", "faults", [{"event": "*", "kind": "alter", "values": {"mail.headersTruncated": value}}])
    mailbox.send("success@simulator.amazonses.com")
    assert [event["mail"]["headersTruncated"] for event in mailbox.events(2)] == [value, value]


def test_unknown_fields_can_be_added_to_one_event(aws: LocalAWS, mailbox: Mailbox) -> None:
    values = {"new": [1], "mail.new": {"a": None}, "delivery.new.deep": 1.5}
    aws.control("POST", "faults", [{"event": "Delivery", "kind": "alter", "values": values}])
    mailbox.send("success@simulator.amazonses.com")
    events = mailbox.events(2)
    delivery = _of_type(events, "Delivery")
    assert (delivery["new"], delivery["mail"]["new"], delivery["delivery"]["new"]) == ([1], {"a": None}, {"deep": 1.5})
    assert "new" not in _of_type(events, "Send")["mail"]
