"""Real peers on loopback, set up as this installation's ways out."""

from __future__ import annotations

import pytest
from tests.peers import Gateway, Mailbox, lender_packs


@pytest.fixture
def mailbox(settings):
    box = Mailbox()
    settings.FORBEAR_SMTP_URL = box.url
    settings.FORBEAR_EMAIL_FROM = "示例 <notice@lender.example>"
    yield box
    box.stop()


@pytest.fixture
def gateway(settings, tmp_path):
    peer = Gateway()
    settings.FORBEAR_SMS_CONFIG = str(peer.config(tmp_path))
    yield peer
    peer.stop()


@pytest.fixture(scope="session")
def packs_of_a_lender(tmp_path_factory):
    """One folder for all: what a process reads of a folder it reads once."""
    return lender_packs(tmp_path_factory.mktemp("lender") / "packs")


@pytest.fixture
def lender(tmp_path, packs_of_a_lender, monkeypatch, settings):
    """A lender with its own name; letters go to this test's own tray."""
    monkeypatch.setenv("FORBEAR_PACKS", str(packs_of_a_lender))
    settings.FORBEAR_LETTERS = str(tmp_path / "letters")
    return tmp_path / "letters"


@pytest.fixture
def own_messages(lender, tmp_path, monkeypatch):
    """A lender whose messages are changed by this test: their folder."""
    monkeypatch.setenv("FORBEAR_PACKS", str(lender_packs(tmp_path / "packs")))
    return lender.parent / "packs" / "house" / "message"
