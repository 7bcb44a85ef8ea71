"""`forbear product`: what is offered, what an offer costs, and the table of costs on paper.

Nothing here asks a database: the packs alone answer.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from forbear.cli.app import DONE, WITH_REJECTS, app, say
from forbear.cli.words import day, json_line, last_day, operator
from forbear.kernel.money import minor, render_minor

products = typer.Typer(help="Products as data, and what they cost.", no_args_is_help=True)
app.add_typer(products, name="product")
Name = Annotated[str, typer.Argument(help="The product's name, as `product list` shows it.")]
On = Annotated[str, typer.Option("--on", help="The day of the contract; today without it.")]
Yuan = Annotated[str, typer.Option("--amount", help="In the product's currency, such as 1200.00.")]
Count = Annotated[int, typer.Option("--installments", help="3, 6, 12 … as the product has them.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@products.command("list")
def list_products(on: On = "", as_json: AsJson = False) -> None:
    """Say which products there are, and which are offered on a day."""
    from forbear.actions.product import access_products

    told = access_products(operator(), on=_day(on))
    if as_json:
        typer.echo(json_line(told))
        raise typer.Exit(DONE)
    for each in told:
        span = f"{_money(each['least_minor'], each)} to {_money(each['most_minor'], each)}"
        plans = ", ".join(str(count) for count in each["installments"])
        state = f"from {each['from']}" if each["in_force"] else "not offered on that day"
        typer.echo(
            f"{each['product']}: {each['title_en']} ({each['title_zh']}), {each['lender']},"
            f" {span}, in {plans}; {state}"
        )


@products.command("show")
def show(name: Name, on: On = "", as_json: AsJson = False) -> None:
    """Say everything that a product says on a day."""
    from forbear.actions.product import access_product

    told = access_product(operator(), name, on=_day(on))
    if as_json:
        typer.echo(json_line(told))
        raise typer.Exit(DONE)
    typer.echo(f"{told['product']}: {told['title_en']} ({told['title_zh']})")
    typer.echo(f"from {told['from']} to {told['to'] or 'now'}, {told['digest']}")
    for key, value in told["terms"].items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            typer.echo(f"  {key}:")
            for item in value:
                typer.echo("    " + ", ".join(f"{k} {v}" for k, v in item.items()))
        else:
            typer.echo(f"  {key}: {_shown(value)}")


@products.command("offer")
def offer(
    name: Name, yuan: Yuan, installments: Count = 1, on: On = "", as_json: AsJson = False
) -> None:
    """Say what an offer would be: schedule, all-in cost, cap. Leaves with 1 where refused."""
    from forbear.actions.product import access_offer

    told = access_offer(
        operator(),
        name,
        amount_minor=_amount(name, yuan, on),
        installments=installments,
        on=_day(on),
    )
    if as_json:
        typer.echo(json_line(told))
    else:
        typer.echo("\n".join(_offer_lines(told)))
    raise typer.Exit(DONE if told["may_be_made"] else WITH_REJECTS)


@products.command("cost-table")
def cost_table(
    name: Name,
    out: Annotated[Path, typer.Argument(help="The PDF to write.")],
    yuan: Yuan,
    installments: Count = 1,
    on: On = "",
    language: Annotated[str, typer.Option("--language", help="zh or en")] = "zh",
) -> None:
    """Write the table of all costs that a borrower is shown and confirms before the contract."""
    from forbear.actions.cost_table import access_cost_table
    from forbear.channel.paper import day_pdf

    told = access_cost_table(
        operator(),
        name,
        amount_minor=_amount(name, yuan, on),
        installments=installments,
        on=_day(on),
        language=language,
    )
    try:
        out.write_bytes(day_pdf("cost_table", told, on=_day(on)))
    except OSError as error:
        raise typer.BadParameter(f"{out} cannot be written: {error.strerror}") from None
    say.print(f"{out}: offer {told['offer_digest']}", markup=False, soft_wrap=True)


def _amount(name: str, yuan: str, on: str) -> int:
    """Return an amount written in the product's currency in minor units."""
    from forbear.actions.product import access_product

    return minor(yuan, str(access_product(operator(), name, on=_day(on))["terms"]["currency"]))


def _offer_lines(told: dict[str, Any]) -> list[str]:
    """Return an offer as people read it."""
    cap = told["cap"]
    others = ", ".join(
        f"{each['percent']} % by {formula}"
        for formula, each in told["rates"].items()
        if formula != told["formula"]
    )
    said = [
        f"{_money(told['amount_minor'], told)} in {told['installments']}, {told['method']}",
        f"all-in cost {told['percent']} % a year by {told['formula']} ({others})",
        f"cap {cap['percent']} %" if cap else "cap not known",
        f"{_money(told['cost_minor'], told)} of cost, {_money(told['total_minor'], told)} in all",
    ]
    said += [
        f"  {row['number']:>2}  {row['due_on']}  {_money(row['total_minor'], told)}"
        f"  principal {_money(row['principal_minor'], told)}"
        f"  interest {_money(row['interest_minor'], told)}"
        f"  fees {_money(row['fee_minor'] + row['charge_minor'], told)}"
        for row in told["dues"]
    ]
    said += [f"must not be made: {each['says']}  [{each['code']}]" for each in told["refusals"]]
    said += [
        f"{limit['rule']}: {limit['instrument']}, {limit['article']}, {limit['percent']} %"
        f" {limit['binds']}{'; awaits legal review' if limit['awaits_review'] else ''}"
        for limit in (cap["limits"] if cap else [])
    ]
    return said


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    return (
        "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    )


def _day(text: str) -> date:
    """Return the day named, or today by the office's clock."""
    return day(text) if text else last_day() + timedelta(days=1)


def _money(amount_minor: int, told: dict[str, Any]) -> str:
    return render_minor(amount_minor, told["currency"])
