"""The door for any WSGI server: console, API and static files in one application."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forbear.settings")
_whole = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer one request; to HEAD with the headers alone, which not every server sees to."""
    body: Any = _whole(environ, start_response)
    if environ["REQUEST_METHOD"] != "HEAD":
        answer: Iterable[bytes] = body
        return answer
    if hasattr(body, "close"):
        body.close()
    return []
