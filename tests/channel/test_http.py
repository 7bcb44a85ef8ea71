"""SMS and app messages by HTTP: what each answer means, with and without an idempotency key."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.peers import Gateway

from forbear.channel.base import BadChannelConfig, Found, Outgoing, Result
from forbear.channel.http import HttpWay, content, load_request, parse_request

MESSAGE = Outgoing(
    contact_id="c-1",
    idempotency_key="k-1",
    to="+86 100 0000 0001",
    subject="",
    text='【示例】您有 "¥ 240.00" \\ {到期}',
    at=datetime(2026, 11, 20, 2, tzinfo=UTC),
)
GOOD = "url: https://gateway.example/v1\njson: {to: '{to}', text: '{text}'}\n"


@pytest.fixture
def gateway():
    peer = Gateway()
    yield peer
    peer.stop()


@pytest.fixture
def send(gateway, tmp_path):
    ways = []

    def once(*, keyed=True, message=MESSAGE):
        way = HttpWay(load_request(str(gateway.config(tmp_path, keyed=keyed)), {}))
        ways.append(way)
        return way.send(message)

    yield once
    for way in ways:
        way.close()


def test_the_text_arrives_letter_for_letter_and_cannot_break_out(send, gateway):
    assert send().result == Result.sent
    (request,) = gateway.requests
    assert (request["text"], request["to"], request["key"]) == (MESSAGE.text, MESSAGE.to, "k-1")


def test_the_providers_own_id_is_kept(send):
    assert send().provider_ref == "g-k-1"


@pytest.mark.parametrize(
    ("code", "with_key", "without_key"),
    [
        (200, Result.sent, Result.sent),
        (202, Result.sent, Result.sent),
        (302, Result.doubtful, Result.unknown),
        (400, Result.refused, Result.refused),
        (401, Result.refused, Result.refused),
        (408, Result.failed, Result.failed),
        (429, Result.failed, Result.failed),
        (500, Result.doubtful, Result.unknown),
        (503, Result.doubtful, Result.unknown),
    ],
)
def test_what_each_answer_means(send, gateway, code, with_key, without_key):
    gateway.code = code
    assert send(keyed=True).result == with_key
    assert send(keyed=False).result == without_key


def test_a_lost_answer_is_a_doubt_under_a_key_and_unknown_without_one(send, gateway):
    gateway.hang_up = True
    assert send(keyed=True).result == Result.doubtful
    assert send(keyed=False).result == Result.unknown


def test_a_gateway_that_is_not_there_is_a_sure_failure():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        way = HttpWay(parse_request(GOOD.replace("https://gateway.example/v1", url), {}, where="x"))
        assert way.send(MESSAGE).result == Result.failed
        way.close()


def test_a_header_that_cannot_be_is_refused_and_nothing_leaves(send, gateway):
    assert send(message=replace(MESSAGE, idempotency_key="a\r\nb")).result == Result.refused
    assert not gateway.requests


def test_after_a_crash_a_key_allows_another_try_and_nothing_else_does():
    text = GOOD + "headers: {Idempotency-Key: '{idempotency_key}'}\ntakes_idempotency_key: true\n"
    assert HttpWay(parse_request(text, {}, where="x")).found("c-1") == Found.absent
    assert HttpWay(parse_request(GOOD, {}, where="x")).found("c-1") == Found.unknown


def test_a_form_body_is_encoded_as_a_form():
    text = "url: http://h/\nform: {m: '{text}', t: '{to}'}\n"
    request = parse_request(text, {}, where="x")
    made = content(request, replace(MESSAGE, text="a&b=c", to="1"))
    assert made["content"] == b"m=a%26b%3Dc&t=1"
    assert made["headers"]["content-type"] == "application/x-www-form-urlencoded"


def test_secrets_come_from_the_environment_and_are_missed_by_name():
    text = GOOD + "headers: {Authorization: 'Bearer ${SMS_TOKEN}'}\n"
    request = parse_request(text, {"SMS_TOKEN": "t"}, where="sms.yaml")
    assert request.headers == {"Authorization": "Bearer t"}
    with pytest.raises(BadChannelConfig, match=r"sms\.yaml needs the environment variable SMS_TO"):
        parse_request(text, {}, where="sms.yaml")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[", "is not YAML"),
        ("- a", "must be a mapping"),
        (GOOD + "colour: red\n", "must be a mapping of"),
        (GOOD + "form: {a: b}\n", "one body"),
        ("url: https://g.example/\n", "one body"),
        (GOOD.replace("https", "ftp"), "http or https"),
        (GOOD.replace("{text}", "{body}"), "unknown words"),
        (GOOD.replace("{to}", "me"), "never says {to}"),
        (GOOD + "takes_idempotency_key: true\n", "never gives it one"),
    ],
)
def test_a_file_that_cannot_be_is_refused_in_one_sentence(text, complaint):
    with pytest.raises(BadChannelConfig, match=complaint):
        parse_request(text, {}, where="sms.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadChannelConfig, match="nowhere"):
        load_request(str(tmp_path / "nowhere.yaml"), {})
