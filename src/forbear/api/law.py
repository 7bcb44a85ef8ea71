"""The calculators: what a claim costs, how much it may ask for, and by when. No person's data."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field, StringConstraints

from forbear.actions.law_calc import (
    access_cap,
    access_deadline,
    access_delay_interest,
    access_fee,
    access_lpr,
    access_procedure,
)
from forbear.actions.law_words import (
    parse_interruption,
    parse_minor_repayment,
    parse_obstacle,
    parse_stay,
)
from forbear.actions.payment import MAX_MINOR
from forbear.api.access import Key, reader_of
from forbear.api.problem import documented
from forbear.api.words import Day
from forbear.calculation.cap import Contract
from forbear.calculation.deadline import ClaimTime
from forbear.calculation.delay import LateDebt
from forbear.calculation.procedure import USUAL, Case
from forbear.kernel.court import (
    CaseFact,
    Deadline,
    FeeKind,
    Halving,
    Interruption,
    Lender,
    Term,
)

router = Router(tags=["law"])
Fen = Annotated[int, Field(ge=1, le=MAX_MINOR)]
D = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
CAUSE = "|".join(Interruption)
Interruptions = list[
    Annotated[str, StringConstraints(max_length=60, pattern=rf"^{D}:({CAUSE})(:{D})?$")]
]
Obstacles = list[Annotated[str, StringConstraints(max_length=30, pattern=rf"^{D}(:{D})?$")]]
Repayments = list[Annotated[str, StringConstraints(max_length=40, pattern=rf"^{D}:[0-9]{{1,15}}$")]]
Stays = list[Annotated[str, StringConstraints(max_length=30, pattern=rf"^{D}:{D}$")]]
Today = "Today by the office's clock, where none is named."


class FeeAsked(BaseModel):
    """A claim whose fee is asked for."""

    kind: FeeKind
    amount_minor: Fen = Field(description="In fen.", examples=[1234567])
    on: Day | None = Field(None, description=Today)
    halved_for: list[Halving] = Field(
        default=[], description="Why it is halved; several halve it once."
    )


class RateAsked(BaseModel):
    """A day whose loan prime rate is asked for."""

    on: Day | None = Field(None, description=Today, examples=["2024-06-03"])
    term: Term = Term.one_year


class CapAsked(BaseModel):
    """A loan whose cap is asked for."""

    lender: Lender = Field(description="Who made the loan, whoever holds it now.")
    formed_on: Day = Field(examples=["2024-06-03"])
    filed_on: Day | None = Field(None, description=Today)
    assisted: bool = Field(False, description="A platform brought the borrower.")
    principal_minor: Fen | None = Field(None, description="Also say the most, in fen.")
    start: Day | None = Field(None, description="From which day; the contract's where none.")
    until: Day | None = Field(None, description="To which day; the filing's where none.")
    basis_days: int = Field(365, description="365 or 360.", ge=360, le=365)


class DelayAsked(BaseModel):
    """A sum that a judgment fixes and that was not paid in its time."""

    debt_minor: Fen = Field(description="In fen, general interest left out.", examples=[1234567])
    due_on: Day = Field(description="The last day to perform.", examples=["2024-06-03"])
    until: Day | None = Field(None, description=Today)
    repayment: Repayments = Field(default=[], description="DAY:FEN, may be repeated.")
    stay: Stays = Field(default=[], description="DAY:DAY, the second not in it.")


class LimitationAsked(BaseModel):
    """A claim whose last day is asked for."""

    due_on: Day = Field(
        description="The last day to pay; of installments, the last one's.", examples=["2024-06-03"]
    )
    called_on: Day | None = Field(None, description="All of it was called due early.")
    interruption: Interruptions = Field(
        default=[], description="DAY:CAUSE or DAY:CAUSE:END, may be repeated."
    )
    obstacle: Obstacles = Field(default=[], description="DAY or DAY:END, may be repeated.")
    as_of: Day | None = Field(None, description=Today)


class EnforcementAsked(BaseModel):
    """A judgment whose last day to be enforced is asked for."""

    due_on: Day = Field(
        description="The last day to perform; of parts, the last one's.", examples=["2024-06-03"]
    )
    interruption: Interruptions = Field(
        default=[], description="DAY:CAUSE or DAY:CAUSE:END, may be repeated."
    )
    obstacle: Obstacles = Field(default=[], description="DAY or DAY:END, may be repeated.")
    as_of: Day | None = Field(None, description=Today)


class ProcedureAsked(BaseModel):
    """A claim that is to be brought."""

    amount_minor: Fen = Field(description="In fen.", examples=[1234567])
    on: Day | None = Field(None, description=Today)
    province: Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")] = (
        Field("", description="As the wage table names it, such as CN-GD.")
    )
    wage_minor: Fen | None = Field(
        None, description="The province's last published yearly wage, in fen."
    )
    fact: list[CaseFact] = Field(
        default=sorted(USUAL), description="All that is so of the case; the usual ones where none."
    )
    agreed: bool = Field(False, description="The two sides agree on the lighter procedure.")


class Cite(BaseModel):
    """One rule that an answer rests on."""

    rule: str
    instrument: str
    article: str
    force: str
    says: str
    says_zh: str
    in_force_from: date
    review: str = Field(description="Who signed the reading, or what it was checked against.")
    awaits_review: bool


class Answer(BaseModel):
    """What every answer holds."""

    rule: str | None = Field(description="The rule that the number rests on first.")
    article: str | None
    cites: list[Cite] = Field(description="Every rule that was used.")


class FeeTold(Answer):
    """What a court is paid."""

    fee_minor: int
    kind: FeeKind
    amount_minor: int
    on: date
    full_minor: int = Field(description="Before a share or a halving.")
    halved: bool
    capped: bool
    bands: list[dict[str, Any]]
    rounding: str


class RateTold(Answer):
    """The loan prime rate of a day."""

    rate_ppm: int = Field(description="Parts per million a year: 30000 is 3.00 %.")
    percent: str
    term: Term
    on: date
    fixed_on: date
    known_through: date


class CapTold(Answer):
    """How much a year a contract may cost."""

    cap_ppm: int = Field(description="Of the last span, parts per million a year.")
    percent: str
    lender: Lender
    formed_on: date
    filed_on: date
    spans: list[dict[str, Any]] = Field(description="Each time with its limits, strictest first.")
    interest_minor: int | None = Field(None, description="The most on the principal, in fen.")
    covers: str


class DelayTold(Answer):
    """The doubled interest for delay."""

    interest_minor: int
    left_minor: int
    days: int
    runs: list[dict[str, Any]]
    rounding: str


class DeadlineTold(Answer):
    """The last day on which to act."""

    ends_on: date | None = Field(description="None while proceedings or an obstacle last.")
    passed: bool
    which: Deadline
    as_of: date
    runs_from: date | None
    long_stop_on: date | None
    calendar_known: bool = Field(description="False: a day of rest to come may move the last day.")
    steps: list[dict[str, Any]]


class ProcedureTold(Answer):
    """The procedures for a claim."""

    procedure: str = Field(description="The lightest that is surely open.")
    lawsuit: str | None = Field(description="The lightest suit; none where something is missing.")
    missing: list[str]
    wage: dict[str, Any] | None
    options: list[dict[str, Any]]


@router.get(
    "/law/fee",
    auth=Key(),
    response={200: FeeTold, **documented(422)},
    operation_id="law_fee",
    summary="Ask what a court is paid",
)
def fee(request: HttpRequest, asked: Query[FeeAsked]) -> dict[str, Any]:
    """Taking on a suit, a payment order, enforcement or preservation; by the day of filing."""
    return access_fee(
        reader_of(request),
        kind=asked.kind,
        amount_minor=asked.amount_minor,
        on=_day(asked.on),
        halvings=set(asked.halved_for),
    )


@router.get(
    "/law/lpr",
    auth=Key(),
    response={200: RateTold, **documented(422)},
    operation_id="law_lpr",
    summary="Ask the loan prime rate of a day",
)
def lpr(request: HttpRequest, asked: Query[RateAsked]) -> dict[str, Any]:
    """A day after the last that is known is refused; it is never guessed."""
    return access_lpr(reader_of(request), on=_day(asked.on), term=asked.term)


@router.get(
    "/law/cap",
    auth=Key(),
    response={200: CapTold, **documented(422)},
    operation_id="law_cap",
    summary="Ask how much a contract may cost",
)
def cap(request: HttpRequest, asked: Query[CapAsked]) -> dict[str, Any]:
    """Interest, penalties and fees together, a year; every limit is listed."""
    contract = Contract(
        lender=asked.lender,
        formed_on=asked.formed_on,
        filed_on=_day(asked.filed_on),
        assisted=asked.assisted,
    )
    return access_cap(
        reader_of(request),
        contract=contract,
        principal_minor=asked.principal_minor,
        start=asked.start,
        until=asked.until,
        basis_days=asked.basis_days,
    )


@router.get(
    "/law/delay-interest",
    auth=Key(),
    response={200: DelayTold, **documented(422)},
    operation_id="law_delay_interest",
    summary="Ask the doubled interest for delay",
)
def delay_interest(request: HttpRequest, asked: Query[DelayAsked]) -> dict[str, Any]:
    """What a judgment's debtor owes besides its interest for paying late."""
    debt = LateDebt(
        debt_minor=asked.debt_minor,
        due_on=asked.due_on,
        until=_day(asked.until),
        repayments=tuple(parse_minor_repayment(text) for text in asked.repayment),
        stays=tuple(parse_stay(text) for text in asked.stay),
    )
    return access_delay_interest(reader_of(request), debt=debt)


