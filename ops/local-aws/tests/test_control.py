"""The control endpoints themselves, and the settings."""

from __future__ import annotations

import pathlib

import pytest

from local_aws.settings import Settings
from mail import Mailbox
from server import LocalAWS, running


def test_requests_are_counted_by_service_and_operation(aws: LocalAWS, mailbox: Mailbox) -> None:
    mailbox.send("success@simulator.amazonses.com")
    aws.client("dynamodb").list_tables()
    requests = aws.control("GET", "requests")
    assert requests["services"]["ses"]["SendEmail"] == {"count": 1, "outcomes": {"200": 1}}
    assert requests["services"]["ses"]["CreateConfigurationSetEventDestination"]["count"] == 1
    assert requests["services"]["dynamodb"]["ListTables"]["count"] == 1
    assert requests["services"]["sns"]["CreateTopic"]["count"] == 1
    assert requests["services"]["sqs"]["CreateQueue"]["count"] == 1
    assert requests["total"] == 7


def test_a_reset_forgets_everything_but_aws_resources(aws: LocalAWS, mailbox: Mailbox) -> None:
    mailbox.send("success@simulator.amazonses.com")
    aws.control("POST", "settings", {"send_rate": 1})
    aws.control("POST", "faults", [{"kind": "error"}])
    aws.control("POST", "reset")
    assert aws.control("GET", "acceptances")["total"] == 0
    assert aws.control("GET", "faults") == []
    assert aws.control("GET", "settings")["send_rate"] == 500
    assert aws.control("GET", "requests")["total"] == 0
    assert aws.client("sqs").list_queues()["QueueUrls"]


def test_settings_do_not_tell_secrets(aws: LocalAWS) -> None:
    aws.control("POST", "settings", {"credentials": {"AKID": "hidden"}})
    assert aws.control("GET", "settings")["credentials"] == ["AKID"]


@pytest.mark.parametrize("change", [
    {"sendrate": 1}, {"send_rate": "fast"}, {"sending_enabled": 1}, {"send_rate": True}, {"signature_age": None}, [],
])
def test_wrong_settings_are_refused(aws: LocalAWS, change: object) -> None:
    before = aws.control("GET", "settings")
    with pytest.raises(ValueError):
        aws.control("POST", "settings", change)
    assert aws.control("GET", "settings") == before


def test_unknown_endpoints_are_told(aws: LocalAWS) -> None:
    with pytest.raises(ValueError, match="there is no GET /_local/nothing"):
        aws.control("GET", "nothing")


def test_settings_come_from_the_environment() -> None:
    settings = Settings.from_environment({
        "WAYBILL_LOCAL_SIGNATURE_AGE": "20", "WAYBILL_LOCAL_SEND_RATE": "null", "WAYBILL_LOCAL_STRICT_IDENTITY": "true",
        "WAYBILL_LOCAL_CREDENTIALS": '{"a": "b"}',
    })
    assert (settings.signature_age, settings.send_rate, settings.strict_identity) == (20, None, True)
    assert settings.credentials == {"a": "b"}


def test_a_server_starts_with_settings(tmp_path: pathlib.Path) -> None:
    with running(tmp_path, WAYBILL_LOCAL_SEND_RATE="7") as server:
        assert server.control("GET", "settings")["send_rate"] == 7
