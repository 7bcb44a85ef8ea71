"""A borrower's stated date and amount. Whether it was kept is derived from payments."""

from __future__ import annotations

from django.db import models

from forbear.store.models.fact import Fact
from forbear.store.models.person import Person


class Promise(Fact):
    """What was promised. Machines remind; people take promises."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="promises", db_index=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    due_on = models.DateField()
    effective_at = models.DateTimeField()  # when it was made
    actor = models.TextField()

    class Meta:
        db_table = "promise"
        constraints = (
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="promise_positive"),
        )
        indexes = (models.Index(fields=["person"], name="promise_person"),)
