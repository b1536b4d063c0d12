"""Signatures of the services that the project uses, each in its own protocol."""

from __future__ import annotations

import dataclasses
import re
import typing
import urllib.parse

import pytest
from botocore.exceptions import ClientError

from server import LocalAWS, Reply


@dataclasses.dataclass(frozen=True)
class Protocol:
    """A harmless request to one service, and how it refuses."""

    service: str
    path: str
    body: bytes
    headers: dict[str, str]
    status: int = 403
    mismatch: str = "InvalidSignatureException"
    unknown_key: str = "UnrecognizedClientException"
    unsigned: str = "MissingAuthenticationTokenException"


def _json(service: str, target: str, version: str, **fields: typing.Any) -> Protocol:
    headers = {"X-Amz-Target": target, "Content-Type": f"application/x-amz-json-{version}"}
    return Protocol(service, "/", b"{}", headers, **fields)


_SES_BODY = b'{"FromEmailAddress":"a@shop.example","Destination":{"ToAddresses":["success@simulator.amazonses.com"]},' \
    b'"Content":{"Simple":{"Subject":{"Data":"s"},"Body":{"Text":{"Data":"t"}}}}}'

PROTOCOLS = [
    Protocol("ses", "/v2/email/outbound-emails", _SES_BODY, {"Content-Type": "application/json"}),
    _json("dynamodb", "DynamoDB_20120810.ListTables", "1.0", status=400),
    _json("sqs", "AmazonSQS.ListQueues", "1.0"),
    _json("monitoring", "GraniteServiceVersion20100801.ListMetrics", "1.0"),
    Protocol(
        "sns", "/", urllib.parse.urlencode({"Action": "ListTopics", "Version": "2010-03-31"}).encode(),
        {"Content-Type": "application/x-www-form-urlencoded"}, mismatch="SignatureDoesNotMatch",
        unknown_key="InvalidClientTokenId", unsigned="MissingAuthenticationToken",
    ),
]


@pytest.fixture(params=PROTOCOLS, ids=lambda protocol: protocol.service)
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return request.param


def _code(reply: Reply) -> str:
    """The error's code, read as a client of that protocol reads it."""
    if "xml" in reply.headers["content-type"]:
        return re.search(rb"<Code>(.*?)</Code>", reply.body)[1].decode()
    kind = re.search(rb'"__type": ?"(.*?)"', reply.body)
    return (kind[1].decode() if kind else reply.headers["x-amzn-errortype"]).rpartition("#")[2]


def _post(aws: LocalAWS, protocol: Protocol, **signing: typing.Any) -> Reply:
    return aws.post(protocol.service, protocol.path, protocol.body, protocol.headers, **signing)


def _assert_refused(reply: Reply, protocol: Protocol, code: str, words: bytes) -> None:
    assert (reply.status, _code(reply)) == (protocol.status, code)
    assert words in reply.body
    assert reply.headers["date"]
    assert reply.headers["x-amzn-requestid"]


def test_a_good_signature_passes(aws: LocalAWS, protocol: Protocol) -> None:
    reply = _post(aws, protocol)
    assert reply.status == 200, reply.body
    assert reply.headers["date"]
    assert reply.headers["x-amzn-requestid"]


def test_a_wrong_secret_is_refused(aws: LocalAWS, protocol: Protocol) -> None:
    reply = _post(aws, protocol, secret="wrong")
    _assert_refused(reply, protocol, protocol.mismatch, b"does not match the signature you provided")


def test_a_changed_body_is_refused(aws: LocalAWS, protocol: Protocol) -> None:
    reply = _post(aws, protocol, body_sent=protocol.body.replace(b"}", b" }") + b" ")
    _assert_refused(reply, protocol, protocol.mismatch, b"does not match the signature you provided")


def test_an_unknown_key_is_refused(aws: LocalAWS, protocol: Protocol) -> None:
    reply = _post(aws, protocol, key="stranger")
    _assert_refused(reply, protocol, protocol.unknown_key, b"security token included in the request is invalid")


def test_a_request_without_a_signature_is_refused(aws: LocalAWS, protocol: Protocol) -> None:
    reply = aws.exchange("POST", protocol.path, protocol.body, protocol.headers)
    _assert_refused(reply, protocol, protocol.unsigned, b"missing Authentication Token")


def test_a_signature_of_six_minutes_ago_is_refused(aws: LocalAWS, protocol: Protocol) -> None:
    reply = _post(aws, protocol, seconds=-360)
    _assert_refused(reply, protocol, protocol.mismatch, b"Signature expired: ")
    assert b"is now earlier than" in reply.body
    assert b"- 5 min.)" in reply.body


def test_a_signature_of_four_minutes_ago_passes(aws: LocalAWS, protocol: Protocol) -> None:
    assert _post(aws, protocol, seconds=-240).status == 200


def test_a_signature_six_minutes_ahead_is_refused(aws: LocalAWS, protocol: Protocol) -> None:
    _assert_refused(_post(aws, protocol, seconds=360), protocol, protocol.mismatch, b"Signature not yet current: ")


def test_the_age_is_a_setting(aws: LocalAWS, protocol: Protocol) -> None:
    aws.control("POST", "settings", {"signature_age": 60})
    assert _post(aws, protocol, seconds=-30).status == 200
    _assert_refused(_post(aws, protocol, seconds=-90), protocol, protocol.mismatch, b"Signature expired: ")


def test_the_servers_own_clock_decides(aws: LocalAWS, protocol: Protocol) -> None:
    aws.control("POST", "settings", {"clock_offset": 600})
    _assert_refused(_post(aws, protocol), protocol, protocol.mismatch, b"Signature expired: ")
    assert _post(aws, protocol, seconds=600).status == 200


def test_another_services_signature_is_refused(aws: LocalAWS) -> None:
    ses = PROTOCOLS[0]
    reply = aws.post("email", ses.path, ses.body, ses.headers)
    _assert_refused(reply, ses, ses.mismatch, b"scoped to correct service: 'ses'")


def test_other_credentials_can_be_set(aws: LocalAWS, protocol: Protocol) -> None:
    aws.control("POST", "settings", {"credentials": {"AKIDEXAMPLE": "secret"}})
    assert _post(aws, protocol, key="AKIDEXAMPLE", secret="secret").status == 200
    assert _post(aws, protocol).status == protocol.status


def test_paths_with_reserved_characters_verify(aws: LocalAWS) -> None:
    with pytest.raises(ClientError) as caught:
        aws.client("sesv2").get_email_identity(EmailIdentity="a+b c@shop.example")
    assert caught.value.response["Error"]["Code"] == "NotFoundException"


def test_queries_verify(aws: LocalAWS) -> None:
    assert aws.client("sesv2").list_email_identities(PageSize=5)["EmailIdentities"] == []


def test_a_refused_request_has_no_effect(aws: LocalAWS) -> None:
    ses = PROTOCOLS[0]
    _post(aws, ses, secret="wrong")
    _post(aws, ses, seconds=-360)
    assert aws.control("GET", "acceptances")["total"] == 0
