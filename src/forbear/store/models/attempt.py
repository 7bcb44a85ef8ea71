"""A contact that was tried, with its three counters, and how the collector says it ended."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from forbear.kernel.vocabulary import Channel, Disposition
from forbear.store.models.contact_point import ContactPoint
from forbear.store.models.fact import Fact, one_of
from forbear.store.models.person import Person


class Attempt(Fact):
    """One attempt. Attempted, connected and effective are three counters, never merged."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="attempts", db_index=False)
    contact_point = models.ForeignKey(ContactPoint, models.PROTECT, null=True, db_index=False)
    contact_id = models.UUIDField(null=True, unique=True)  # the gate's own contact, if it was ours
    channel = models.TextField()
    inbound = models.BooleanField(default=False)  # the person came to us: not counted
    interactive = models.BooleanField(default=True)  # a conversation, not a notification
    connected = models.BooleanField()
    effective = models.BooleanField()  # right person, real conversation
    at = models.DateTimeField()
    local_on = models.DateField()  # the debtor's own day at that instant; UTC's where no zone
    accounts = ArrayField(models.BigIntegerField(), null=True)  # about which; null: maybe every one
    actor = models.TextField(default="")  # who tried: lender, an agency, a bot

    class Meta:
        db_table = "attempt"
        constraints = (
            one_of("channel", Channel, "attempt_channel"),
            models.CheckConstraint(
                condition=models.Q(connected=True) | models.Q(effective=False),
                name="attempt_effective_is_connected",
            ),
        )
        indexes = (models.Index(fields=["person", "-at"], name="attempt_person"),)


class DispositionNote(Fact):
    """How one attempt ended, coded, with the collector's note encrypted."""

    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="disposition")
    code = models.TextField()
    note_cipher = models.BinaryField(null=True)
    actor = models.TextField()
    effective_at = models.DateTimeField()

    class Meta:
        db_table = "disposition"
        constraints = (one_of("code", Disposition, "disposition_code"),)
