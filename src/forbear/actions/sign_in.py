"""Let somebody try to sign in, and keep whoever guesses waiting. Every try is written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import QuerySet

from forbear.actions.agency import NoSuchUser
from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import Ability, Reader
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import SignInStep
from forbear.store.cipher import cipher
from forbear.store.models import SignIn

User = TypeVar("User")
LOOKED_AT = 500  # tries; the limits let far fewer fail
HOME_NETWORK = 64  # bits: in IPv6 whoever has one address has all of its network's


class LockedOut(ForbearError):
    """Too many tries failed; further ones are not looked at until later."""

    code = "sign_in.locked_out"
    http_status = 429

    def __init__(self, until: datetime) -> None:
        super().__init__(
            f"too many tries failed; try again after {until.isoformat('T', 'minutes')}"
        )
        self.until = until


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How many tries may fail within a time before the next one has to wait."""

    failures: int
    within: timedelta


# A name from one address; one address under any name; a name from anywhere. The last is wide:
# whoever reaches it from many addresses locks out the one who is rightly there.
PAIR = Limit(failures=5, within=timedelta(minutes=15))
ADDRESS = Limit(failures=30, within=timedelta(minutes=15))
NAME = Limit(failures=20, within=timedelta(hours=1))
CODE = Limit(failures=5, within=timedelta(minutes=15))  # of a second step, from anywhere


def do_try(
    *,
    name: str,
    address: str,
    step: SignInStep,
    at: datetime,
    proof: Callable[[], User | None],
) -> User | None:
    """Look at one try unless too many failed before it; return what its proof returns.

    Two tries of one name are looked at one after the other, so that no more than the limit are.
    A try that had to wait is not counted: knocking does not make the wait longer.
    Errors: LockedOut.
    """
    index, network = cipher().index(name), network_of(address)
    with transaction.atomic():
        _lock(index)
        until = locked_until(index, network, step=step, at=at)
        if until is not None and until > at:
            raise LockedOut(until)
        found = proof()
        row = SignIn.objects.create(
            name_index=index,
            address=network,
            step=step.value,
            passed=found is not None,
            actor=f"user:{name}" if found is not None else "",
            recorded_at=at,
        )
        record_row(connected(), Kind.sign_in, row)
        return found


def do_unlock(reader: Reader, *, name: str, at: datetime) -> None:
    """Forgive the tries that failed under a name; those of an address still count.

    Errors: NoSuchUser, NotAllowed.
    """
    reader.must(Ability.manage_users)
    if not get_user_model().objects.filter(username=name).exists():
        raise NoSuchUser(f"nobody signs in as {name}")
    with transaction.atomic():
        row = SignIn.objects.create(
            name_index=cipher().index(name),
            step=SignInStep.unlocked.value,
            passed=True,
            actor=reader.actor,
            recorded_at=at,
        )
        record_row(connected(), Kind.sign_in, row)


def locked_until(
    index: bytes, network: str | None, *, step: SignInStep, at: datetime
) -> datetime | None:
    """Return when the next try of a name from an address is looked at, None where at once."""
    of_name = _tries(SignIn.objects.filter(name_index=index), at)
    if step == SignInStep.code:
        return waits(failures(of_name, step=step), CODE, at=at)
    found = [
        waits(failures(of_name, step=step), NAME, at=at),
        waits(failures(of_name, step=step, network=network), PAIR, at=at),
    ]
    if network:  # never forgiven, or whoever has one password could guess at all the others
        here = _tries(SignIn.objects.filter(address=network, passed=False, step=step.value), at)
        found.append(waits([one.at for one in here], ADDRESS, at=at))
    return max((until for until in found if until), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try, as it counts."""

    step: SignInStep
    passed: bool
    network: str | None
    at: datetime


ANYWHERE = "anywhere"


def failures(
    tries: Sequence[Try], *, step: SignInStep, network: str | None = ANYWHERE
) -> list[datetime]:
    """Return when tries of a step failed, newest first, up to what forgives those before it.

    Shape:  tries of one name, newest first. A try that passed forgives those from its own address,
            or from anywhere where all addresses are asked about; an unlocking forgives all.
    """
    found = []
    for one in tries:
        if one.step == SignInStep.unlocked:
            break
        if one.step != step or network not in (ANYWHERE, one.network):
            continue
        if one.passed:
            break
        found.append(one.at)
    return found


def waits(failed_at: Sequence[datetime], limit: Limit, *, at: datetime) -> datetime | None:
    """Return until when a limit keeps the next try waiting; None where it does not.

    Shape:  failed_at is newest first.
    """
    recent = [failed for failed in failed_at if failed > at - limit.within]
    if len(recent) < limit.failures:
        return None
    return recent[limit.failures - 1] + limit.within


def network_of(address: str) -> str | None:
    """Return the address that tries from somewhere are counted under; None where it is none."""
    try:
        known = ip_address(address.split("%")[0])
    except ValueError:
        return None
    mapped = getattr(known, "ipv4_mapped", None)
    if mapped or known.version == 4:
        return str(mapped or known)
    return str(ip_network(f"{known}/{HOME_NETWORK}", strict=False).network_address)


def _tries(found: QuerySet[SignIn, SignIn], at: datetime) -> list[Try]:
    """Return the tries of the longest time that any limit looks back, newest first."""
    recent = found.filter(recorded_at__gt=at - NAME.within).order_by("-recorded_at", "-pk")
    return [
        Try(step=SignInStep(step), passed=passed, network=network, at=tried_at)
        for step, passed, network, tried_at in recent.values_list(
            "step", "passed", "address", "recorded_at"
        )[:LOOKED_AT]
    ]


def _lock(index: bytes) -> None:
    key: Any = int.from_bytes(index[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [key])
