"""Errors that mean a request cannot be served. A refusal is not an error: it is a value."""

from __future__ import annotations


class ForbearError(Exception):
    """The request cannot be served."""

    code = "error"
    http_status = 500

    def __init__(self, detail: str = "", *, why: str = "", **named: object) -> None:
        """Keep what is said, which of a code's causes it is, and the values that it names."""
        super().__init__(detail or (self.__doc__ or "").strip())
        self.why, self.named = why, named
