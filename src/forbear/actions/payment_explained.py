"""Say in words where each minor unit of a payment went and why, in Chinese and in English.

What it met is what the books say by now: corrections are counted, not listed. The reason of each
sum is the rule by which it came before everything else that was owed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from forbear.actions.account_words import DOUBLED, FACTS, PARTS
from forbear.actions.contact import connected
from forbear.actions.payment_words import INSTRUMENT, INSTRUMENT_RULES, RESTS, RULES, Pair
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import seen_accounts
from forbear.actions.statement import NotServicedHere
from forbear.kernel.errors import ForbearError
from forbear.kernel.money import render_minor
from forbear.ledger.account import LedgerAccount
from forbear.ledger.owing import PART, Part
from forbear.servicing.agreement import agreed_of
from forbear.servicing.fact import BookingKind
from forbear.servicing.waiting import Flow, paid_out
from forbear.store.account_books import (
    Moved,
    PaymentStaged,
    Serviced,
    fetch_moved,
    fetch_serviced,
    fetch_stages,
    fetch_told,
)
from forbear.store.models import Account

UNAPPLIED, CASH = LedgerAccount.unapplied, LedgerAccount.cash
STATUTE = ("cost", "interest", "fee", "penalty", "principal")


class NoSuchPayment(ForbearError):
    """No payment in the book has that reference."""

    code = "books.no_such_payment"
    http_status = 404
    what_to_do = "Name the payment by the payment_ref that it was sent under."


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One sum of a payment, where it went, and by which rule."""

    amount_minor: int
    kind: str  # met, ahead, waited, recovered, paid_back, taken_back, unapplied, not_booked
    on: date | None  # the day on which it went there; None where it waits
    part: str  # of what is owed; "" where it met nothing
    lent_by: str  # the reference of the purchase, cost or plan
    number: int
    due_on: date | None  # as it was agreed
    rules: tuple[str, ...]
    says: Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Where a payment went; the pieces sum to its amount."""

    payment_ref: str
    account_id: int
    account_ref: str
    person_id: int
    currency: str
    amount_minor: int
    effective_on: date
    stages: tuple[PaymentStaged, ...]
    order: tuple[str, ...]  # of the contract
    order_rule: str  # cn.civil_code.561 where it is the statute's, else product.allocation
    designation: str  # the reference of the purchase that it was designated for; "" none
    ahead: bool  # it was said to repay early as well
    pieces: tuple[Piece, ...]
    rules: Mapping[str, Pair]
    head: Pair
    corrected: bool  # some of it was booked otherwise before


def explained(reader: Reader, payment_ref: str) -> Explanation:
    """Return where each minor unit of a payment went and why.

    Errors: NotAllowed, NoSuchPayment, NotServicedHere.
    """
    reader.must(Ability.see_person)
    stages = fetch_stages(connected(), payment_ref)
    ids = {stage.account_id for stage in stages}
    account = seen_accounts(reader).filter(pk__in=ids).first() if ids else None
    if account is None:
        raise NoSuchPayment(f"no payment in the book has the reference {payment_ref}")
    serviced = fetch_serviced(connected(), account.pk)
    if serviced is None:
        raise NotServicedHere(
            f"payment {payment_ref} is of account {account.ref}, whose books are not kept here"
        )
    return _explained(account, serviced, payment_ref, stages)


def _explained(
    account: Account, serviced: Serviced, ref: str, stages: Sequence[PaymentStaged]
) -> Explanation:
    moved = fetch_moved(connected(), account.pk)
    told = fetch_told(connected(), account.pk)
    key = f"payment:{ref}:settled"
    asked = told.get(f"designation:{ref}", {}).get("schedule") or [{}]
    meant, ahead = str(asked[0].get("about", "")), bool(asked[0].get("ahead", False))
    order = tuple(json.loads(serviced.conditions)["order"])
    came = next((s for s in stages if s.stage == "settled"), stages[0])
    view = View(key=key, came=came, meant=meant, order=order, told=told, currency=account.currency)
    pieces = _pieces(view, moved)
    used = {rule: RULES[rule] for piece in pieces for rule in piece.rules}
    if "product.allocation" in used:
        named = [tuple(PARTS[part][n] for part in order) for n in (0, 1)]
        zh, en = used["product.allocation"]
        used["product.allocation"] = (
            zh.format(order=" → ".join(named[0])),
            en.format(order=" → ".join(named[1]).lower()),
        )
    return Explanation(
        payment_ref=ref,
        account_id=account.pk,
        account_ref=account.ref,
        person_id=account.person_id,
        currency=account.currency,
        amount_minor=came.amount_minor,
        effective_on=came.effective_on,
        stages=tuple(stages),
        order=order,
        order_rule=view.order_rule,
        designation=meant.partition(":")[2],
        ahead=ahead,
        pieces=pieces,
        rules={rule: used[rule] for rule in RULES if rule in used},
        head=_head(view, ref, pieces),
        corrected=any(m.reverses and m.cause.startswith(f"payment:{ref}:") for m in moved),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the pieces of one payment are told from."""

    key: str
    came: PaymentStaged
    meant: str
    order: tuple[str, ...]
    told: Mapping[str, Mapping[str, Any]]
    currency: str

    @property
    def order_rule(self) -> str:
        """Return the rule of the order within an installment."""
        return "cn.civil_code.561" if self.order == STATUTE else "product.allocation"

    def instrument(self, lent_by: str, number: int) -> str:
        """Return which part of an instrument an installment is: its debt, what doubles, or ""."""
        lent = self.told.get(lent_by, {})
        if lent.get("kind") != BookingKind.judgment:
            return ""
        return "doubled" if number == len(lent["schedule"]) else "debt"

    def place(self, piece: Piece) -> tuple[Any, ...]:
        """Return where a piece stands among those of a day: as money meets what is owed."""
        key = f"booking:{piece.lent_by}"
        of = self.instrument(key, piece.number)
        order = STATUTE if of else self.order
        part = order.index(piece.part) if piece.part in order else len(order)
        other = bool(self.meant) and key != self.meant
        stands = ("debt", "doubled", "").index(of)
        return other, stands, piece.due_on or date.max, piece.lent_by, piece.number, part

    def money(self, amount_minor: int) -> str:
        """Return an amount as people read it."""
        return render_minor(amount_minor, self.currency)


