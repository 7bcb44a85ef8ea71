"""Say from when a contact that is refused will be allowed: by asking the gate of that moment."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from functools import lru_cache, partial

import numpy as np
from django.db import transaction

from forbear.actions.contact import Answer, connected, facts_by_age, streak_days
from forbear.contact.ahead import holds_all_day, hours_said
from forbear.contact.facts import ContactFacts
from forbear.contact.permission import allowed, forbidden
from forbear.law.packs import Law
from forbear.store.gate import read_by_index
from forbear.store.gate_ahead import DayAhead, fetch_days_ahead
from forbear.store.packs import fetch_law

DAYS_AHEAD = 7
_hours_said = lru_cache(maxsize=256)(hours_said)
_NAMES = tuple(field.name for field in fields(ContactFacts))


def next_lawful_at(answer: Answer) -> datetime | None:
    """Return the first whole minute in a week at which the gate allows the same contact.

    The same facts are read and the same rules asked as at the contact itself, at every minute at
    which the answer may turn; what is known today stays so. None where waiting alone does not
    help, and where nobody knows the person's clock.

    Unit:   an instant by the person's own clock.
    Errors: none.
    Source: the rules in force on each of those days.
    """
    if not answer.zoned:
        return None
    law = fetch_law()
    with transaction.atomic():
        conn = connected()
        read_by_index(conn)
        days = fetch_days_ahead(
            conn,
            answer.wanted,
            days=DAYS_AHEAD,
            streak_days=lambda on: streak_days(on=on),
            clock_minutes=lambda on: _hours_said(law, on=on),
        )
        return next(filter(None, map(partial(_first_allowed, law), days)), None)


def _first_allowed(law: Law, day: DayAhead) -> datetime | None:
    """Return the first instant of a day at which the gate says yes, by the person's clock."""
    if not day.instants:
        return None
    first = facts_by_age(day.facts_at(day.instants[0]), law)
    blocks = forbidden(first, law, on=day.on)
    refused = [rule for rule, rows in blocks.items() if rows[0]]
    if day.quiet and holds_all_day(law, refused, on=day.on):
        return None
    known = [day.facts_at(at) for at in day.instants]
    rows = [facts_by_age(each, law) for each in known]
    facts = ContactFacts(
        **{name: np.concatenate([getattr(row, name) for row in rows]) for name in _NAMES}
    )
    can = allowed(forbidden(facts, law, on=day.on))
    return known[int(can.argmax())].local_at if can.any() else None
