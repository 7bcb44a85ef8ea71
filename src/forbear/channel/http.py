"""SMS and app messages by a request to the provider's own HTTP interface, written in a YAML file.

Where the provider takes an idempotency key, a request whose answer was lost is repeated under the
same key and delivered once. Where it does not, a lost answer is an unknown outcome.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import yaml

from forbear.channel.base import BadChannelConfig, Found, Outcome, Outgoing, Result

WORDS = frozenset({"to", "subject", "text", "contact_id", "idempotency_key"})
WORD = re.compile(r"\{([a-z_]+)\}")
ENVIRONMENT = re.compile(r"\$\{([A-Z0-9_]+)\}")
KEYS = frozenset(
    {"url", "method", "headers", "form", "json", "timeout_s", "accepted"}
    | {"provider_ref", "takes_idempotency_key"}
)
HTTP_ACCEPTED = (200, 201, 202, 204)
HTTP_AGAIN = (408, 425, 429)  # the provider did not take it over and wants it later


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One provider's request, with {words} to fill in."""

    url: str
    method: str
    headers: Mapping[str, str]
    body: Any  # strings, lists and mappings of them
    as_form: bool
    timeout_s: float
    accepted: tuple[int, ...]
    provider_ref: tuple[str, ...]  # path to the provider's id in its JSON answer
    takes_idempotency_key: bool


def parse_request(text: str, environment: Mapping[str, str], *, where: str) -> Request:
    """Return the request that a YAML file describes; ${NAME} in url and headers is environment.

    Errors: BadChannelConfig, naming the file and the key.
    """
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadChannelConfig(f"{where} is not YAML: {error}") from None
    if not isinstance(read, dict) or not set(read) <= KEYS:
        raise BadChannelConfig(f"{where} must be a mapping of {sorted(KEYS)}")
    if ("json" in read) == ("form" in read):
        raise BadChannelConfig(f"{where} needs one body: `json` or `form`")
    request = Request(
        url=_environment(str(read.get("url", "")), environment, where),
        method=str(read.get("method", "POST")).upper(),
        headers={
            str(name): _environment(str(value), environment, where)
            for name, value in (read.get("headers") or {}).items()
        },
        body=read.get("json", read.get("form")),
        as_form="form" in read,
        timeout_s=float(read.get("timeout_s", 10)),
        accepted=tuple(read.get("accepted", HTTP_ACCEPTED)),
        provider_ref=tuple(str(read.get("provider_ref", "")).split(".")),
        takes_idempotency_key=read.get("takes_idempotency_key") is True,
    )
    return _checked(request, where)


def _checked(request: Request, where: str) -> Request:
    if urlsplit(request.url).scheme not in {"http", "https"}:
        raise BadChannelConfig(f"{where} url must be an http or https address")
    used = set(WORD.findall(json.dumps([request.headers, request.body], ensure_ascii=False)))
    if used - WORDS:
        raise BadChannelConfig(f"{where} uses unknown words {sorted(used - WORDS)}")
    for word in ("to", "text"):
        if word not in used:
            raise BadChannelConfig(f"{where} never says {{{word}}}")
    if request.takes_idempotency_key and not used & {"idempotency_key", "contact_id"}:
        raise BadChannelConfig(
            f"{where} says the provider takes an idempotency key but never gives it one"
        )
    return request


def _environment(value: str, environment: Mapping[str, str], where: str) -> str:
    def found(name: re.Match[str]) -> str:
        if name[1] not in environment:
            raise BadChannelConfig(f"{where} needs the environment variable {name[1]}")
        return environment[name[1]]

    return ENVIRONMENT.sub(found, value)


def load_request(path: str, environment: Mapping[str, str]) -> Request:
    """Return the request of a YAML file on disk. Raises BadChannelConfig."""
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadChannelConfig(f"{path} cannot be read: {error}") from None
    return parse_request(text, environment, where=path)


class HttpWay:
    """One provider."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._client: httpx.Client | None = None

    def ready(self) -> None:
        """Have a client; its connection is opened by the first request."""
        if self._client is None:
            self._client = httpx.Client(timeout=self._request.timeout_s, trust_env=False)

    def prepare(self, outgoing: Outgoing) -> None:
        """Nothing to make ready."""

    def found(self, contact_id: str) -> Found:
        """Under an idempotency key it may be handed over again; without one nobody can say."""
        del contact_id
        return Found.absent if self._request.takes_idempotency_key else Found.unknown

    def close(self) -> None:
        """Close kept connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def send(self, outgoing: Outgoing) -> Outcome:
        """Make the request once and read the answer."""
        self.ready()
        assert self._client is not None
        request = self._request
        try:
            made = self._client.build_request(
                request.method, request.url, **content(request, outgoing)
            )
        except (ValueError, UnicodeError) as error:
            return Outcome(
                result=Result.refused, error=f"the request cannot be made: {error}"[:300]
            )
        try:
            answer = self._client.send(made)
        except httpx.LocalProtocolError as error:  # found before a byte left
            return Outcome(result=Result.refused, error=_said(error))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Outcome(result=Result.failed, error=_said(error))  # not a byte left
        except httpx.HTTPError as error:
            return Outcome(result=self._in_doubt(), error=_said(error))
        return self._outcome(answer)

    def _outcome(self, answer: httpx.Response) -> Outcome:
        code = answer.status_code
        if code in self._request.accepted:
            return Outcome(result=Result.sent, provider_ref=self._provider_ref(answer))
        error = f"HTTP {code}"
        if code in HTTP_AGAIN:
            return Outcome(result=Result.failed, error=error)
        if 400 <= code < 500:
            return Outcome(result=Result.refused, error=error)
        return Outcome(result=self._in_doubt(), error=error)

    def _in_doubt(self) -> Result:
        """A repetition under the same key cannot deliver twice, so doubt is only a delay."""
        return Result.doubtful if self._request.takes_idempotency_key else Result.unknown

    def _provider_ref(self, answer: httpx.Response) -> str:
        try:
            found: Any = answer.json()
            for name in self._request.provider_ref:
                found = found[name]
        except (ValueError, KeyError, TypeError):
            return ""
        return str(found)[:200]


def content(request: Request, outgoing: Outgoing) -> dict[str, Any]:
    """Return the headers and the body of a request with its words filled in."""
    words = {
        "to": outgoing.to,
        "subject": outgoing.subject,
        "text": outgoing.text,
        "contact_id": outgoing.contact_id,
        "idempotency_key": outgoing.idempotency_key,
    }
    body = _filled(request.body, words)
    headers = {name: _filled(value, words) for name, value in request.headers.items()}
    if request.as_form:
        kind, text = "application/x-www-form-urlencoded", urlencode(body)
    else:
        kind, text = "application/json", json.dumps(body, ensure_ascii=False)
    return {"headers": {"content-type": kind, **headers}, "content": text.encode()}


def _filled(part: Any, words: Mapping[str, str]) -> Any:
    """Return a body with its words filled in, inside values only: nothing can break out of one."""
    if isinstance(part, str):
        return WORD.sub(lambda word: words[word[1]], part)
    if isinstance(part, list):
        return [_filled(item, words) for item in part]
    if isinstance(part, dict):
        return {key: _filled(value, words) for key, value in part.items()}
    return part


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
