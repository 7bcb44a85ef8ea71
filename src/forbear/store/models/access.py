"""Who looked at personal data and why, and the keys that programs sign in with."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from forbear.store.models.contact_point import ContactPoint
from forbear.store.models.person import Person


class Reveal(models.Model):
    """One look at one piece of personal data, with the reader's reason."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="reveals", db_index=False)
    contact_point = models.ForeignKey(ContactPoint, models.PROTECT, null=True, db_index=False)
    field = models.TextField()  # name, identifier, or value
    reason = models.TextField()
    actor = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "reveal"
        constraints = (
            models.CheckConstraint(condition=~models.Q(reason=""), name="reveal_has_a_reason"),
        )
        indexes = (models.Index(fields=["person"], name="reveal_person"),)


class ApiKey(models.Model):
    """A program's key. Only its hash is kept; revoking is a later row of the same name."""

    id = models.BigAutoField(primary_key=True)
    name = models.TextField()
    key_hash = models.BinaryField(unique=True)  # SHA-256 of the secret
    scopes = ArrayField(models.TextField())  # empty in a revoking row
    agency = models.ForeignKey(
        "store.Agency", models.PROTECT, null=True, related_name="keys", db_index=False
    )  # whose program it is; None: the lender's own
    revokes = models.ForeignKey("self", models.PROTECT, null=True)
    actor = models.TextField(default="")  # who made or revoked it; "" before it was kept
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "api_key"
