"""The Django app of the console: pages, words, static files."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConsoleConfig(AppConfig):
    """Has no tables; its groups are made when the tables of users are there."""

    name = "forbear.console"
    label = "console"

    def ready(self) -> None:
        """Make the roles' groups after every migration, and keep a record of who may sign in."""
        from forbear.actions.user import listen

        listen()
        post_migrate.connect(_ensure_roles, sender=self)


def _ensure_roles(**_: Any) -> None:
    from forbear.console.users import ensure_roles

    ensure_roles()
