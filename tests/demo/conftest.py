"""One committed database a module with the awkward people in it, and nobody else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest
from tests.conftest import url_of

AS_OF = date(2026, 11, 20)


@pytest.fixture(scope="module")
def awkward_book(template_database: str, django_db_blocker: object) -> Iterator[date]:
    """Load the awkward people as of AS_OF into a copy of the migrated database; yield the day."""
    import psycopg
    from django.db import connections

    from forbear.actions.demo import do_make_demo
    from forbear.actions.reader import machine

    wrapper = connections["default"]
    was_name, was_url = wrapper.settings_dict["NAME"], os.environ.get("FORBEAR_DATABASE_URL")
    name, admin = f"forbear_{uuid4().hex[:12]}", url_of(wrapper.settings_dict, "postgres")
    connections.close_all()
    with psycopg.connect(admin, autocommit=True) as conn:
        conn.execute(f'create database "{name}" template "{template_database}"')
    wrapper.settings_dict["NAME"] = name
    os.environ["FORBEAR_DATABASE_URL"] = url_of(wrapper.settings_dict, name)
    try:
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            do_make_demo(machine("test"), people=0, as_of=AS_OF, seed=1, progress=lambda *_: None)
            yield AS_OF
    finally:
        connections.close_all()
        wrapper.settings_dict["NAME"] = was_name
        os.environ.pop("FORBEAR_DATABASE_URL")
        if was_url:
            os.environ["FORBEAR_DATABASE_URL"] = was_url
        with psycopg.connect(admin, autocommit=True) as conn:
            conn.execute(f'drop database "{name}" with (force)')
