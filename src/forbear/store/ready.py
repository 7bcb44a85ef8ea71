"""Make a process ready to work: settings, database, tables. Every door calls it once, first."""

from __future__ import annotations

import os


def ready(*, migrate: bool = True) -> None:
    """Start what a command needs: settings, the database, tables as this version expects them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forbear.settings")
    import django

    django.setup()
    if migrate:
        from forbear.store.cipher import check_key
        from forbear.store.schema import ensure_schema

        ensure_schema()
        check_key()
