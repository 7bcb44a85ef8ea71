"""The roles as groups, and the first people who may sign in."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.db.models import Q

from forbear.actions.agency import do_add_member
from forbear.actions.reader import ROLES, machine
from forbear.demo.agencies import AGENCIES
from forbear.store.models import Agency, Membership

LOCK = 0x75736572  # "user": one command at a time makes the first ones
DEMO_FILE = "demo.password"  # its presence says: this installation holds invented people only


def ensure_roles() -> None:
    """Make the group of each role where it is missing; administrators may manage users."""
    for role in ROLES:
        Group.objects.get_or_create(name=role)
    managing = Permission.objects.filter(
        Q(content_type__app_label="auth", content_type__model__in=["user", "group"])
        | Q(codename__in=["add_membership", "view_membership"])
    )
    Group.objects.get(name="administrator").permissions.set(managing)


def make_user(name: str, *, role: str, password: str) -> None:
    """Make a user with one role, or give an existing one that password and role."""
    with transaction.atomic():
        user, _ = get_user_model().objects.get_or_create(username=name)
        user.set_password(password)
        user.is_staff = role == "administrator"
        user.save()
        user.groups.set([Group.objects.get(name=role)])


def ensure_first_users(*, demo: bool) -> list[str]:
    """Make the users a new installation needs; return lines that say how to sign in.

    A demo gets one user for each role and each of its agencies under one password made for this
    installation, shown on its sign-in page too. Any other new installation gets one administrator
    with a password of its own.
    Of two commands at once the second finds what the first has made.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        return _first_users(demo=demo)


def _first_users(*, demo: bool) -> list[str]:
    if demo:
        password = _demo_password()
        for role in ROLES:
            if not get_user_model().objects.filter(username=role).exists():
                make_user(role, role=role, password=password)
        for name, agency in AGENCIES.items():
            known = get_user_model().objects.filter(username=name).exists()
            if not known and Agency.objects.filter(name=agency).exists():
                make_user(name, role="collector", password=password)
                do_add_member(machine("cli:demo"), user=name, agency=agency)
        return [
            f"Sign in as {', '.join(ROLES)}; the password of each is {password}",
            *(
                f"Sign in as {name}, with the same password, to see what {agency} was given"
                for name, agency in demo_agencies().items()
            ),
        ]
    if get_user_model().objects.exists():
        return ["Sign in as a user that exists already; a first password is shown only once"]
    password = secrets.token_urlsafe(9)
    make_user("admin", role="administrator", password=password)
    return [
        f"Sign in as admin with the password {password} and change it; this line is shown only once"
    ]


def demo_sign_ins() -> tuple[str, dict[str, str]]:
    """Return the demo's password and the name of each role's user; ("", {}) where no demo."""
    path = _demo_path()
    if not path.is_file():
        return "", {}
    return path.read_text().strip(), {role: role for role in ROLES}


def demo_agencies() -> dict[str, str]:
    """Return the names of the users of the demo's agencies, each with its agency's."""
    members = Membership.objects.filter(user__username__in=AGENCIES).order_by("user__username")
    return dict(members.values_list("user__username", "agency__name"))


def _demo_password() -> str:
    path = _demo_path()
    if not path.is_file():
        path.write_text(secrets.token_hex(4))
        path.chmod(0o600)
    return path.read_text().strip()


def _demo_path() -> Path:
    return Path(settings.HOME) / DEMO_FILE
