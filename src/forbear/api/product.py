"""Products: what is offered, what an offer costs, and that a borrower confirmed its costs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field, StringConstraints

from forbear.actions.cost_confirmation import Shown, do_confirm_cost
from forbear.actions.cost_table import access_cost_table
from forbear.actions.product import access_offer, access_product, access_products
from forbear.api.access import Key, Signature, reader_of
from forbear.api.problem import documented, mark_repeated
from forbear.api.words import AmountMinor, Day, Event, Instant, Ref, example
from forbear.kernel.vocabulary import Confirmed
from forbear.servicing.terms import MOST_MINOR, CostFormula, Method
from forbear.servicing.words import MOST_INSTALLMENTS

router = Router(tags=["products"])
Today = "Today by the office's clock, where none is named."
Minor = Annotated[int, Field(ge=1, le=MOST_MINOR)]
Count = Annotated[int, Field(ge=1, le=MOST_INSTALLMENTS)]
Name = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$"),
    Field(examples=["paylater"]),
]
Digest = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-f]{64}$")]


class DayAsked(BaseModel):
    """A day on which a contract would be made."""

    on: Day | None = Field(None, description=Today)


class OfferAsked(DayAsked):
    """An amount and a number of installments."""

    amount_minor: Minor = Field(description="In minor units: fen for CNY.", examples=[120000])
    installments: Count = Field(1, examples=[12])


class TableAsked(OfferAsked):
    """An offer whose table of costs is asked for."""

    language: Literal["zh", "en"] = "zh"


class ProductListed(BaseModel):
    """A product, with its version of a day."""

    product: str
    title_zh: str
    title_en: str
    in_force: bool
    lender: str
    currency: str
    least_minor: int
    most_minor: int
    installments: list[int]
    digest: str


class ProductTold(BaseModel):
    """Everything that a product says."""

    product: str
    title_zh: str
    title_en: str
    digest: str
    products_digest: str
    terms: dict[str, Any] = Field(description="As its file writes them.")


class YearlyCostTold(BaseModel):
    """A yearly cost by one formula."""

    apr_ppm: int
    percent: str | None


class OfferDueTold(BaseModel):
    """One installment."""

    number: int
    bill_on: date
    due_on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int
    charge_minor: int
    total_minor: int


class OfferRefusalTold(BaseModel):
    """Why an offer must not be made."""

    code: str
    says: str
    apr_ppm: int
    formula: CostFormula
    cap_ppm: int | None
    rule: str | None
    article: str | None


class OfferCapTold(BaseModel):
    """The cap, and every limit behind it."""

    cap_ppm: int
    percent: str
    limits: list[dict[str, Any]]


class OfferTold(BaseModel):
    """An offer: it may be made only where nothing refuses it."""

    product: str
    on: date
    currency: str
    amount_minor: int
    installments: int
    method: Method
    terms_digest: str
    offer_digest: str
    may_be_made: bool
    refusals: list[OfferRefusalTold]
    apr_ppm: int
    percent: str | None
    formula: CostFormula
    rates: dict[str, YearlyCostTold]
    cap: OfferCapTold | None
    interest_minor: int
    fee_minor: int
    charge_minor: int
    cost_minor: int
    total_minor: int
    dues: list[OfferDueTold]


class ConfirmationEvent(Event):
    """A borrower confirmed the table of all costs of one offer."""

    model_config = example(
        confirmation_ref="confirmation:42",
        amount_minor=120000,
        installments=12,
        contract_on="2026-01-31",
        language="zh",
        offer_digest=64 * "0",
        confirmed_by="lender:1",
        how="paper",
        at="2026-01-31T09:30:00+08:00",
    )

    confirmation_ref: Ref = Field(description="The confirmation's own id, among those of this key.")
    amount_minor: AmountMinor
    installments: Annotated[int, Field(strict=True, ge=1, le=MOST_INSTALLMENTS)]
    contract_on: Day
    language: Literal["zh", "en"]
    offer_digest: Digest = Field(description="As the offer that was shown named it.")
    confirmed_by: Ref = Field(description="The borrower's reference.")
    how: Confirmed
    shown_s: Annotated[int, Field(strict=True, ge=0, le=86_400)] | None = Field(
        None, description="For how many seconds it was shown; nothing where it was signed on paper."
    )
    at: Instant = Field(description="When it was confirmed, with its offset.")
    account_ref: Ref | None = Field(None, description="The account, where there is one already.")


class ConfirmationKept(BaseModel):
    """The confirmation as it stands; the same however often it is sent."""

    confirmation_ref: str
    offer_digest: str
    table_digest: str
    terms_digest: str
    recorded_at: datetime


@router.get(
    "/product",
    auth=Key(),
    response={200: list[ProductListed], **documented(422)},
    operation_id="list_products",
    summary="List the products, each with its version of a day",
)
def list_products(request: HttpRequest, asked: Query[DayAsked]) -> list[dict[str, Any]]:
    """One that is not offered on the day says so."""
    return access_products(reader_of(request), on=_day(asked.on))


@router.get(
    "/product/{product}",
    auth=Key(),
    response={200: ProductTold, **documented(404, 422)},
    operation_id="product",
    summary="Ask what a product says on a day",
)
def product(request: HttpRequest, product: Name, asked: Query[DayAsked]) -> dict[str, Any]:
    """Its terms as its file writes them, with their digest."""
    return access_product(reader_of(request), product, on=_day(asked.on))


@router.get(
    "/product/{product}/offer",
    auth=Key(),
    response={200: OfferTold, **documented(404, 422)},
    operation_id="product_offer",
    summary="Ask what an offer would be: schedule, all-in cost, cap",
)
def offer(request: HttpRequest, product: Name, asked: Query[OfferAsked]) -> dict[str, Any]:
    """An offer above its cap is told with the rule that refuses it; it must not be made."""
    return access_offer(
        reader_of(request),
        product,
        amount_minor=asked.amount_minor,
        installments=asked.installments,
        on=_day(asked.on),
    )


@router.get(
    "/product/{product}/cost-table",
    auth=Key(),
    response={200: dict[str, Any], **documented(404, 422)},
    operation_id="product_cost_table",
    summary="Ask for the table of all costs of an offer, in words",
)
def table(request: HttpRequest, product: Name, asked: Query[TableAsked]) -> dict[str, Any]:
    """Every item with method, standard and payee, to be shown and confirmed before the contract."""
    return access_cost_table(
        reader_of(request),
        product,
        amount_minor=asked.amount_minor,
        installments=asked.installments,
        on=_day(asked.on),
        language=asked.language,
    )


@router.post(
    "/product/{product}/confirmations",
    auth=Signature(),
    response={200: ConfirmationKept, **documented(400, 404, 409, 413, 415, 422)},
    operation_id="confirm_cost",
    summary="Record that a borrower confirmed the costs of an offer",
)
def confirm(
    request: HttpRequest, product: Name, event: ConfirmationEvent, response: HttpResponse
) -> ConfirmationKept:
    """Record it once, where the offer is still the one that was shown, and it was read."""
    kept = do_confirm_cost(reader_of(request), Shown(product=product, **dict(event)))
    mark_repeated(response, added=kept.added)
    return ConfirmationKept(
        confirmation_ref=event.confirmation_ref,
        offer_digest=kept.row.offer_digest,
        table_digest=kept.row.table_digest,
        terms_digest=kept.row.terms_digest,
        recorded_at=kept.row.recorded_at,
    )


def _day(day: date | None) -> date:
    """Return the day named, or today by the office's clock."""
    return day or datetime.now(UTC).astimezone(ZoneInfo(settings.TIME_ZONE)).date()
