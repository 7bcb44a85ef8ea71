"""Errors that mean a request cannot be served. A refusal is not an error: it is a value."""

from __future__ import annotations


class ForbearError(Exception):
    """The request cannot be served."""

    code = "error"
    http_status = 500

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or (self.__doc__ or "").strip())
