"""One server for all tests, as it was at the start before each of them."""

from __future__ import annotations

import itertools
import typing

import pytest

from mail import Mailbox
from server import LocalAWS, running

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> typing.Iterator[LocalAWS]:
    with running(tmp_path_factory.mktemp("local-aws"), WAYBILL_LOCAL_EVENT_DELAY="0.02") as server:
        yield server


@pytest.fixture
def aws(_server: LocalAWS) -> LocalAWS:
    _server.control("POST", "reset?emulator=true")
    return _server


@pytest.fixture
def mailbox(aws: LocalAWS) -> Mailbox:
    """A configuration set that publishes every event to a queue."""
    return Mailbox(aws, f"set-{next(_NUMBERS)}")
