"""What a container needs: to be reached from outside, by a name."""

from __future__ import annotations

import pathlib
import socket

import pytest
from server import running


def test_queues_are_at_the_name_by_which_the_server_is_reached(tmp_path: pathlib.Path) -> None:
    with running(tmp_path, arguments=["--host", "0.0.0.0", "--name", "local-aws"]) as aws:
        url = aws.client("sqs").create_queue(QueueName="named")["QueueUrl"]
        assert url.startswith(f"http://local-aws:{aws.port}/")
        with socket.create_connection(("127.0.0.2", aws.port), timeout=5):
            pass


def test_without_being_told_it_listens_on_one_address_only(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as aws:
        assert aws.client("sqs").create_queue(QueueName="own")["QueueUrl"].startswith(f"http://127.0.0.1:{aws.port}/")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", aws.port), timeout=5)