def _pieces(view: View, moved: Sequence[Moved]) -> tuple[Piece, ...]:
    """Return the pieces of a payment: what it met, what went back, and what waits."""
    amount = view.came.amount_minor
    if view.came.stage != "settled":
        return (_rest(view, amount, "not_settled"),)
    met, taken_back = _met(view, moved)
    if not any(m.cause == view.key and m.kind == "payment" for m in moved):
        return (_rest(view, amount, "not_booked"),)
    flows = _flows(moved)
    back = paid_out(flows).get(view.key, 0)
    pieces = [_met_piece(view, cell, minor) for cell, minor in met.items() if minor]
    pieces.sort(key=lambda piece: (piece.on or date.max, view.place(piece)))
    left = amount - sum(piece.amount_minor for piece in pieces) - taken_back - back
    for minor, kind in ((taken_back, "taken_back"), (back, "paid_back"), (left, "unapplied")):
        if minor:
            pieces.append(_rest(view, minor, kind))
    return tuple(pieces)


Cell = tuple[date, str, str, int, str]  # day, kind, lent_by, number, account of the book


def _met(view: View, moved: Sequence[Moved]) -> tuple[dict[Cell, int], int]:
    """Return what a payment has met, what was undone taken off, and what of it went back."""
    back = view.key.replace(":settled", ":reversed")
    met: dict[Cell, int] = {}
    undone: dict[tuple[str, int, Part], int] = {}
    taken_back = 0
    for m in moved:
        debit, credit = (m.credit, m.debit) if m.reverses else (m.debit, m.credit)
        minor = -m.amount_minor if m.reverses else m.amount_minor
        if m.cause == view.key and debit == UNAPPLIED and credit != CASH:
            cell = (m.effective_on, m.kind, m.lent_by, m.number, credit)
            met[cell] = met.get(cell, 0) + minor
        elif m.cause == back and debit == UNAPPLIED and credit == CASH:
            taken_back += minor
        elif m.cause == back and credit == UNAPPLIED:
            of = (m.lent_by, m.number, PART[LedgerAccount(debit)])
            undone[of] = undone.get(of, 0) + minor
    for (lent_by, number, part), minor in undone.items():
        _take_off(met, lent_by, number, part, minor)
    return met, taken_back


def _take_off(met: dict[Cell, int], lent_by: str, number: int, part: Part, minor: int) -> None:
    """Take what was undone off what was met last; of the same part where there is such."""
    cells = [cell for cell in met if cell[2:4] == (lent_by, number)]
    cells.sort(key=lambda cell: (PART[LedgerAccount(cell[4])] == part, cell[0]), reverse=True)
    for cell in cells:
        take = min(met[cell], minor)
        met[cell] -= take
        minor -= take


def _flows(moved: Sequence[Moved]) -> list[Flow]:
    """Return what came to wait and what stopped waiting, of every payment and credit."""
    flows = []
    for m in moved:
        sign = (m.credit == UNAPPLIED) - (m.debit == UNAPPLIED)
        if not sign:
            continue
        payout = m.kind == "payout"
        flows.append(
            Flow(
                source="" if payout else m.cause.replace(":reversed", ":settled"),
                on=m.effective_on,
                place=m.cause.startswith("payment:"),
                minor=sign * m.amount_minor,
            )
        )
    return flows


