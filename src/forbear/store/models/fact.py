"""What every fact carries: when it was true, when we learned it, from where, and its own key."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models.functions import Now


def one_of(field: str, words: type[StrEnum], name: str) -> models.CheckConstraint:
    """Return a check that a text field holds a word of a closed list."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": [word.value for word in words]}), name=name
    )


class Fact(models.Model):
    """Bitemporal and append-only: effective_on (or _at) is in each fact, recorded_at is here."""

    id = models.BigAutoField(primary_key=True)
    source = models.TextField()  # import:<file digest>:<row>, api:<key>, console:<user>, demo:…
    source_key = models.TextField(unique=True)  # the same fact twice has the same key: stored once
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True
