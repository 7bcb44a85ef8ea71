"""Fill the columns of fact of the contacts that a night wants. Pure: columns in, columns out.

What is the same whatever is wanted of a person is worked out once; what depends on the channel and
the minute, once a turn.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from forbear.batch.clock import clock_columns
from forbear.batch.columns import Rows
from forbear.batch.frames import day_number
from forbear.batch.rules import Rules
from forbear.contact.facts import ContactFacts, empty_facts
from forbear.kernel.columns import Ints, Longs
from forbear.kernel.days import zone_named
from forbear.kernel.vocabulary import Channel, CreditorType, PointKind, ProductType

POINT_OF = {  # which kind of contact point a channel needs
    Channel.app: PointKind.app,
    Channel.sms: PointKind.phone,
    Channel.email: PointKind.email,
    Channel.letter: PointKind.address,
    Channel.voice: PointKind.phone,
}
KIND_OF = np.array([list(PointKind).index(POINT_OF[c]) for c in Channel], np.int32)
AS_IS = (
    "effective_today connected_notices_today outbound_today outbound_7d debt_calls_7d"
    " failed_streak failed_streak_days"
).split()
LAST_DAY = ("effective_24h", "connected_notices_24h", "outbound_24h")
FLAGS = ("deceased incapacitated represented insolvent moratorium no_contact_order student").split()
HELD = {  # why nothing that is owed may be collected
    "disputed": "held_disputed",
    "arranged": "held_arrangement",
    "mediated": "held_mediation",
    "refund_pending": "held_refund_pending",
}
SOME = {"in_court": "lawsuit", "time_barred": "time_barred", "breathing_space": "breathing_space"}
MASKS = ("ceased", "opted_out", "night_consent")  # bits over Channel


def shared_facts(rows: Rows, rules: Rules) -> dict[str, Any]:
    """Return the facts of each person that are the same whatever is wanted of them.

    Shape:  name in ContactFacts → (n,); masks over Channel under their own names.
    Errors: none.
    Source: contact/facts.py.
    """
    undisputed, owing = rows.bools("undisputed"), rows.bools("owing")
    least, most = rows.ints("least_jurisdiction"), rows.ints("most_jurisdiction")
    own = rows.ints("jurisdiction")
    accounts = np.where(least == most, most, 0)  # where the person is not known to live anywhere
    in_flight = rows.ints("in_flight_on", -1)
    born_on = rows.ints("born_on", -(1 << 30))
    known = np.array([zone_named(name) is not None for name in rules.zones], np.bool_)
    phones = rows.ints("phones")
    return {
        **{name: rows.ints(name) for name in AS_IS},
        **{name: rows.bools(name) for name in FLAGS},
        **{name: rows.ints(name) for name in MASKS},
        **{name: owing & ~undisputed & rows.bools(held) for name, held in HELD.items()},
        **{name: rows.bools(f"some_{kind}") for name, kind in SOME.items()},
        "debt_talked_days": rows.ints("debt_talked_days", -1),
        "unanswered_today": rows.ints("unanswered_today"),
        "zones": rows.longs("candidate_zones"),
        "last_day": {
            name: np.stack([rows.ints(f"{name}_{m}") for m in rules.minutes])
            for name in (*LAST_DAY, "unanswered_24h")
        },
        "jurisdiction": np.where(own != 0, own, accounts).astype(np.int16),
        "creditor_types": np.where(undisputed, _mask(rows, "theirs"), _mask(rows, "any")).astype(
            np.int8
        ),
        "product_types": np.where(
            undisputed, _mask(rows, "theirs_product"), _mask(rows, "any_product")
        ).astype(np.int8),
        "has_zone": known[rows.ints("zone")],
        "own_phone_invalid": (phones > 0) & (phones == rows.ints("invalid_phones")),
        "minor": rows.bools("minor") | (born_on > _born_by(rules)),
        "moratorium": rows.bools("moratorium") | rows.bools("in_moratorium"),
        "nothing_due": ~owing,
        "payment_in_flight": in_flight >= 0,
        "in_flight_days": np.where(
            in_flight >= 0, day_number(rules.planned_on) - in_flight, 0
        ).astype(np.int32),
    }


def contact_facts(
    rows: Rows,
    base: dict[str, Any],
    rules: Rules,
    asked: Longs,
    channel: Ints,
    minute: Ints,
    purpose: Ints,
) -> tuple[ContactFacts, Ints]:
    """Return the facts of the contacts wanted with some people, and their contact points.

    Shape:  asked (m,) positions of the people; channel, minute, purpose and the results (m,).
    Unit:   minutes, each one of those that the strategy wants something at.
    Errors: none.
    Source: contact/facts.py.
    """
    kind = KIND_OF[channel]
    columns = empty_facts(len(asked))
    for name in columns:
        if name in base and name not in MASKS:
            columns[name][:] = base[name][asked]
    for name in MASKS:
        columns[name][:] = (base[name][asked] >> channel) & 1
    picked = {
        name: np.stack([rows.ints(f"{k.value}_{name}", missing) for k in PointKind])[kind, asked]
        for name, missing in (("point", -1), ("invalid", 0), ("refused", 0))
    }
    turn = np.searchsorted(np.array(rules.minutes), minute)
    for name in LAST_DAY:
        columns[name][:] = base["last_day"][name][turn, asked]
    phone = kind == list(PointKind).index(PointKind.phone)
    columns["unanswered_point_today"][:] = np.where(phone, base["unanswered_today"][asked], 0)
    lately = base["last_day"]["unanswered_24h"][turn, asked]
    columns["unanswered_point_24h"][:] = np.where(phone, lately, 0)
    columns["has_point"][:] = picked["point"] >= 0
    columns["point_invalid"][:] = picked["invalid"] != 0
    columns["point_refused"][:] = picked["refused"] != 0
    columns["channel"][:], columns["purpose"][:] = channel, purpose
    columns["local_minute"][:] = np.where(columns["has_zone"], minute, -1)
    columns |= clock_columns(columns, rules, rows.ints("zone")[asked], base["zones"][asked])
    return ContactFacts(**columns), picked["point"]


def _mask(rows: Rows, which: str) -> Ints:
    """Return a bit mask over CreditorType, or over ProductType."""
    kinds = range(len(ProductType if which.endswith("product") else CreditorType))
    mask: Ints = np.bitwise_or.reduce([rows.ints(f"{which}_{i}") << i for i in kinds])
    return mask


def _born_by(rules: Rules) -> int:
    """Return the last birthday of those who are of age on the planned day."""
    on = rules.planned_on
    year = on.year - rules.age_years
    leap_day = (on.month, on.day) == (2, 29)
    return day_number(date(year, 2, 28) if leap_day and year % 4 else on.replace(year=year))
