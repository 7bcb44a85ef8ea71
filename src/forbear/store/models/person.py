"""A person and what is known of them. Names and identifiers are stored encrypted."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from forbear.store.models.fact import Fact


class Person(models.Model):
    """The identity that every fact hangs on, and the row that the gate locks."""

    id = models.BigAutoField(primary_key=True)
    ref = models.TextField(unique=True)  # the lender's own id, with the import's prefix
    lot = models.IntegerField()  # 0..999,999 drawn from the ref once: holdouts and experiments
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "person"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(lot__gte=0, lot__lt=1_000_000), name="person_lot_range"
            ),
        )


class Profile(Fact):
    """Who the person is from a day on. The latest effective one wins, then the latest recorded."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="profiles", db_index=False)
    effective_on = models.DateField()
    name_cipher = models.BinaryField(null=True)
    name_index = models.BinaryField(null=True)  # blind index: equal names, equal bytes
    identifier_cipher = models.BinaryField(null=True)  # identity number
    identifier_index = models.BinaryField(null=True)
    jurisdiction = models.CharField(max_length=2, default="")  # ISO 3166; "" where not known
    zone = models.TextField(default="")  # IANA name; "" where not known
    born_on = models.DateField(null=True)
    language = models.TextField(default="")  # BCP 47; "" means the jurisdiction's own

    class Meta:
        db_table = "profile"
        indexes = (
            models.Index(fields=["person", "-effective_on"], name="profile_person"),
            models.Index(fields=["name_index"], name="profile_name"),
            models.Index(fields=["identifier_index"], name="profile_identifier"),
        )
