"""Leave to debit an account, what the bank was asked for under it, and what it answered."""

from __future__ import annotations

from django.db import models

from forbear.bank.debit_state import DebitOutcome, Decline, MandateStage
from forbear.store.models.account import Account
from forbear.store.models.fact import Fact, one_of


class Mandate(Fact):
    """One stage of one mandate. A reference belongs to one account, and is never given again."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="mandates")
    mandate_ref = models.TextField()
    stage = models.TextField()
    payday = models.SmallIntegerField(null=True)  # day of the month, where it is known
    effective_at = models.DateTimeField()

    class Meta:
        db_table = "mandate"
        constraints = (
            one_of("stage", MandateStage, "mandate_stage"),
            models.CheckConstraint(
                condition=models.Q(payday__isnull=True) | models.Q(payday__gte=1, payday__lte=31),
                name="mandate_payday",
            ),
        )
        indexes = (models.Index(fields=["mandate_ref"], name="mandate_ref"),)


class DebitRequest(Fact):
    """What the bank was asked for, once; a payment that follows has its request_ref."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="debits", db_index=False)
    request_ref = models.TextField(unique=True)
    mandate_ref = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    asked_on = models.DateField()
    due_on = models.DateField()  # the oldest due day that it reaches for
    number = models.SmallIntegerField()  # from 1: which try for that day

    class Meta:
        db_table = "debit_request"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="debit_request_positive"
            ),
            models.UniqueConstraint(fields=["account", "asked_on"], name="debit_asked_once"),
        )
        indexes = (
            models.Index(fields=["asked_on"], name="debit_request_day"),
            models.Index(fields=["mandate_ref"], name="debit_request_mandate"),
        )


class DebitResult(Fact):
    """What became of a request. It has one result; money that goes back is a payment reversed."""

    request = models.OneToOneField(DebitRequest, models.PROTECT, related_name="result")
    outcome = models.TextField()
    decline = models.TextField(default="", blank=True)  # "" where it succeeded
    effective_on = models.DateField()

    class Meta:
        db_table = "debit_result"
        constraints = (
            one_of("outcome", DebitOutcome, "debit_result_outcome"),
            models.CheckConstraint(
                condition=models.Q(outcome="succeeded", decline="")
                | models.Q(outcome="declined", decline__in=[word.value for word in Decline]),
                name="debit_result_says_why",
            ),
        )
