"""What of a name, number or address a reader sees before saying why they need it. Pure."""

from __future__ import annotations

from forbear.kernel.vocabulary import PointKind


def masked_name(name: str) -> str:
    """Return a name with all but its first and last character hidden; two characters keep one.

    Errors: none.
    Source: house convention: enough to know whom one speaks of, too little to look them up.
    """
    if not name:
        return ""
    if name.isascii():
        return " ".join(word[0] + "***" for word in name.split())
    if len(name) <= 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def masked_point(kind: str, value: str) -> str:
    """Return a contact point with its middle hidden.

    Errors: none.
    Source: house convention, as for names.
    """
    if kind == PointKind.email and "@" in value:
        local, _, domain = value.partition("@")
        return f"{local[:1]}***@{domain}"
    if kind == PointKind.address:
        return value[:6] + "****"
    return masked_middle(value)


def masked_middle(value: str) -> str:
    """Return a value with its middle hidden: at most its first three and last four are kept.

    Errors: none.
    Source: house convention.
    """
    if len(value) >= 11:
        return f"{value[:3]}****{value[-4:]}"
    return f"{value[:1]}****{value[-2:]}" if len(value) >= 5 else "****"