@router.get(
    "/law/limitation",
    auth=Key(),
    response={200: DeadlineTold, **documented(422)},
    operation_id="law_limitation",
    summary="Ask until when a claim can be brought",
)
def limitation(request: HttpRequest, asked: Query[LimitationAsked]) -> dict[str, Any]:
    """Interruptions and obstacles counted, each with its article."""
    return _deadline(request, Deadline.limitation, asked, called_on=asked.called_on)


@router.get(
    "/law/enforcement",
    auth=Key(),
    response={200: DeadlineTold, **documented(422)},
    operation_id="law_enforcement",
    summary="Ask until when a judgment can be enforced",
)
def enforcement(request: HttpRequest, asked: Query[EnforcementAsked]) -> dict[str, Any]:
    """Interruptions and obstacles counted, each with its article."""
    return _deadline(request, Deadline.enforcement, asked, called_on=None)


@router.get(
    "/law/procedure",
    auth=Key(),
    response={200: ProcedureTold, **documented(422)},
    operation_id="law_procedure",
    summary="Ask which procedures are open for a claim",
)
def procedure(request: HttpRequest, asked: Query[ProcedureAsked]) -> dict[str, Any]:
    """Each with its conditions and fee; what would have to be known is named."""
    case = Case(
        amount_minor=asked.amount_minor,
        filed_on=_day(asked.on),
        facts=frozenset(asked.fact),
        province=asked.province,
        wage_minor=asked.wage_minor,
        agreed=asked.agreed,
    )
    return access_procedure(reader_of(request), case=case)


def _deadline(
    request: HttpRequest,
    which: Deadline,
    asked: LimitationAsked | EnforcementAsked,
    *,
    called_on: date | None,
) -> dict[str, Any]:
    facts = ClaimTime(
        due_on=(asked.due_on,),
        called_on=called_on,
        interruptions=tuple(parse_interruption(text) for text in asked.interruption),
        obstacles=tuple(parse_obstacle(text) for text in asked.obstacle),
    )
    return access_deadline(reader_of(request), which=which, facts=facts, as_of=_day(asked.as_of))


def _day(day: date | None) -> date:
    """Return the day named, or today by the office's clock."""
    return day or datetime.now(UTC).astimezone(ZoneInfo(settings.TIME_ZONE)).date()
