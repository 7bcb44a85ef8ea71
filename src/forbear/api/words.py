"""The words that requests and answers are made of. What the store cannot hold is not a word."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from forbear.actions.payment import MAX_MINOR

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
YEARS = "^(19[7-9][0-9]|2[01][0-9]{2})-"  # as the description says it: 1970 to 2199
FIRST_INSTANT = datetime(1969, 12, 31, tzinfo=UTC)  # 1970 begins earlier in the east
LAST_INSTANT = datetime(2200, 1, 2, tzinfo=UTC)  # far inside what every clock here can turn


def _written_as(shape: re.Pattern[str], example: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise ValueError(f"write it as {example}")
        return value

    return BeforeValidator(check)


def _in_range(value: datetime) -> datetime:
    if not FIRST_INSTANT <= value <= LAST_INSTANT:
        raise ValueError("must lie within the years 1970 to 2199")
    return value.astimezone(UTC)


def example(**fields: Any) -> ConfigDict:
    """Return what a request's body is: the named fields and no others, with one that fits."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [fields]})


class Event(BaseModel):
    """A request's body; each kind shows an example, which is taken where the book has the names."""

    model_config = ConfigDict(extra="forbid")


Ref = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
Text = Annotated[
    str, StringConstraints(strict=True, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]
AmountMinor = Annotated[int, Field(strict=True, ge=1, le=MAX_MINOR)]
RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]
Day = Annotated[date, _written_as(DAY, "2026-11-20"), Field(json_schema_extra={"pattern": YEARS})]
Instant = Annotated[
    AwareDatetime,
    _written_as(INSTANT, "2026-11-20T21:59:00+08:00"),
    AfterValidator(_in_range),
    Field(json_schema_extra={"pattern": YEARS}),
]
