"""`forbear law calc`: fees, rates, caps, interest, deadlines and procedures, from the packs.

Nothing here asks a database: the packs alone answer.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

import typer

from forbear.cli.app import DONE
from forbear.cli.words import day, json_line, last_day, operator, word
from forbear.kernel.court import CaseFact, Deadline, FeeKind, Halving, Term
from forbear.kernel.money import minor, render_minor

calc = typer.Typer(help="Count what follows from the law.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
On = Annotated[
    str | None, typer.Option("--on", help="The day whose law is asked; today without it.")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="The day it is asked for; today without it.")
]
DueOn = Annotated[
    list[str],
    typer.Option("--due", help="The last day to pay; may be repeated, one for each part."),
]
Interruptions = Annotated[
    list[str] | None,
    typer.Option("--interrupted", help="DAY:CAUSE or DAY:CAUSE:END; may be repeated."),
]
Obstacles = Annotated[
    list[str] | None, typer.Option("--obstacle", help="DAY or DAY:END; may be repeated.")
]


@calc.command("fee")
def fee(
    kind: Annotated[str, typer.Option("--kind", help="accept payment_order enforce preserve")],
    yuan: Annotated[str, typer.Option("--amount", help="In yuan, such as 12345.67.")],
    halved: Annotated[
        bool, typer.Option("--halved", help="Halved, as in the summary procedure.")
    ] = False,
    ground: Annotated[
        list[str] | None,
        typer.Option("--ground", help="Why it is halved; several halve it once all the same."),
    ] = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Say what a court is paid for a claim."""
    from forbear.actions.law_calc import access_fee

    grounds = {word(text, Halving) for text in ground or []}
    told = access_fee(
        operator(),
        kind=word(kind, FeeKind),
        amount_minor=minor(yuan, "CNY"),
        on=_day(on),
        halvings=grounds or ({Halving.summary} if halved else set()),
    )
    bands = [
        f"  {_band(band)}: {_yuan(band['adds_minor'])}"
        for band in told["bands"]
        if len(told["bands"]) > 1
    ]
    half = ", halved once" if told["halved"] else ""
    _print(told, [f"{_money(told['fee_minor'])}{half}", *bands], as_json=as_json)


@calc.command("lpr")
def lpr(
    on: On = None,
    term: Annotated[str, typer.Option("--term", help="one_year or five_years")] = "one_year",
    as_json: AsJson = False,
) -> None:
    """Say the loan prime rate of a day; a day after the last published one is refused."""
    from forbear.actions.law_calc import access_lpr

    told = access_lpr(operator(), on=_day(on), term=word(term, Term))
    _print(told, [f"{told['percent']} % a year, published {told['fixed_on']}"], as_json=as_json)


