"""What a night decided: one row per intended contact, with its reasons."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from forbear.kernel.vocabulary import PlanState
from forbear.store.models.contact_point import ContactPoint
from forbear.store.models.fact import one_of
from forbear.store.models.person import Person


class Night(models.Model):
    """One night's run for one as-of day. A later run for the same day replaces its plan."""

    id = models.BigAutoField(primary_key=True)
    as_of = models.DateField()
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    step = models.TextField(default="", blank=True)  # the last step that was finished
    report = models.JSONField(default=dict)  # exactly what `forbear night --json` prints
    detail = models.JSONField(default=dict)  # what the pages show besides: roll rates, segments
    facts_digest = models.TextField(default="", blank=True)
    packs_digest = models.TextField(default="", blank=True)
    plan_digest = models.TextField(default="", blank=True)

    class Meta:
        db_table = "night"
        indexes = (models.Index(fields=["-as_of", "-id"], name="night_as_of"),)


# A plan's links are not checked row by row: what they name is never removed (persons and contact
# points are append-only), one function writes them all at once, and each check would lock a person.
UNCHECKED = False


class Plan(models.Model):
    """One person's decision of one night: a contact, a wait, a referral or a refusal."""

    id = models.BigAutoField(primary_key=True)
    night = models.ForeignKey(
        Night, models.CASCADE, related_name="plans", db_constraint=UNCHECKED, db_index=False
    )
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="plans", db_constraint=UNCHECKED, db_index=False
    )
    action = models.TextField()  # a channel, or wait, refer, refused
    contact_point = models.ForeignKey(
        ContactPoint, models.PROTECT, null=True, db_constraint=UNCHECKED, db_index=False
    )
    purpose = models.TextField(default="", blank=True)
    planned_at = models.DateTimeField(null=True)  # the instant the law was asked about
    segment = models.TextField()  # the leaf of the strategy tree
    reasons = ArrayField(models.TextField())  # why this action: reason codes
    blocked_by = ArrayField(models.TextField())  # rules that forbade what the leaf wanted
    message = models.TextField(default="", blank=True)  # message id for one-way channels
    accounts = ArrayField(models.BigIntegerField())  # account ids that the contact is about
    due_minor = models.BigIntegerField()
    currency = models.TextField()
    days_past_due = models.IntegerField()
    bucket = models.TextField()
    score = models.SmallIntegerField()
    state = models.TextField(default=PlanState.planned.value)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "plan"
        constraints = (
            one_of("state", PlanState, "plan_state"),
            models.UniqueConstraint(fields=["night", "person"], name="plan_once_a_night"),
        )
        indexes = (
            models.Index(
                fields=["planned_at"],
                name="plan_due",
                condition=models.Q(state="planned", planned_at__isnull=False),
            ),
            models.Index(fields=["person"], name="plan_person"),
            models.Index(fields=["night", "action"], name="plan_action"),
        )
