"""Signed-in readers of each role."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from tests.console.screen import CHROMIUM, FLAGS, PASSWORD
from tests.console.second import take

from forbear.actions.overview import _figures
from forbear.actions.second_step import factor_of, needs
from forbear.console.users import ensure_roles, make_user


@pytest.fixture
def sign_in(db: None) -> Callable[..., Client]:
    """Return a client of a user with that role."""
    del db
    ensure_roles()
    _figures.cache_clear()
    cache.clear()

    def signed_in(role: str, **headers: str) -> Client:
        from django.contrib.auth import get_user_model

        make_user(f"a-{role}", role=role, password="correct horse battery")
        client = Client(**headers)
        user = get_user_model().objects.get(username=f"a-{role}")
        client.force_login(user)
        if needs([role]) and factor_of(user) is None:
            take(client, user)
        return client

    return signed_in


@pytest.fixture
def address(fresh_database, monkeypatch) -> Iterator[str]:
    """The console on a free port, on this test's own database."""
    import waitress
    from django.db import connections

    from forbear.actions.overview import _figures
    from forbear.console.users import ensure_roles, make_user
    from forbear.wsgi import application

    del fresh_database
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright has a loop in this thread
    monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", 0)
    _figures.cache_clear()
    ensure_roles()
    for role in ("collector", "supervisor", "compliance"):
        make_user(role, role=role, password=PASSWORD)
    server = waitress.create_server(application, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.task_dispatcher.shutdown()
        server.trigger.pull_trigger(lambda: hung_up(server))  # in the server's own thread
        thread.join(20)
        connections.close_all()


def hung_up(server: Any) -> None:
    """Close a server and every line to it: a browser that went away may have left one open."""
    for channel in list(server.active_channels.values()):
        channel.handle_close()
    server.close()


@pytest.fixture
def browser() -> Iterator[Any]:
    from django.db import connections
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()
        connections.close_all()  # those that were opened beside Playwright's loop
