"""Write into the log who may sign in and as what, whichever page or command changed it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models.signals import m2m_changed, post_save

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_found

SEEN_ONLY = frozenset({"last_login"})  # that somebody signed in is in the log already


def listen() -> None:
    """Hear of every change of a user: made, renamed, put in or out of a role, a new password."""
    users: Any = get_user_model()
    post_save.connect(_saved, sender=users, dispatch_uid="evidence.user")
    m2m_changed.connect(_moved, sender=users.groups.through, dispatch_uid="evidence.roles")


def _saved(
    instance: Any, update_fields: frozenset[str] | None = None, raw: bool = False, **_: Any
) -> None:
    if raw or (update_fields is not None and update_fields <= SEEN_ONLY):
        return
    _record([instance.pk])


def _moved(
    instance: Any, action: str, reverse: bool, pk_set: set[int] | None = None, **_: Any
) -> None:
    """Write the users whose roles changed; `instance` is a role where it was changed from there."""
    if action.startswith("post_"):
        _record(pk_set or () if reverse else [instance.pk])


def _record(users: Any) -> None:
    with transaction.atomic():
        record_found(connected(), Kind.user, users)
