"""`forbear law`: what the packs say and what follows from them."""

from __future__ import annotations

import typer

from forbear.cli.app import app
from forbear.cli.law_calc import calc
from forbear.cli.law_report import reports
from forbear.cli.law_rules import rules

law = typer.Typer(help="The law as packs: what follows from it.", no_args_is_help=True)
law.add_typer(calc, name="calc")
law.add_typer(rules)
law.add_typer(reports)
app.add_typer(law, name="law")
