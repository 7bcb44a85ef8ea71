"""What the law requires us to do about a person, what opened it, and what became of it."""

from __future__ import annotations

from django.db import models

from forbear.kernel.vocabulary import DUTY_CLOSED, DutyStage, Occasion
from forbear.store.models.account import Account
from forbear.store.models.fact import Fact, one_of
from forbear.store.models.person import Person


class OccasionFact(Fact):
    """Something happened that opens a duty or closes one, and that no other fact tells."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="occasions", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, null=True, db_index=False)
    kind = models.TextField()
    thread = models.TextField(default="", blank=True)  # the matter's own number
    effective_on = models.DateField()
    act_on = models.DateField(null=True)  # the day of the act that it announces

    class Meta:
        db_table = "occasion"
        constraints = (one_of("kind", Occasion, "occasion_kind"),)
        indexes = (models.Index(fields=["person"], name="occasion_person"),)


class Duty(Fact):
    """One duty of one rule, opened by one fact. What became of it is in its steps."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="duties", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, null=True, db_index=False)
    rule = models.TextField()
    topic = models.TextField()
    clock = models.TextField()  # within, before, throughout
    because = models.TextField()  # the key of the fact that opened it
    occasion = models.TextField()
    thread = models.TextField(default="", blank=True)
    opened_on = models.DateField()
    due_on = models.DateField(null=True)  # the last day in time; null: until a fact ends it
    act_on = models.DateField(null=True)  # the day of the act that it must precede
    strict = models.BooleanField()  # the earliest reading, working days being unknown

    class Meta:
        db_table = "duty"
        constraints = (one_of("occasion", Occasion, "duty_occasion"),)
        indexes = (
            models.Index(fields=["person"], name="duty_person"),
            models.Index(fields=["because"], name="duty_because"),
            models.Index(fields=["due_on"], name="duty_due"),
        )


class DutyStep(Fact):
    """More time, or the end of a duty, with its evidence."""

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="steps", db_index=False)
    stage = models.TextField()
    effective_on = models.DateField()
    due_on = models.DateField(null=True)  # the later day that was asked for or given
    note_cipher = models.BinaryField(null=True)  # the evidence, sealed: it may name people
    actor = models.TextField()

    class Meta:
        db_table = "duty_step"
        constraints = (
            one_of("stage", DutyStage, "duty_step_stage"),
            models.UniqueConstraint(
                fields=["duty"],
                condition=models.Q(stage__in=sorted(stage.value for stage in DUTY_CLOSED)),
                name="duty_step_closes_once",
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=["asked", "extended"], due_on__isnull=False)
                | (~models.Q(stage__in=["asked", "extended"]) & models.Q(due_on__isnull=True)),
                name="duty_step_extends_to_a_day",
            ),
        )
        indexes = (models.Index(fields=["duty"], name="duty_step_duty"),)
