"""An amount due on a day: an instalment, or a statement's whole balance."""

from __future__ import annotations

from django.db import models

from forbear.kernel.vocabulary import DueKind
from forbear.store.models.account import Account
from forbear.store.models.fact import Fact, one_of


class Due(Fact):
    """A due of one account. An installment is positive; a statement may be a credit balance."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="dues", db_index=False)
    kind = models.TextField()
    effective_on = models.DateField()  # the day it was billed: earlier days do not know it
    due_on = models.DateField()
    amount_minor = models.BigIntegerField()

    class Meta:
        db_table = "due"
        constraints = (
            one_of("kind", DueKind, "due_kind"),
            models.CheckConstraint(
                condition=models.Q(kind="statement") | models.Q(amount_minor__gt=0),
                name="due_installment_positive",
            ),
        )
        indexes = (models.Index(fields=["account", "due_on"], name="due_account"),)