@calc.command("cap")
def cap(
    lender: Annotated[
        str,
        typer.Option(
            "--lender",
            "--creditor",
            help="Who made the loan: bank consumer_finance micro_loan local_finance private",
        ),
    ],
    formed: Annotated[str, typer.Option("--formed", help="The day the contract was made.")],
    filed: Annotated[
        str | None,
        typer.Option("--filed", help="The day it is brought to court; today without it."),
    ] = None,
    assisted: Annotated[
        bool, typer.Option("--assisted", help="A platform brought the borrower.")
    ] = False,
    principal: Annotated[
        str, typer.Option("--principal", help="In yuan: also say the most that may be claimed.")
    ] = "",
    start: Annotated[
        str | None, typer.Option("--from", help="With --principal: from which day.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="With --principal: to which day.")
    ] = None,
    basis: Annotated[int, typer.Option("--basis", help="Days of a year: 365 or 360.")] = 365,
    as_json: AsJson = False,
) -> None:
    """Say how much a year a contract may cost, interest, penalties and fees together."""
    from forbear.actions.law_calc import access_cap
    from forbear.calculation.cap import Contract, original_lender

    told = access_cap(
        operator(),
        contract=Contract(
            lender=original_lender(lender),
            formed_on=day(formed),
            filed_on=_day(filed),
            assisted=assisted,
        ),
        principal_minor=minor(principal, "CNY") if principal else None,
        start=None if start is None else day(start),
        until=None if until is None else day(until),
        basis_days=basis,
    )
    said = [_span(span) for span in told["spans"]]
    if "interest_minor" in told:
        said.append(
            f"at most {_money(told['interest_minor'])} from {told['start']} to {told['until']}"
            f" on {_money(told['principal_minor'])}, a year of {told['basis_days']} days"
        )
    _print(told, said, as_json=as_json)


@calc.command("delay-interest")
def delay_interest(
    debt: Annotated[
        str, typer.Option("--debt", "--amount", help="In yuan, general interest left out.")
    ],
    due: Annotated[str, typer.Option("--due", help="The last day to perform.")],
    until: Annotated[str | None, typer.Option("--until", help="Counted up to this day.")] = None,
    repaid: Annotated[
        list[str] | None, typer.Option("--repaid", help="DAY:AMOUNT; may be repeated.")
    ] = None,
    stay: Annotated[
        list[str] | None, typer.Option("--stay", help="DAY:DAY, the second not in it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say the doubled interest that a judgment's debtor owes for paying late."""
    from forbear.actions.law_calc import access_delay_interest
    from forbear.actions.law_words import parse_repayment, parse_stay
    from forbear.calculation.delay import LateDebt

    told = access_delay_interest(
        operator(),
        debt=LateDebt(
            debt_minor=minor(debt, "CNY"),
            due_on=day(due),
            until=_day(until),
            repayments=tuple(parse_repayment(text) for text in repaid or []),
            stays=tuple(parse_stay(text) for text in stay or []),
        ),
    )
    runs = [
        f"  {run['first_on']} to {run['last_on']}: {_money(run['debt_minor'])} x {run['percent']} %"
        f" x {run['days']} d = {_yuan(run['adds_minor'])}"
        for run in told["runs"]
    ]
    _print(
        told, [f"{_money(told['interest_minor'])} for {told['days']} days", *runs], as_json=as_json
    )


@calc.command("limitation")
def limitation(
    due: DueOn,
    called: Annotated[
        str | None,
        typer.Option("--called", help="The day on which all of it was called due early."),
    ] = None,
    interrupted: Interruptions = None,
    obstacle: Obstacles = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Say until when a claim can be brought, interruptions and obstacles counted."""
    _deadline(Deadline.limitation, due, called, interrupted, obstacle, as_of, as_json=as_json)


@calc.command("enforcement")
def enforcement(
    due: DueOn,
    interrupted: Interruptions = None,
    obstacle: Obstacles = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Say until when a judgment can be enforced."""
    _deadline(Deadline.enforcement, due, None, interrupted, obstacle, as_of, as_json=as_json)


@calc.command("procedure")
def procedure(
    yuan: Annotated[str, typer.Option("--amount", help="In yuan.")],
    province: Annotated[
        str, typer.Option("--province", help="As the wage table names it, such as CN-GD.")
    ] = "",
    wage: Annotated[
        str, typer.Option("--wage", help="The province's last published yearly wage, in yuan.")
    ] = "",
    but: Annotated[
        list[str] | None,
        typer.Option("--but", help="A fact that is so: debtor_missing, preserved, foreign …"),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--not", help="What is not so: due_and_fixed, deliverable, simple."),
    ] = None,
    agreed: Annotated[
        bool, typer.Option("--agreed", help="The two sides agree on the lighter procedure.")
    ] = False,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Say which procedures are open for a claim, and why the others are not."""
    from forbear.actions.law_calc import access_procedure
    from forbear.calculation.procedure import USUAL, Case

    facts = USUAL | {word(text, CaseFact) for text in but or []}
    told = access_procedure(
        operator(),
        case=Case(
            amount_minor=minor(yuan, "CNY"),
            filed_on=_day(on),
            facts=frozenset(facts - {word(text, CaseFact) for text in without or []}),
            province=province,
            wage_minor=minor(wage, "CNY") if wage else None,
            agreed=agreed,
        ),
    )
    said = [f"first {told['procedure']}; suit {told['lawsuit'] or 'not known'}"]
    said += [_option(option) for option in told["options"]]
    said += [f"  missing: {name}; give --wage" for name in told["missing"]]
    _print(told, said, as_json=as_json)


def _deadline(
    which: Deadline,
    due: list[str],
    called: str | None,
    interrupted: list[str] | None,
    obstacle: list[str] | None,
    as_of: str | None,
    *,
    as_json: bool,
) -> None:
    """Count one deadline and print it."""
    from forbear.actions.law_calc import access_deadline
    from forbear.actions.law_words import parse_interruption, parse_obstacle
    from forbear.calculation.deadline import ClaimTime

    told = access_deadline(
        operator(),
        which=which,
        facts=ClaimTime(
            due_on=tuple(day(text) for text in due),
            called_on=None if called is None else day(called),
            interruptions=tuple(parse_interruption(text) for text in interrupted or []),
            obstacles=tuple(parse_obstacle(text) for text in obstacle or []),
        ),
        as_of=_day(as_of),
    )
    last = told["ends_on"] or "waits: proceedings or an obstacle have not ended"
    moves = "" if told["calendar_known"] else "; a day of rest not published yet may move it"
    said = [f"last day {last}{moves}", f"  {'passed' if told['passed'] else 'not passed'}"]
    if told["long_stop_on"]:
        said.append(f"  whatever happens, not after {told['long_stop_on']}")
    said += [
        f"  {step['on']}: {' '.join((step['cause'] or '', step['turn'])).strip()}"
        f"{' → ' + str(step['ends_on']) if step['ends_on'] else ''}  {step['article']}".rstrip()
        for step in told["steps"]
    ]
    _print(told, said, as_json=as_json)


def _print(told: dict[str, Any], said: list[str], *, as_json: bool) -> None:
    """Print an answer, and below it every rule that it rests on."""
    if as_json:
        typer.echo(json_line(told))
        raise typer.Exit(DONE)
    rules = [
        f"{cite['rule']}: {cite['instrument']}, {cite['article']}"
        f"{'; awaits legal review' if cite['awaits_review'] else ''}"
        for cite in told["cites"]
    ]
    typer.echo("\n".join([*said, *rules]))


def _day(text: str | None) -> date:
    """Return the day named, or today by the office's clock; "" is no day, and not today."""
    return last_day() + timedelta(days=1) if text is None else day(text)


def _money(amount_minor: int) -> str:
    return render_minor(amount_minor, "CNY")


def _yuan(amount_minor: str) -> str:
    """Return an exact number of minor units, fractions and all, in yuan."""
    from decimal import Decimal

    return f"{(Decimal(amount_minor) / 100).normalize():,f}"


def _band(band: dict[str, Any]) -> str:
    end = f"to {_money(band['to_minor'])}" if band["to_minor"] else "and more"
    rate = f"{band['percent']} %" if band["percent"] else "flat"
    return f"from {_money(band['from_minor'])} {end}, {rate}"


def _span(span: dict[str, Any]) -> str:
    limits = "; ".join(
        f"{limit['percent']} % {limit['binds']}"
        f"{' (' + str(limit['multiple']) + ' x LPR)' if limit['multiple'] else ''}"
        for limit in span["limits"]
    )
    end = f"before {span['to']}" if span["to"] else "on"
    return f"{span['percent']} % a year from {span['from']} {end}: {limits}"


def _option(option: dict[str, Any]) -> str:
    state = {True: "open", False: "closed", None: "not known"}[option["open"]]
    why = [
        f"{reason['condition']} ({reason['article']})"
        for reason in option["reasons"]
        if reason["met"] is not True
    ]
    binding = ", binding" if option["mandatory"] else ""
    because = f": {'; '.join(why)}" if why else ""
    return f"  {option['procedure']} {state}{binding}, {_money(option['fee_minor'])}{because}"
