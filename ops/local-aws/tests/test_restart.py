"""What is kept in a folder from one end to the next start."""

from __future__ import annotations

import json
import pathlib

from mail import Mailbox
from server import eventually, running


def test_everything_that_was_acknowledged_is_there_after_a_restart(tmp_path: pathlib.Path) -> None:
    state = tmp_path / "state"
    with running(tmp_path, state=state) as aws:
        Mailbox(aws, "kept").send("success@simulator.amazonses.com", "order-confirmation/kept")
    with running(tmp_path, state=state) as aws:
        acceptances = aws.control("GET", "acceptances")
        assert (acceptances["total"], acceptances["max"]) == (1, 1)
        assert [entry["text"] for entry in acceptances["deliveries"].values()] == ["order-confirmation/kept"]
        # Its events were published before the end, and the queue still has them.
        sqs = aws.client("sqs")
        url = sqs.get_queue_url(QueueName="kept")["QueueUrl"]
        types: set[str] = set()

        def received() -> set[str]:
            for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
                types.add(json.loads(message["Body"])["eventType"])
            return types

        assert eventually(lambda: received() >= {"Send", "Delivery"} and types) == {"Send", "Delivery"}


def test_the_suppression_list_is_there_after_a_restart(tmp_path: pathlib.Path) -> None:
    state = tmp_path / "state"
    with running(tmp_path, state=state) as aws:
        aws.client("sesv2").put_suppressed_destination(EmailAddress="ann@customer.example", Reason="COMPLAINT")
    with running(tmp_path, state=state) as aws:
        found = aws.client("sesv2").list_suppressed_destinations()["SuppressedDestinationSummaries"]
        assert [(entry["EmailAddress"], entry["Reason"]) for entry in found] == [("ann@customer.example", "COMPLAINT")]


def test_without_a_folder_nothing_is_kept(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as aws:
        Mailbox(aws, "gone").send("success@simulator.amazonses.com")
    with running(tmp_path) as aws:
        assert aws.control("GET", "acceptances")["total"] == 0
        assert not aws.client("sqs").list_queues().get("QueueUrls")
