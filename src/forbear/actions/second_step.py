"""The second step of signing in: set it up, check a code, end it. A code is good for one use."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pyotp
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from forbear.actions.agency import NoSuchUser
from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row, record_rows
from forbear.actions.reader import Ability, Reader
from forbear.actions.sign_in import do_try
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import SignInStep
from forbear.store.cipher import cipher
from forbear.store.models import FactorUse, RecoveryCode, SecondFactor
from forbear.store.people import opened

STEP_S = 30  # of a code, as every app that makes them expects
DRIFT = 1  # steps that a device's clock may be off, on either side
CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another
# Whoever decides who may sign in, or reads everything, needs more than a password.
REQUIRED = frozenset({"administrator", "compliance"})


class AlreadySetUp(ForbearError):
    """A second step is set up already; end it first."""

    code = "second_step.already_set_up"
    http_status = 409


class WrongCode(ForbearError):
    """The code is not one of this moment, or it was used before."""

    code = "second_step.wrong_code"
    http_status = 422


class NotSetUp(ForbearError):
    """The user has no second step that could be ended."""

    code = "second_step.not_set_up"
    http_status = 404


class Needed(ForbearError):
    """The user's role needs a second step; it cannot be left off."""

    code = "second_step.needed"
    http_status = 403


def new_secret() -> str:
    """Return a new secret for a device: 160 random bits in base 32."""
    return pyotp.random_base32()


def address_of(secret: str, name: str) -> str:
    """Return what a device reads from the picture: who it is, where, and the secret."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="Forbear")


def factor_of(user: Any) -> SecondFactor | None:
    """Return the second factor that a user has now, None where none."""
    found = SecondFactor.objects.filter(user_id=user.pk, ends__isnull=True, ended__isnull=True)
    return found.order_by("-pk").first()


def needs(roles: Iterable[str]) -> bool:
    """Return whether somebody with these roles may not sign in by a password alone."""
    return not REQUIRED.isdisjoint(roles)


def do_set_up(user: Any, *, secret: str, code: str, at: datetime) -> tuple[SecondFactor, list[str]]:
    """Keep a device whose first code is right; return it with its recovery codes, told once.

    Errors: AlreadySetUp, WrongCode.
    """
    counter = counter_of(secret, code, at=at)
    if counter is None:
        raise WrongCode
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=user.pk)
        if factor_of(user) is not None:
            raise AlreadySetUp
        factor = SecondFactor.objects.create(
            user_id=user.pk,
            secret_cipher=cipher().sealed(secret),
            actor=f"user:{user.get_username()}",
        )
        conn = connected()
        record_row(conn, Kind.second_factor, factor)
        use = FactorUse.objects.create(factor=factor, counter=counter)
        record_row(conn, Kind.factor_use, use)
        codes = [_new_code() for _ in range(CODES)]
        rows = RecoveryCode.objects.bulk_create(
            RecoveryCode(factor=factor, code_hash=_hashed(factor.pk, one)) for one in codes
        )
        record_rows(conn, Kind.recovery_code, rows)
        return factor, codes


def do_check(user: Any, *, code: str, address: str, at: datetime) -> SecondFactor:
    """Use up one code of a device, or one recovery code; every try is written down.

    Errors: NotSetUp, WrongCode, LockedOut.
    """
    factor = factor_of(user)
    if factor is None:
        raise NotSetUp
    passed = do_try(
        name=user.get_username(),
        address=address,
        step=SignInStep.code,
        at=at,
        proof=lambda: factor if _used(factor, code, at=at) else None,
    )
    if passed is None:
        raise WrongCode
    return passed


def do_end(user: Any, *, code: str, address: str, at: datetime, roles: Iterable[str]) -> None:
    """End a user's own second step, where their roles do not need it.

    Errors: Needed, NotSetUp, WrongCode, LockedOut.
    """
    if needs(roles):
        raise Needed
    factor = do_check(user, code=code, address=address, at=at)
    _end(factor, actor=f"user:{user.get_username()}")


def do_reset(reader: Reader, *, name: str) -> None:
    """End the second step of somebody who lost their device and their recovery codes.

    Errors: NoSuchUser, NotSetUp, NotAllowed.
    """
    reader.must(Ability.manage_users)
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        raise NoSuchUser(f"nobody signs in as {name}")
    factor = factor_of(user)
    if factor is None:
        raise NotSetUp(f"{name} has no second step")
    _end(factor, actor=reader.actor)


def _end(factor: SecondFactor, *, actor: str) -> None:
    """Write that a factor is one no longer."""
    with transaction.atomic():
        row = SecondFactor.objects.create(user_id=factor.user_id, ends=factor, actor=actor)
        record_row(connected(), Kind.second_factor, row)


def counter_of(secret: str, code: str, *, at: datetime) -> int | None:
    """Return the half minute that a code was made for, None where it is not of now.

    Source: RFC 6238, with one step of drift on either side (5.2).
    """
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    now, device = int(at.timestamp()) // STEP_S, pyotp.TOTP(secret)
    for counter in range(max(0, now - DRIFT), now + DRIFT + 1):
        if hmac.compare_digest(device.generate_otp(counter), digits):
            return counter
    return None


def _used(factor: SecondFactor, code: str, *, at: datetime) -> bool:
    """Return whether a code is right, and use it up: neither kind is good a second time."""
    counter = counter_of(opened(factor.secret_cipher), code, at=at)
    found = None
    if counter is None:
        typed = "".join(code.lower().replace("-", "").split())
        found = factor.codes.filter(code_hash=_hashed(factor.pk, typed), used__isnull=True).first()
        if found is None:
            return False
    try:
        with transaction.atomic():
            use = FactorUse.objects.create(factor=factor, counter=counter, code=found)
            record_row(connected(), Kind.factor_use, use)
    except IntegrityError:
        return False
    return True


def _new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(12))


def _hashed(factor_id: int, code: str) -> bytes:
    """Return the hash of a recovery code: 59 random bits, so a plain hash cannot be undone."""
    return hashlib.sha256(f"{factor_id}:{code}".encode()).digest()
