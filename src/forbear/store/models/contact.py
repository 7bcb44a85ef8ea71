"""The gate's decisions, the way out, and what came back."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from forbear.kernel.vocabulary import Channel, OutboxState, Purpose
from forbear.store.models.contact_point import ContactPoint
from forbear.store.models.fact import Fact, one_of
from forbear.store.models.person import Person


class Contact(models.Model):
    """One decision of the gate, allowed or refused: the audit row. It is never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(Person, models.PROTECT, related_name="contacts", db_index=False)
    contact_point = models.ForeignKey(ContactPoint, models.PROTECT, null=True, db_index=False)
    plan_id = models.BigIntegerField(null=True, unique=True)
    channel = models.TextField()
    purpose = models.TextField()
    at = models.DateTimeField()  # the instant the law was asked about
    local_on = models.DateField()  # the debtor's own day: the budget it draws on
    allowed = models.BooleanField()
    asked = ArrayField(models.TextField())  # rule ids asked
    blocked_by = ArrayField(models.TextField())  # rule ids that forbade
    facts = models.JSONField()  # the gate's one row of facts, so that the answer replays
    pack_digest = models.TextField()
    due_minor = models.BigIntegerField(null=True)  # what was due, as the message says
    currency = models.TextField(default="", blank=True)
    accounts = ArrayField(models.BigIntegerField(), null=True)  # which debts it is about
    acting = models.TextField()  # who asked: a user, the dispatcher, an api key
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "contact"
        constraints = (
            one_of("channel", Channel, "contact_channel"),
            one_of("purpose", Purpose, "contact_purpose"),
            models.CheckConstraint(
                condition=models.Q(allowed=True, blocked_by=[])
                | (models.Q(allowed=False) & ~models.Q(blocked_by=[])),
                name="contact_refusal_has_a_rule",
            ),
        )
        indexes = (
            models.Index(fields=["person", "local_on"], name="contact_person"),
            models.Index(fields=["recorded_at"], name="contact_recorded"),
        )


class Outbox(models.Model):
    """The way out of one allowed contact. The only mutable row near evidence."""

    contact = models.OneToOneField(Contact, models.PROTECT, primary_key=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="outbox", db_index=False)
    channel = models.TextField()
    fictional = models.BooleanField()
    state = models.TextField(default=OutboxState.queued.value)
    tries = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    lease = models.BigIntegerField(null=True)  # advisory-lock key of the process that is sending
    provider_ref = models.TextField(default="", blank=True)
    error = models.TextField(default="", blank=True)
    # When its sender took it in hand, the gate asked for the last time; what is sent was sent then.
    handed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "outbox"
        constraints = (
            one_of("state", OutboxState, "outbox_state"),
            # What can belong to nobody can never be handed to a channel.
            models.CheckConstraint(
                condition=models.Q(fictional=False)
                | models.Q(state__in=["rehearsed", "listed", "done", "cancelled"]),
                name="outbox_fictional_is_never_sent",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_try_at"],
                name="outbox_due",
                condition=models.Q(state__in=["queued", "failed"]),
            ),
            models.Index(
                fields=["lease"], name="outbox_sending", condition=models.Q(state="sending")
            ),
            models.Index(fields=["person", "state"], name="outbox_person"),
        )


class Receipt(Fact):
    """What the provider said became of a contact."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="receipts")
    outcome = models.TextField()  # delivered, undelivered, read, bounced
    provider_ref = models.TextField(default="", blank=True)
    effective_at = models.DateTimeField()
    detail = models.TextField(default="", blank=True)

    class Meta:
        db_table = "receipt"
