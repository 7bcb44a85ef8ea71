"""`forbear may-contact` and `forbear explain`: the gate's answer in words, with articles."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from forbear.cli.app import app, ready
from forbear.cli.words import instant, json_line, operator, word


@app.command("may-contact")
def may_contact(
    person: Annotated[str, typer.Argument(help="The person's reference, such as demo:000001.")],
    channel: Annotated[str, typer.Option("--channel", "-c", help="app sms email letter voice")],
    at: Annotated[
        str,
        typer.Option(help="The instant, ISO 8601; without a zone, by the person's own clock."),
    ],
    relation: Annotated[
        str,
        typer.Option(help="Whose contact point: obligor, guarantor, contact_person, relative …"),
    ] = "obligor",
    purpose: Annotated[str, typer.Option(help="remind, arrange or locate.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say whether a contact is allowed, and every rule asked. Reserves nothing."""
    from forbear.kernel.vocabulary import Channel, Purpose, Relation

    how, when, whose = word(channel, Channel), instant(at), word(relation, Relation)
    why = word(purpose, Purpose) if purpose else None
    ready()
    from forbear.actions.contact import may_contact as ask
    from forbear.actions.explain import explained_answer, person_instant, render_explained

    reader = operator()
    answer = ask(
        reader,
        person_ref=person,
        channel=how,
        at=person_instant(reader, person, when),
        relation=whose,
        purpose=why,
    )
    told = explained_answer(answer)
    _print(told, render_explained(told), as_json=as_json)


@app.command()
def explain(
    contact: Annotated[str, typer.Argument(help="The contact's id, as the console shows it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say why a contact was planned, allowed or refused, in words, with articles."""
    ready()
    from forbear.actions.explain import access_contact, render_explained

    told = access_contact(operator(), contact_id=contact)
    _print(told, render_explained(told), as_json=as_json)


def _print(told: dict[str, Any], text: str, *, as_json: bool) -> None:
    typer.echo(json_line(told) if as_json else text)
