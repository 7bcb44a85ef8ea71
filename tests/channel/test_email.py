"""SMTP: sure before DATA, believed after it, silent means unknown, never handed over twice."""

from __future__ import annotations

import email
import socket
import threading
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from tests.peers import Mailbox

from forbear.channel.base import BadChannelConfig, Found, Outgoing, Result
from forbear.channel.email import EmailWay, parse_smtp

FROM = "示例消费金融 <notice@lender.example>"
MESSAGE = Outgoing(
    contact_id="5d0e9a4e-0000-4000-8000-000000000001",
    idempotency_key="5d0e9a4e-0000-4000-8000-000000000001",
    to="person@example.invalid",
    subject="账单提醒：¥ 240.00 已到还款日",
    text="林晓文，您好：\n\n.一行以点开头\n",
    html="<p>林晓文，您好：</p>",
    at=datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai")),
)


@pytest.fixture
def mailbox():
    box = Mailbox()
    yield box
    box.stop()


@pytest.fixture
def way(mailbox):
    made = EmailWay(parse_smtp(mailbox.url, FROM))
    yield made
    made.close()


class Script:
    """A server that says one line for each step and then hangs up; for faults a real one avoids."""

    def __init__(self, *lines: str) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self._listening.getsockname()[1]}?timeout_s=2"
        self._thread = threading.Thread(target=self._serve, args=(lines,), daemon=True)
        self._thread.start()

    def _serve(self, lines: tuple[str, ...]) -> None:
        peer, _ = self._listening.accept()
        with peer, peer.makefile("rb") as heard:
            for line in lines:
                peer.sendall(line.encode() + b"\r\n")
                heard.readline()

    def stop(self) -> None:
        self._listening.close()
        self._thread.join(5)


def told(*lines: str):
    server = Script(*lines)
    way = EmailWay(parse_smtp(server.url, FROM))
    try:
        return way.send(MESSAGE)
    finally:
        way.close()
        server.stop()


def test_what_the_server_took_is_sent_and_reads_as_it_was_written(way, mailbox):
    outcome = way.send(MESSAGE)
    assert (outcome.result, outcome.provider_ref) == (Result.sent, "taken")
    (envelope,) = mailbox.received
    read = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
    assert read["subject"] == MESSAGE.subject
    assert read["message-id"] == f"<{MESSAGE.contact_id}@lender.example>"
    assert read["date"] == "Fri, 20 Nov 2026 10:00:00 +0800"
    assert read.get_body(("plain",)).get_content().splitlines() == MESSAGE.text.splitlines()
    assert "林晓文" in read.get_body(("html",)).get_content()
    assert envelope.rcpt_tos == [MESSAGE.to]


def test_one_connection_serves_many_messages_and_a_lost_one_is_opened_again(way, mailbox):
    for _ in range(3):
        way.ready()
        assert way.send(MESSAGE).result == Result.sent
    way._smtp.sock.shutdown(socket.SHUT_RDWR)
    way.ready()
    assert way.send(MESSAGE).result == Result.sent
    assert len(mailbox.received) == 4


@pytest.mark.parametrize(
    ("answer", "result"),
    [("451 later", Result.failed), ("550 no such mailbox", Result.refused)],
)
def test_a_refused_recipient_is_a_sure_failure(way, mailbox, answer, result):
    mailbox.rcpt_answer = answer
    outcome = way.send(MESSAGE)
    assert (outcome.result, outcome.error) == (result, answer)
    mailbox.rcpt_answer = "250 OK"
    assert way.send(MESSAGE).result == Result.sent  # the connection was left clean


@pytest.mark.parametrize(
    ("answer", "result"),
    [("452 full", Result.failed), ("554 spam", Result.refused), ("250 ok", Result.sent)],
)
def test_after_data_the_servers_own_word_is_believed(way, mailbox, answer, result):
    mailbox.answer = answer
    assert way.send(MESSAGE).result == result


def test_a_server_that_is_not_there_is_a_sure_failure():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        way = EmailWay(parse_smtp(f"smtp://127.0.0.1:{closed.getsockname()[1]}", FROM))
        way.ready()
        assert way.send(MESSAGE).result == Result.failed


@pytest.mark.parametrize(
    ("lines", "result"),
    [
        (("220 hi",), Result.failed),
        (("220 hi", "250 hi"), Result.failed),
        (("220 hi", "250 hi", "250 ok", "250 ok"), Result.failed),  # hung up at DATA
        (("220 hi", "250 hi", "250 ok", "250 ok", "354 go"), Result.unknown),
        (("220 hi", "250 hi", "250 ok", "250 ok", "354 go", "421 bye"), Result.failed),
        (("220 hi", "250 hi", "250 ok", "250 ok", "450 not now", "250 ok"), Result.failed),
        (("554 go away",), Result.failed),
    ],
)
def test_each_moment_at_which_a_server_can_hang_up(lines, result):
    assert told(*lines).result == result


def test_nobody_can_say_what_became_of_a_dead_senders_email(way):
    assert way.found(MESSAGE.contact_id) == Found.unknown


@pytest.mark.parametrize("to", ["人@example.invalid", "a@b\r\nBcc: c@d"])
def test_what_is_no_address_is_refused_and_nothing_leaves(way, mailbox, to):
    assert way.send(replace(MESSAGE, to=to)).result == Result.refused
    assert not mailbox.received


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://host", FROM),
        ("smtp://", FROM),
        ("smtp://host?tls=1", FROM),
        ("smtp://host:mail", FROM),
        ("smtp://host?timeout_s=soon", FROM),
        ("smtp://host?timeout_s=0", FROM),
        ("smtp://host", "nobody"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_one_sentence(url, sender):
    with pytest.raises(BadChannelConfig):
        parse_smtp(url, sender)


def test_a_full_setting_is_read():
    server = parse_smtp("smtps://me%40x:p%3A@mail.example:2465?timeout_s=3", FROM)
    assert (server.host, server.port, server.user, server.password) == (
        "mail.example",
        2465,
        "me@x",
        "p:",
    )
    assert (server.tls, server.starttls, server.timeout_s) == (True, False, 3.0)
    assert parse_smtp("smtp://mail.example?starttls=1", FROM).starttls
