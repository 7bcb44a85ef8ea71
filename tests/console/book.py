"""A small book for pages: people who can be called now, whatever the hour the tests run at."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tests.people import Someone, key, someone

from forbear.store.models import Due, Night, Plan


def noon_zone() -> str:
    """Return a zone where it is about noon now."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{'-' if ahead >= 0 else '+'}{abs(ahead)}" if ahead else "UTC"


def midnight_zone() -> str:
    """Return a zone where it is about midnight now, and surely within the quiet hours."""
    hour = datetime.now(UTC).hour
    ahead = -hour if hour <= 11 else 24 - hour
    return f"Etc/GMT{'-' if ahead >= 0 else '+'}{abs(ahead)}" if ahead else "UTC"


def reachable(*, name: str = "林小文", zone: str = "", **known: object) -> Someone:
    """Make a person with something due ten days ago, in whose zone it is noon."""
    who = someone(name=name, zone=zone or noon_zone(), due_minor=0, **known)  # type: ignore[arg-type]
    due_on = datetime.now(UTC).date() - timedelta(days=10)
    Due.objects.create(
        account_id=who.account_id,
        kind="installment",
        effective_on=due_on - timedelta(days=30),
        due_on=due_on,
        amount_minor=24_000,
        **key(),
    )
    return who


def a_night(as_of: date | None = None) -> Night:
    """Make a finished night without figures."""
    return Night.objects.create(
        as_of=as_of or datetime.now(UTC).date() - timedelta(days=1),
        finished_at=datetime.now(UTC),
        report={"people": 1, "accounts": 1, "buckets": {"M0": 0, "M1": 1}, "timings_s": {}},
    )


def planned(night: Night, who: Someone, action: str = "voice", **known: object) -> Plan:
    """Plan something for a person."""
    contact = action not in ("wait", "refer", "refused")
    fields = {
        "purpose": "arrange" if contact else "",
        "planned_at": datetime.now(UTC) if contact else None,
        "segment": "repeated_steady",
        "reasons": [],
        "blocked_by": ["house.cease_request"] if action == "refused" else [],
        "accounts": [who.account_id],
        "due_minor": 24_000,
        "currency": "CNY",
        "days_past_due": 9,
        "bucket": "M1",
        "score": 600,
    } | known
    return Plan.objects.create(night=night, person_id=who.id, action=action, **fields)
