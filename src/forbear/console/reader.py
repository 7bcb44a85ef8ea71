"""Who a signed-in user is to the actions: a name, an agency or none, what their roles allow."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from forbear.actions.reader import ROLES, Ability, Reader
from forbear.store.models import Membership


def reader_of(request: HttpRequest) -> Reader:
    """Return the reader behind a request; nobody who is not signed in may do anything."""
    user: Any = request.user
    if not user.is_authenticated:
        return Reader(actor="nobody", abilities=frozenset())
    cached: Reader | None = getattr(request, "_forbear_reader", None)
    if cached is None:
        cached = Reader(
            actor=f"user:{user.get_username()}",
            abilities=abilities_of(user),
            agency_id=agency_of(user),
        )
        request._forbear_reader = cached  # type: ignore[attr-defined]
    return cached


def abilities_of(user: Any) -> frozenset[Ability]:
    """Return what a user's roles allow; a superuser is an administrator, no more."""
    roles = roles_of(user)
    return frozenset[Ability]().union(*(ROLES[role] for role in roles))


def agency_of(user: Any) -> int | None:
    """Return the agency that a user works for; None for the lender's own."""
    return Membership.objects.filter(user_id=user.pk).values_list("agency_id", flat=True).first()


def roles_of(user: Any) -> list[str]:
    """Return the names of a user's roles, in the order of the roles."""
    names = set(user.groups.values_list("name", flat=True))
    if user.is_superuser:
        names.add("administrator")
    return [role for role in ROLES if role in names]
