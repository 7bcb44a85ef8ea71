"""Ask the law about every act on every day, and say where nobody answers. Pure.

Between two turning days the law stands still, so one question speaks for a run of days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np

from forbear.contact.acts import SILENT, TOPICS
from forbear.contact.facts import ContactFacts, empty_facts, jurisdiction_code
from forbear.contact.permission import forbidden
from forbear.kernel.vocabulary import Channel, CreditorType, Purpose, Relation
from forbear.law.claims import Claim, Claims, Gap
from forbear.law.packs import Law, turning_days


def gaps(law: Law, claims: Claims, *, until: date) -> tuple[Gap, ...]:
    """Return where the packs are silent from the first day they claim to a last day.

    Shape:  claims as `law.claims.claims_of` gives them; `until` is the last day asked about.
    Errors: none.
    Source: house rule 3: silence is never permission, and never a surprise.
    """
    return tuple(gap for place in claims for gap in _gaps(law, place, claims[place], until))


def silences(law: Law, place: str, *, on: date) -> frozenset[str]:
    """Return the topics on which the law is silent of some act in a jurisdiction on a day.

    Errors: none.
    Source: topics of contact/acts.py.
    """
    blocks = forbidden(every_act(place), law, on=on)
    return frozenset(name.removeprefix(SILENT) for name in blocks if name.startswith(SILENT))


def every_act(place: str) -> ContactFacts:
    """Return a contact of each creditor mask, channel, purpose and relation, with nothing against.

    Shape:  result (n,), a row per act.
    Errors: none.
    Source: none.
    """
    sizes = (2 ** len(CreditorType), len(Channel), len(Purpose), len(Relation))
    grid = np.indices(sizes).reshape(len(sizes), -1)
    columns = empty_facts(grid.shape[1])
    for name, axis in zip(("creditor_types", "channel", "purpose", "relation"), grid, strict=True):
        columns[name] = axis.astype(np.int8)
    columns["jurisdiction"][:] = jurisdiction_code(place)
    columns["has_point"][:] = columns["has_zone"][:] = True
    for name in ("local_minute", "least_minute", "most_minute"):
        columns[name][:] = 12 * 60
    return ContactFacts(**columns)


def _gaps(law: Law, place: str, claimed: Mapping[str, Claim], until: date) -> Iterator[Gap]:
    """Yield the runs of days on which a topic that is asked of acts is claimed and silent."""
    first = {topic: claimed[topic].start for topic in TOPICS if topic in claimed}
    if not first:
        return
    turns = {turn for turn in turning_days(law) if min(first.values()) <= turn <= until}
    days = sorted({*first.values(), *turns})
    for day, after in zip(days, [*days[1:], until], strict=True):
        for topic in sorted(silences(law, place, on=day)):
            if topic in first and claimed[topic].holds_on(day):
                yield Gap(jurisdiction=place, topic=topic, start=day, end=after)
