"""The calculators: one page, a form and an answer with its rules for each question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from itertools import zip_longest
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from forbear.actions import law_calc
from forbear.actions.law_words import parse_day
from forbear.actions.reader import Ability, Reader
from forbear.calculation.cap import Contract, original_lender
from forbear.calculation.deadline import ClaimTime, Interrupted, Obstacle
from forbear.calculation.delay import LateDebt
from forbear.calculation.procedure import USUAL, Case
from forbear.calculation.rules import NotCountable
from forbear.console import court_labels as words
from forbear.console import refusals
from forbear.console.door import door
from forbear.kernel.court import CaseFact, Deadline, FeeKind, Halving, Interruption, Term
from forbear.kernel.errors import ForbearError
from forbear.kernel.money import minor

Word = TypeVar("Word", bound=StrEnum)
ROWS = 4  # of interruptions and repayments that a form offers


@door
def calculators(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show one calculator's form, and its answer where the address asks for one."""
    reader.must(Ability.see_law)
    which = request.GET.get("which", "")
    which = which if which in ANSWERS else "fee"
    context = {
        "which": which,
        "asked": request.GET,
        "today": timezone.localdate(),
        "rows": _rows(request.GET),
        "facts": [(f.value, f in _facts(request.GET)) for f in CaseFact],
        "words": words,
        "told": None,
        "wrong": "",
    }
    status = 200
    if "go" in request.GET:
        try:
            context["told"] = ANSWERS[which](reader, Form(request.GET))
        except ForbearError as error:
            context |= {"wrong": refusals.told(error), "code": error.code}
            status = 422
    page = "parts/calculated" if getattr(request, "htmx", False) else "calculators"
    return render(request, f"console/{page}.html", context, status=status)


class Form:
    """What a form says, read strictly."""

    def __init__(self, state: QueryDict) -> None:
        self.state = state

    def text(self, name: str) -> str:
        """Return a word, "" where the field is empty."""
        return str(self.state.get(name, "")).strip()

    def day(self, name: str) -> date:
        """Return a day, today where the field is empty. Errors: NotCountable."""
        return self.day_or_none(name) or timezone.localdate()

    def needed_day(self, name: str) -> date:
        """Return a day that must be there. Errors: NotCountable."""
        return parse_day(name, self.text(name))

    def day_or_none(self, name: str) -> date | None:
        """Return a day, None where the field is empty. Errors: NotCountable."""
        return parse_day(name, self.text(name)) if self.text(name) else None

    def fen(self, name: str) -> int:
        """Return an amount of yuan in fen. Errors: NotMoney."""
        return minor(self.text(name), "CNY")

    def fen_or_none(self, name: str) -> int | None:
        """Return an amount in fen, None where the field is empty. Errors: NotMoney."""
        return self.fen(name) if self.text(name) else None

    def many(self, *names: str) -> list[tuple[str, ...]]:
        """Return the rows of fields that stand in lines, those that are not wholly empty."""
        lists = [[str(v).strip() for v in self.state.getlist(name)] for name in names]
        return [row for row in zip_longest(*lists, fillvalue="") if any(row)]


def _fee(reader: Reader, form: Form) -> law_calc.Told:
    ground = form.text("halved")
    return law_calc.access_fee(
        reader,
        kind=_word(FeeKind, form.text("kind"), "amount"),
        amount_minor=form.fen("amount"),
        on=form.day("on"),
        halvings={_word(Halving, ground, "halved")} if ground else set(),
    )


def _lpr(reader: Reader, form: Form) -> law_calc.Told:
    term = _word(Term, form.text("term") or Term.one_year, "term")
    return law_calc.access_lpr(reader, on=form.day("on"), term=term)


def _cap(reader: Reader, form: Form) -> law_calc.Told:
    return law_calc.access_cap(
        reader,
        contract=Contract(
            lender=original_lender(form.text("lender")),
            formed_on=form.needed_day("formed_on"),
            filed_on=form.day("filed_on"),
            assisted=bool(form.text("assisted")),
        ),
        principal_minor=form.fen_or_none("principal"),
        until=form.day_or_none("until"),
        basis_days=360 if form.text("basis") == "360" else 365,
    )


def _delay(reader: Reader, form: Form) -> law_calc.Told:
    debt = LateDebt(
        debt_minor=form.fen("amount"),
        due_on=form.needed_day("due_on"),
        until=form.day("until"),
        repayments=tuple(
            (parse_day("repayment", day), minor(paid, "CNY"))
            for day, paid in form.many("paid_on", "paid")
        ),
        stays=tuple(
            (parse_day("stay", start), parse_day("stay", end))
            for start, end in form.many("stay_from", "stay_to")
        ),
    )
    return law_calc.access_delay_interest(reader, debt=debt)


def _deadline(which: Deadline) -> Callable[[Reader, Form], law_calc.Told]:
    def answer(reader: Reader, form: Form) -> law_calc.Told:
        facts = ClaimTime(
            due_on=(form.needed_day("due_on"),),
            called_on=form.day_or_none("called_on"),
            interruptions=tuple(
                Interrupted(
                    on=parse_day("interruption", on),
                    cause=_word(Interruption, cause, "interruption"),
                    ended_on=parse_day("interruption", ended) if ended else None,
                )
                for on, cause, ended in form.many("event_on", "cause", "event_end")
            ),
            obstacles=tuple(
                Obstacle(
                    began_on=parse_day("obstacle", began),
                    ended_on=parse_day("obstacle", ended) if ended else None,
                )
                for began, ended in form.many("obstacle_on", "obstacle_end")
            ),
        )
        return law_calc.access_deadline(reader, which=which, facts=facts, as_of=form.day("as_of"))

    return answer


def _procedure(reader: Reader, form: Form) -> law_calc.Told:
    case = Case(
        amount_minor=form.fen("amount"),
        filed_on=form.day("on"),
        facts=_facts(form.state),
        province=form.text("province"),
        wage_minor=form.fen_or_none("wage"),
        agreed=bool(form.text("agreed")),
    )
    return law_calc.access_procedure(reader, case=case)


ANSWERS: dict[str, Callable[[Reader, Form], law_calc.Told]] = {
    "fee": _fee,
    "lpr": _lpr,
    "cap": _cap,
    "delay-interest": _delay,
    "limitation": _deadline(Deadline.limitation),
    "enforcement": _deadline(Deadline.enforcement),
    "procedure": _procedure,
}


def _facts(state: QueryDict) -> frozenset[CaseFact]:
    """Return the facts that are ticked; the usual ones before the form was ever sent."""
    if "go" not in state:
        return USUAL
    return frozenset(CaseFact(word) for word in state.getlist("fact") if word in set(CaseFact))


def _rows(state: QueryDict) -> dict[str, list[tuple[str, ...]]]:
    """Return the lines of a form as they were filled in, empty ones added up to four."""
    form = Form(state)
    groups = {
        "events": ("event_on", "cause", "event_end"),
        "obstacles": ("obstacle_on", "obstacle_end"),
        "paid": ("paid_on", "paid"),
        "stays": ("stay_from", "stay_to"),
    }
    rows = {}
    for name, fields in groups.items():
        filled = form.many(*fields)[:50]
        least = ROWS if name in ("events", "paid") else 1
        rows[name] = filled + [("",) * len(fields)] * max(least - len(filled), 1)
    return rows


def _word(list_: type[Word], text: str, where: str) -> Word:
    try:
        return list_(text)
    except ValueError:
        raise NotCountable(where, f"{text!r} is not one of {', '.join(list_)}") from None
