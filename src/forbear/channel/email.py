"""E-mail by SMTP. A server takes no idempotency key, so a message is handed over at most once.

Until the server has been asked for DATA nothing can have left, and a fault is a sure failure. From
the first byte of the message on, only the server's own reply is believed; without it the outcome
is unknown.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import parse_qsl, unquote, urlsplit

from forbear.channel.base import BadChannelConfig, Found, Outcome, Outgoing, Result

DEFAULT_PORT = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where and as whom we hand in."""

    host: str
    port: int
    sender: str  # the From header: a name and an address
    user: str = ""
    password: str = ""
    tls: bool = False  # TLS from the first byte (smtps)
    starttls: bool = False
    timeout_s: float = 20.0


def parse_smtp(url: str, sender: str) -> SmtpServer:
    """Return the server of an address like smtp://user:password@host:587?starttls=1.

    Errors: BadChannelConfig.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    known = parts.scheme in DEFAULT_PORT and not set(options) - {"starttls", "timeout_s"}
    try:
        port, timeout_s = parts.port, float(options.get("timeout_s", 20))
    except ValueError:
        known = False
    if not known or not parts.hostname or not timeout_s > 0:
        raise BadChannelConfig(
            "FORBEAR_SMTP_URL must read smtp://user:password@host:port?starttls=1&timeout_s=20"
            " or smtps://…; only the host is needed"
        )
    if "@" not in parseaddr(sender)[1]:
        raise BadChannelConfig("FORBEAR_EMAIL_FROM must be an address: 名称 <name@example.com>")
    return SmtpServer(
        host=parts.hostname,
        port=port or DEFAULT_PORT[parts.scheme],
        sender=sender,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
        starttls=options.get("starttls") == "1",
        timeout_s=timeout_s,
    )


class EmailWay:
    """One SMTP server, with one connection kept between messages."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def ready(self) -> None:
        """Open a connection, or see that the kept one still answers."""
        try:
            self._connect()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def prepare(self, outgoing: Outgoing) -> None:
        """Nothing to make ready."""

    def found(self, contact_id: str) -> Found:
        """Nobody can be asked what an SMTP server did with a message."""
        del contact_id
        return Found.unknown

    def close(self) -> None:
        """Say goodbye to the server."""
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (OSError, smtplib.SMTPException):
                self._smtp.close()
            self._smtp = None

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand one message to the server, at most once."""
        try:
            raw = written(outgoing, self._server.sender)
            outgoing.to.encode("ascii")
        except ValueError:
            return Outcome(result=Result.refused, error="this is not an e-mail address")
        try:
            smtp = self._smtp or self._connect()
            refusal = self._envelope(smtp, outgoing.to)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Outcome(result=Result.failed, error=said(error))
        if refusal is not None:
            return refusal
        try:
            smtp.send(re.sub(rb"(?m)^\.", b"..", raw) + b".\r\n")
            code, words = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Outcome(result=Result.unknown, error=f"after DATA: {said(error)}")
        if code == 250:
            return Outcome(result=Result.sent, provider_ref=words.decode(errors="replace")[:200])
        return self._refused(code, words)

    def _connect(self) -> smtplib.SMTP:
        """Return a connection that answers: the kept one, or a new one."""
        if self._smtp is not None:
            try:
                if self._smtp.noop()[0] == 250:
                    return self._smtp
            except (OSError, smtplib.SMTPException):
                pass
            self._drop()
        server = self._server
        kind = smtplib.SMTP_SSL if server.tls else smtplib.SMTP
        smtp = kind(server.host, server.port, timeout=server.timeout_s)
        self._smtp = smtp
        smtp.ehlo_or_helo_if_needed()
        if server.starttls:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
        return smtp

    def _envelope(self, smtp: smtplib.SMTP, to: str) -> Outcome | None:
        """Open one message; return the refusal where the server refuses before any of it left."""
        sender = parseaddr(self._server.sender)[1]
        code, words = smtp.mail(sender)
        if code == 250:
            code, words = smtp.rcpt(to)
            if code in (250, 251):
                code, words = smtp.docmd("DATA")
                if code == 354:
                    return None
        return self._refused(code, words)

    def _refused(self, code: int, words: bytes) -> Outcome:
        """Return the outcome of a refusal in so many words, and leave the connection clean."""
        if code in (421, -1):
            self._drop()
        elif self._smtp is not None:
            try:
                self._smtp.rset()
            except (OSError, smtplib.SMTPException):
                self._drop()
        result = Result.refused if 500 <= code < 600 else Result.failed
        return Outcome(result=result, error=f"{code} {words.decode(errors='replace')}"[:300])

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def written(outgoing: Outgoing, sender: str) -> bytes:
    """Return a message as its bytes on the wire. Raises ValueError where a header cannot be."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = sender
    letter["To"] = outgoing.to
    letter["Subject"] = outgoing.subject
    letter["Date"] = format_datetime(outgoing.at)
    letter["Message-ID"] = f"<{outgoing.contact_id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(outgoing.text, cte="base64")
    if outgoing.html:
        letter.add_alternative(outgoing.html, subtype="html", cte="base64")
    return letter.as_bytes()


def said(error: BaseException) -> str:
    """Return what went wrong, without the message."""
    if isinstance(error, smtplib.SMTPResponseException):
        raw = error.smtp_error
        return (
            f"{error.smtp_code} {raw.decode(errors='replace') if isinstance(raw, bytes) else raw}"
        )
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    return str(error)[:300] or type(error).__name__
