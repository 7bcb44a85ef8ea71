"""Signed-in readers of each role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
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
