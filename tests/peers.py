"""Real peers on loopback for tests of what leaves: a mail server and an SMS gateway, with logs."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session


def lender_packs(folder: Path) -> Path:
    """Write a lender's own sender file, so that real contact points may be sent to."""
    own = folder / "house" / "message"
    own.mkdir(parents=True)
    shipped = files("forbear").joinpath("packs/house/message/sender.yaml").read_text("utf-8")
    (own / "sender.yaml").write_text(shipped.replace("example: true", "example: false"), "utf-8")
    return folder


class Mailbox:
    """An SMTP server. `answer` may be changed: a reply, or a callable that makes one."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.answer: str | Callable[[], str] = "250 taken"
        self.rcpt_answer = "250 OK"
        self.think_s: Callable[[], float] = lambda: 0.0  # between taking a message and saying so
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"smtp://127.0.0.1:{port}?timeout_s=5"
        self._controller = Controller(self, hostname="127.0.0.1", port=port)
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    def ids(self) -> Counter[str]:
        """Return how often each message id arrived."""
        found: Counter[str] = Counter()
        for envelope in self.received:
            head = (envelope.original_content or b"").decode("ascii", "replace")
            line = next(x for x in head.splitlines() if x.lower().startswith("message-id:"))
            found[line.split("<")[1].split("@")[0]] += 1
        return found

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        del server, session, options
        if self.rcpt_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt_answer

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        del server, session
        self.received.append(envelope)
        await asyncio.sleep(self.think_s())
        return self.answer() if callable(self.answer) else self.answer


class Gateway:
    """An SMS provider that delivers each idempotency key once. `code` may be changed."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.delivered: Counter[str] = Counter()
        self.code: int | Callable[[], int] = 200
        self.hang_up = False  # take the message over, then close without an answer
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                gateway.took(self, json.loads(body))

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/messages"

    def config(self, folder: Path, *, keyed: bool = True) -> Path:
        """Write the channel's YAML file and return it."""
        path = folder / "sms.yaml"
        path.write_text(
            f"url: {self.url}\n"
            "headers: {Idempotency-Key: '{idempotency_key}'}\n"
            "json: {to: '{to}', text: '{text}', id: '{idempotency_key}'}\n"
            "timeout_s: 2\nprovider_ref: id\n"
            f"takes_idempotency_key: {str(keyed).lower()}\n"
        )
        return path

    def took(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        with self._lock:
            code = self.code() if callable(self.code) else self.code
            key = handler.headers["Idempotency-Key"]
            self.requests.append(body | {"key": key, "code": code})
            if code < 300 and not self.delivered[key]:
                self.delivered[key] += 1
        if self.hang_up:
            handler.close_connection = True
            return
        answer = json.dumps({"id": f"g-{key[:8]}"}).encode()
        handler.send_response(code)
        handler.send_header("content-length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
