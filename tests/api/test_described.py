"""The API does what its description says: generated requests, right and wrong, on a real book.

Every answer must have a documented status and the documented shape; what fits the description must
be taken or be refused for what the book says; what does not fit must be refused; nothing may fail.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, assume, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from forbear.actions.api_key import MadeKey, do_make_key
from forbear.actions.booking import do_record_booking
from forbear.actions.booking_asked import Asked
from forbear.actions.contract import do_record_contract
from forbear.actions.payment import do_record_payment
from forbear.actions.reader import machine
from forbear.api.access import signature
from forbear.kernel.vocabulary import PaymentStage
from forbear.servicing.fact import BookingKind
from forbear.store.models import Account, Contact, DebitRequest, Outbox, Person
from tests.api.conftest import TODAY, make_person

SIGN_ME = "sign-me"  # the generator cannot sign; this stands where the signature will be
CONTACT = UUID("0f1c2d3e-0000-4000-8000-000000000001")
CONFIG = SchemathesisConfig.from_dict(
    {
        "dictionaries": {
            "accounts": {"values": ["lender:1/a", "lender:2/a"]},
            "people": {"values": ["lender:1", "lender:2"]},
            "contacts": {"values": [str(CONTACT)]},
            "currencies": {"values": ["CNY"]},
            "days": {"values": ["2026-01-31", "2025-12-31"]},
            "past": {"values": ["2024-06-03"]},
            "later": {"values": ["2026-06-01"]},
            "products": {"values": ["paylater"]},
            "kinds": {"values": [*["purchase"] * 4, "complaint_received"]},
            "nothing": {"values": [0]},
            "nobody": {"values": [""]},
            "sums": {"values": [120000]},
            "counts": {"values": [12]},
            "mandates": {"values": [f"m{n}" for n in range(1, 200)]},
            "payments": {"values": ["payment:1"]},
            "requests": {"values": [f"debit:{n}" for n in range(1, 25)]},
            "outcomes": {"values": ["succeeded"]},
            "declines": {"values": ["insufficient_funds"]},
            "instants": {"values": ["2024-06-03T10:00:00+08:00", "2025-12-31T23:59:59Z"]},
            "events": {"values": [f"event{n}" for n in range(1, 200)]},
        },
        # What is nowhere in the book is asked for in the tests of each operation; here it would be
        # half of all requests, for the generator begins with what is simplest.
        "parameters": {
            "body.account_ref": {"dictionary": "accounts", "probability": 1.0},
            "body.contact_id": {"dictionary": "contacts", "probability": 1.0},
            "body.person_ref": {"dictionary": "people", "probability": 1.0},
            "body.on": {"dictionary": "days", "probability": 0.9},
            "body.currency": {"dictionary": "currencies", "probability": 0.9},
            "body.effective_on": {"dictionary": "days", "probability": 0.9},
            "body.product": {"dictionary": "products", "probability": 0.8},
            "body.formed_on": {"dictionary": "past", "probability": 0.8},
            "body.kind": {"dictionary": "kinds", "probability": 0.8},
            "body.mandate_ref": {"dictionary": "mandates", "probability": 1.0},
            "path.payment_ref": {"dictionary": "payments", "probability": 0.9},
            "body.days": {"dictionary": "nothing", "probability": 0.9},
            "body.principal_minor": {"dictionary": "nothing", "probability": 0.9},
            "body.about": {"dictionary": "nobody", "probability": 0.9},
            "body.meant": {"dictionary": "nobody", "probability": 0.9},
            "body.amount_minor": {"dictionary": "sums", "probability": 0.9},
            "body.installments": {"dictionary": "counts", "probability": 0.9},
            "body.request_ref": {"dictionary": "requests", "probability": 0.97},
            "body.outcome": {"dictionary": "outcomes", "probability": 0.97},
            "body.decline": {"dictionary": "declines", "probability": 0.97},
            "body.at": {"dictionary": "instants", "probability": 1.0},
            **{
                f"body.{name}": {"dictionary": "events", "probability": 1.0}
                for name in ("event_ref", "consent_ref", "occasion_ref", "refund_ref")
            },
            "path.product": {"dictionary": "products", "probability": 0.9},
            "query.amount_minor": {"dictionary": "sums", "probability": 0.9},
            "query.installments": {"dictionary": "counts", "probability": 0.9},
            "path.person_ref": {"dictionary": "people", "probability": 0.7},
            "query.person_ref": {"dictionary": "people", "probability": 0.7},
            "query.on": {"dictionary": "later", "probability": 0.8},
            "query.as_of": {"dictionary": "later", "probability": 0.8},
            "query.filed_on": {"dictionary": "later", "probability": 0.8},
            "query.until": {"dictionary": "later", "probability": 0.8},
            "query.formed_on": {"dictionary": "past", "probability": 0.8},
            "query.start": {"dictionary": "past", "probability": 0.8},
            "query.due_on": {"dictionary": "past", "probability": 0.8},
            "query.called_on": {"dictionary": "past", "probability": 0.8},
        },
        # What fits the description may still not be so in the book: another currency, no account.
        # A body beyond every limit is refused by its size, before anybody reads it.
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", 404, 409, 422]},
            "negative_data_rejection": {"expected-statuses": ["4xx"]},
        },
    }
)


class Signer:
    """The application behind a sender that signs what asks for it, as a lender's gateway would."""

    def __init__(self) -> None:
        self._application = get_wsgi_application()
        self.made: MadeKey | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Sign the body where the marker stands, and hand the request on."""
        if self.made and environ.get("HTTP_FORBEAR_SIGNATURE") == SIGN_ME:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = BytesIO(body)
            stamp = str(int(time.time()))
            environ["HTTP_FORBEAR_KEY"] = self.made.name
            environ["HTTP_FORBEAR_TIMESTAMP"] = stamp
            environ["HTTP_FORBEAR_SIGNATURE"] = (
                f"v1={signature(self.made.signing_secret, stamp, body)}"
            )
        return self._application(environ, start_response)


app = Signer()
schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app, config=CONFIG)


@pytest.fixture
def book(db: None) -> Iterator[str]:
    """Two people, a message on its way and a key with every scope; yields the key.

    Between requests a server lets go of its connection; here it is held, for its transaction is
    the test's own.
    """
    del db
    person = make_person("lender:1")
    make_message(person)
    ask_for_debits(person)
    make_person("lender:2", phone="13900000000")
    for ref in ("lender:1/a", "lender:2/a"):
        do_record_contract(
            machine("cli:test"),
            account_ref=ref,
            product="paylater",
            formed_on=date(2024, 6, 3),
            at=datetime.now(UTC),
        )
        lent = Asked(
            account_ref=ref,
            booking_ref=f"{ref}/lent",
            kind=BookingKind.purchase,
            effective_on=date(2024, 6, 3),
            amount_minor=5_000_000,
            installments=12,
        )
        do_record_booking(machine("cli:test"), lent, at=datetime.now(UTC))
    do_record_payment(
        machine("cli:test"),
        account_ref="lender:1/a",
        payment_ref="payment:1",
        stage=PaymentStage.settled,
        amount_minor=100,
        currency="CNY",
        effective_on=date(2024, 7, 1),
        at=datetime.now(UTC),
    )
    scopes = (
        "see_person",
        "screen_text",
        "read_law",
        "read_product",
        "write_payment",
        "write_booking",
        "write_mandate",
        "write_receipt",
        "write_confirmation",
    )
    scopes += ("write_consent", "write_occasion")
    app.made = do_make_key(machine("cli:test"), name="fuzz", scopes=scopes)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield app.made.key
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ask_for_debits(person: Person) -> None:
    """Store requests to the bank that nobody has answered, one a day."""
    account = Account.objects.get(person=person)
    for n in range(1, 25):
        DebitRequest.objects.create(
            account=account,
            source="test",
            source_key=f"debit:{n}",
            request_ref=f"debit:{n}",
            mandate_ref="m",
            amount_minor=100,
            currency="CNY",
            asked_on=date(2024, 1, n),
            due_on=date(2024, 1, 1),
            number=n,
        )


def fits(case: schemathesis.Case) -> bool:
    """Return whether a request fits the description; 1.0 is an integer there and none here."""
    body = case.body if isinstance(case.body, dict) else {}
    whole = not any(isinstance(value, float) for value in body.values())
    return whole and case.meta.generation.mode == GenerationMode.POSITIVE


def written(case: schemathesis.Case) -> bool:
    """Return whether all of a query is sent: a field that is an empty list leaves no trace."""
    return not any(value in ([], {}, None) for value in (case.query or {}).values())


def make_message(person: Person) -> None:
    """Store an SMS of which nobody knows whether it went."""
    contact = Contact.objects.create(
        id=CONTACT,
        person=person,
        channel="sms",
        purpose="remind",
        at=datetime.now(UTC),
        local_on=TODAY,
        allowed=True,
        asked=[],
        blocked_by=[],
        facts={},
        pack_digest="",
        acting="test",
    )
    Outbox.objects.create(
        contact=contact, person=person, channel="sms", fictional=False, state="unknown"
    )


def shown(given: dict[str, Any]) -> Any:
    """Return what a schema of the description shows, or its first value; None where neither."""
    if "$ref" in given:
        given = schema.raw_schema["components"]["schemas"][given["$ref"].rpartition("/")[2]]
    return (given.get("examples") or given.get("enum") or [None])[0]


def shown_case(operation: Any) -> schemathesis.Case:
    """Return the request that the description shows for an operation: whatever it needs, shown."""
    described = operation.definition.raw
    places: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for parameter in described.get("parameters", ()):
        example = shown(parameter["schema"])
        assert example is not None or not parameter["required"], parameter["name"]
        if example is not None:
            places[parameter["in"]][parameter["name"]] = example
    body = {}
    if "requestBody" in described:
        body = {"body": shown(described["requestBody"]["content"]["application/json"]["schema"])}
    return operation.Case(path_parameters=places["path"], query=places["query"], **body)


@pytest.mark.parametrize(
    "operation",
    [found.ok() for found in schema.get_all_operations()],
    ids=lambda operation: operation.label,
)
def test_the_example_shown_is_taken(operation: Any, book: str) -> None:
    case = shown_case(operation)
    if "confirmations" in operation.label:  # no description can know the digest of an offer
        asked = {"amount_minor": 120000, "installments": 12, "on": case.body["contract_on"]}
        offer = schema["/api/product/{product}/offer"]["GET"].Case(
            path_parameters={"product": "paylater"}, query=asked
        )
        told = offer.call(headers={"Authorization": f"Bearer {book}"})
        case.body["offer_digest"] = told.json()["offer_digest"]
    answer = case.call(headers={"Authorization": f"Bearer {book}", "Forbear-Signature": SIGN_ME})
    assert answer.status_code == 200, answer.text


@schema.parametrize()
@settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),  # one book for all the requests of an operation
)
def test_every_operation_is_as_described(case: schemathesis.Case, book: str) -> None:
    assume(written(case))
    answer = case.call_and_validate(
        headers={"Authorization": f"Bearer {book}", "Forbear-Signature": SIGN_ME}
    )
    if answer.status_code >= 400:
        assert set(answer.json()) == {"code", "detail", "where", "what_to_do"}
    if answer.status_code == 422 and fits(case):
        assert answer.json()["code"] != "request.not_valid"  # refused for what the book says
