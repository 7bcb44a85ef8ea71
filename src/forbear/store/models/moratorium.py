"""Areas in which nobody is contacted for a while, by order or by the house's own decision."""

from __future__ import annotations

from django.db import models

from forbear.store.models.fact import Fact


class Moratorium(Fact):
    """One area of one jurisdiction, from a day on. Days are each person's own; half-open."""

    jurisdiction = models.CharField(max_length=2)  # ISO 3166
    area = models.TextField()  # as kernel/area.py writes it
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)  # null: until somebody ends it
    # Whether it holds for people of whom nobody knows whether they are in the area.
    holds_unknown = models.BooleanField(default=True)
    reason = models.TextField()
    notice = models.TextField()  # who ordered it, and where that can be read
    actor = models.TextField()

    class Meta:
        db_table = "moratorium"
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(area="") & ~models.Q(reason="") & ~models.Q(notice=""),
                name="moratorium_says_where_and_why",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gt=models.F("starts_on")),
                name="moratorium_ends_after_it_starts",
            ),
        )


class MoratoriumEnd(Fact):
    """Another last day of a moratorium: earlier, or later. The one recorded last counts."""

    moratorium = models.ForeignKey(Moratorium, models.PROTECT, related_name="ends")
    ends_on = models.DateField()  # the first day on which it no longer holds
    reason = models.TextField()
    actor = models.TextField()

    class Meta:
        db_table = "moratorium_end"
        constraints = (
            models.CheckConstraint(condition=~models.Q(reason=""), name="moratorium_end_says_why"),
        )
