"""What every test stands on: one embedded PostgreSQL a run, cloned where a test must commit."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as installed
from hypothesis import HealthCheck, settings

# No test is timed: speed is measured by `forbear bench`. CI draws the same examples every time.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("house")

# Hundreds of people sign in; how slowly a shipped password is tried is a test of its own.
installed.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
MUST_RUN = frozenset(filter(None, os.environ.get("FORBEAR_MUST_RUN", "").split(",")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail what may not be skipped here: FORBEAR_MUST_RUN names markers, such as browser."""
    report = yield
    if report.skipped and any(item.get_closest_marker(name) for name in MUST_RUN):
        report.outcome = "failed"
        report.longrepr = f"skipped, and FORBEAR_MUST_RUN forbids it: {report.longrepr}"
    return report


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data, where it is there."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real data is not beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def template_database(django_db_setup: None, django_db_blocker: object) -> str:
    """The name of a database with every table and no row, to be cloned.

    It is a copy of the one whose tests are rolled back, where there is one: migrating takes long.
    """
    import psycopg
    from django.core.management import call_command
    from django.db import connections

    del django_db_setup  # makes nothing where no test of the run asks for the database
    wrapper = connections["default"]
    connections.close_all()
    was, name = wrapper.settings_dict["NAME"], f"template_{uuid4().hex[:12]}"
    with psycopg.connect(url_of(wrapper.settings_dict, "postgres"), autocommit=True) as conn:
        migrated = was.startswith("test_")
        conn.execute(f'create database "{name}" template "{was if migrated else "template0"}"')
    if migrated:
        return name
    wrapper.settings_dict["NAME"] = name
    try:
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            call_command("migrate", verbosity=0)
    finally:
        connections.close_all()
        wrapper.settings_dict["NAME"] = was
    return name


@pytest.fixture
def fresh_database(template_database: str, django_db_blocker: object) -> Iterator[str]:
    """A committed copy of the migrated database, this test's own; yields its address."""
    with a_fresh_database(template_database, django_db_blocker) as url:
        yield url


@contextmanager
def a_fresh_database(template_database: str, django_db_blocker: object) -> Iterator[str]:
    """Open a committed copy of the migrated database for as long as is wanted."""
    import psycopg
    from django.db import connections

    wrapper = connections["default"]
    was_name, was_url = wrapper.settings_dict["NAME"], os.environ.get("FORBEAR_DATABASE_URL")
    name, admin = f"forbear_{uuid4().hex[:12]}", url_of(wrapper.settings_dict, "postgres")
    connections.close_all()
    with psycopg.connect(admin, autocommit=True) as conn:
        conn.execute(f'create database "{name}" template "{template_database}"')
    wrapper.settings_dict["NAME"] = name
    url = os.environ["FORBEAR_DATABASE_URL"] = url_of(wrapper.settings_dict, name)
    try:
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            yield url
    finally:
        connections.close_all()
        wrapper.settings_dict["NAME"] = was_name
        os.environ.pop("FORBEAR_DATABASE_URL")
        if was_url:
            os.environ["FORBEAR_DATABASE_URL"] = was_url
        with psycopg.connect(admin, autocommit=True) as conn:
            conn.execute(f'drop database "{name}" with (force)')


def url_of(settings: dict[str, object], name: str) -> str:
    """Return the address of one database of the test server."""
    host = settings["HOST"] or dict(settings["OPTIONS"]).get("host", "")  # type: ignore[call-overload]
    return f"postgresql://{settings['USER']}@/{name}?host={host}"
