"""`forbear up`: the console and the worker, after all the set-up they need."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from contextlib import suppress
from typing import Annotated, Any

import typer

from forbear.cli.app import app, ready, say
from forbear.cli.demo import Months, live, stand
from forbear.cli.words import last_day, operator
from forbear.kernel.errors import ForbearError


class PortTaken(ForbearError):
    """Another program already listens on that port."""

    code = "serve.port_taken"


@app.command()
def up(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    demo: Annotated[
        bool, typer.Option("--demo", help="Fill an empty book with the demo book, decide a night.")
    ] = False,
    people: Annotated[int, typer.Option(help="The size of the demo book.")] = 20_000,
    months: Months = 0,
    worker: Annotated[bool, typer.Option(help="Run the night and dispatch by themselves.")] = True,
) -> None:
    """Start the console and the worker."""
    check_port(host, port)
    say.print("Database …")
    ready()
    from forbear.console.users import ensure_first_users, ensure_roles

    ensure_roles()
    if demo:
        _demo_book(people, months)
    for line in ensure_first_users(demo=demo):
        say.print(line, markup=False)
    beside = _start_worker() if worker else None
    try:
        _serve(host, port)
    finally:
        if beside:
            beside.terminate()
            beside.join(10)


@app.command("worker")
def work() -> None:
    """Run the night at its hour and dispatch what is due, until stopped."""
    ready()
    from forbear.jobs.worker import run

    run()


@app.command("migrate")
def migrate() -> None:
    """Bring the database's tables to this version, and say whether anything changed."""
    ready(migrate=False)
    from forbear.store.schema import ensure_schema

    typer.echo("The tables were brought up to date." if ensure_schema() else "Nothing to do.")


def check_port(host: str, port: int) -> None:
    """Raise PortTaken where another program listens there already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"{host}:{port} cannot be listened on ({error.strerror});"
                " choose another with --port"
            ) from None


def _demo_book(people: int, months: int) -> None:
    """Fill an empty book and decide one night; leave a book that holds anything alone.

    Where it is to live, one that was stopped on the way goes on, and any other book is refused.
    """
    from forbear.actions.night import do_night
    from forbear.store.models import Night, Person

    as_of = last_day()
    if months:
        say.print(f"Demo book of {people:,} invented people, {months} months of nights …")
        say.print(live(people, as_of, 1, months)[1], markup=False)
    elif not Person.objects.exists():
        say.print(f"Demo book of {people:,} invented people …")
        say.print(stand(people, as_of, 1)[1], markup=False)
    if not Night.objects.filter(as_of=as_of, finished_at__isnull=False).exists():
        from forbear.cli.night import night_in_words

        say.print(f"Night of {as_of} …")
        report = do_night(operator(), as_of=as_of, progress=lambda _: None)
        say.print(night_in_words(report), markup=False)


def _start_worker() -> multiprocessing.process.BaseProcess:
    """Start the worker in a process of its own, so that a stuck send never stops a page."""
    process = multiprocessing.get_context("spawn").Process(target=_worker_main, daemon=True)
    process.start()
    return process


def _worker_main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    ready(migrate=False)
    from forbear.jobs.worker import run

    run()


def proxy() -> str:
    """Return the address of the proxy that this installation stands behind (FORBEAR_PROXY)."""
    return os.environ.get("FORBEAR_PROXY", "").strip()


def behind(address: str) -> dict[str, Any]:
    """Return what the server believes of who is asking: a proxy's word only where it is named.

    Unnamed, everybody behind a proxy has its one address, and one who guesses locks out all.
    """
    if not address:
        return {"clear_untrusted_proxy_headers": True}
    return {
        "trusted_proxy": address,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        "trusted_proxy_count": 1,
        "clear_untrusted_proxy_headers": True,
    }


def _serve(host: str, port: int) -> None:
    import waitress

    from forbear.wsgi import application

    server: Any = waitress.create_server(
        application, host=host, port=port, threads=8, ident=None, **behind(proxy())
    )
    threading.Thread(target=_load_screen, daemon=True).start()
    say.print(f"\nThe console is at http://{host}:{port}  (Ctrl-C stops it)", markup=False)
    signal.signal(signal.SIGTERM, lambda *_: server.close())
    try:
        server.run()
    except (KeyboardInterrupt, OSError):
        server.close()


def _load_screen() -> None:
    """Read the screen's phrases and weights, so that nobody's first text waits for them."""
    from forbear.store.screening import fetch_screen

    with suppress(ForbearError):  # whoever screens a text is told
        fetch_screen()
