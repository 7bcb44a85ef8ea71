"""Say whether a person is, or may be, in an area in which nobody is contacted. Pure."""

from __future__ import annotations

from forbear.contact.one_person import Reach
from forbear.contact.records import Records
from forbear.kernel.area import lies_within
from forbear.kernel.vocabulary import Relation


def in_moratorium(records: Records, found: list[Reach], jurisdiction: str) -> bool:
    """Return whether the person is, or may be, in an area in which nobody is contacted that day.

    Errors: none.
    Source: rule house.moratorium; where nobody knows, silence is never permission.
    """
    if not records.moratoria:
        return False
    own = {each.point.id for each in found if each.point.relation == Relation.obligor}
    areas = {each.area for each in records.areas if each.point_id in own}
    return any(
        any(lies_within(area, each.area) for area in areas)
        or (each.holds_unknown and (not areas or any(lies_within(each.area, a) for a in areas)))
        for each in records.moratoria
        if each.jurisdiction == jurisdiction
    )