def _met_piece(view: View, cell: Cell, minor: int) -> Piece:
    """Return one sum that met something, and why it met that."""
    on, kind, lent_by, number, account = cell
    part = "principal" if account in ("unbilled", "recovery") else account
    lent = view.told.get(lent_by, {})
    schedule = agreed_of(view.told, lent_by)
    agreed = schedule[number - 1] if 0 < number <= len(schedule) else {}
    due_on = date.fromisoformat(agreed["due_on"]) if agreed else None
    early = bool(agreed) and date.fromisoformat(agreed["bill_on"]) > on
    of = view.instrument(lent_by, number)
    which, rules, why = _why(
        view, on=on, kind=kind, part=part, lent_by=lent_by, early=early and not of, instrument=of
    )
    word = FACTS.get(str(lent.get("kind", "")), ("", ""))
    ref = lent_by.partition(":")[2]
    name: Pair = ("欠款", "debt") if kind == "recovery" else PARTS[part]
    name = DOUBLED if of == "doubled" else name
    money = view.money(minor)
    zh = f"{money} 抵{word[0]} {ref} 第 {number} 期的{name[0]}"
    en = f"{money} met the {name[1].lower()} of {word[1]} {ref}, installment {number}"
    if due_on and of:
        zh, en = f"{zh}（文书定 {due_on} 还）", f"{en} (due {due_on} by the instrument)"
    elif due_on:
        zh, en = f"{zh}（约定 {due_on} 还）", f"{en} (due {due_on} as agreed)"
    return Piece(
        amount_minor=minor,
        kind=which,
        on=on,
        part="charged_off" if kind == "recovery" else part,
        lent_by=ref,
        number=number,
        due_on=due_on,
        rules=rules,
        says=(f"{zh}：{why[0]}。", f"{en}: {why[1]}."),
    )


def _why(
    view: View, *, on: date, kind: str, part: str, lent_by: str, early: bool, instrument: str
) -> tuple[str, tuple[str, ...], Pair]:
    """Return what kind of meeting it was, the rules it follows, and the reason in words."""
    order = view.order_rule
    if kind == "recovery":
        why = ("已核销的欠款仍在，按到期先后收回", "it was charged off and is owed all the same")
        ordered = INSTRUMENT_RULES.get(instrument, ("cn.civil_code.560",))
        return "recovered", ("house.charge_off", *ordered), INSTRUMENT.get(instrument, why)
    waited = on > view.came.effective_on
    if instrument:
        rules = INSTRUMENT_RULES[instrument]
        if waited:
            return "waited", ("house.l_3", *rules), INSTRUMENT[instrument]
        return "met", rules, INSTRUMENT[instrument]
    if early:
        why = (
            "借款人要求提前还，利息只算到这一天",
            "the payer asked to repay early, and interest runs to this day only",
        )
        return "ahead", ("cn.civil_code.677",), why
    if waited:
        why = (
            f"款项先到，留待 {on} 出的账再抵",
            f"the money came before the bill and waited for it until {on}",
        )
        return "waited", ("house.l_3", "cn.civil_code.560", order), why
    if part == "cost" and view.order[0] == "cost":
        why = ("实现债权的费用先抵", "costs of realizing the claim come first")
        return "met", (order,), why
    if view.meant and lent_by == view.meant:
        why = ("借款人指定还这一笔", "the payer designated it")
    else:
        why = (
            "按到期先后轮到它；同一天到期的，先买的先抵",
            "in the order of due days it came next; of one due day, what was bought first",
        )
    return "met", ("cn.civil_code.560", order), why


def _rest(view: View, minor: int, kind: str) -> Piece:
    """Return a sum that met nothing, or does not any more."""
    rules, (zh, en) = RESTS[kind]
    money = view.money(minor)
    return Piece(
        amount_minor=minor,
        kind=kind,
        on=None,
        part="",
        lent_by="",
        number=0,
        due_on=None,
        rules=rules,
        says=(zh.format(money=money), en.format(money=money)),
    )


def _head(view: View, ref: str, pieces: Sequence[Piece]) -> Pair:
    """Return what came in, and how much of it met something."""
    met = sum(p.amount_minor for p in pieces if p.kind in MET)
    money, used = view.money(view.came.amount_minor), view.money(met)
    on = view.came.effective_on
    return (
        f"还款 {ref}，{on}，{money}：其中 {used} 抵了欠款。",
        f"Payment {ref} of {on}, {money}: {used} of it met what was owed.",
    )


MET = ("met", "ahead", "waited", "recovered")
