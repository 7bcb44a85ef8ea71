"""What a source reports of arrears without saying which due is unpaid."""

from __future__ import annotations

from django.db import models

from forbear.store.models.account import Account
from forbear.store.models.fact import Fact


class ReportedDelinquency(Fact):
    """At the close of effective_on the source calls the account so many months late; 0 is none."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="reports", db_index=False)
    effective_on = models.DateField()
    months_late = models.SmallIntegerField()

    class Meta:
        db_table = "reported_delinquency"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(months_late__gte=0), name="reported_delinquency_not_negative"
            ),
        )
        indexes = (
            models.Index(fields=["account", "-effective_on"], name="reported_delinquency_account"),
        )
