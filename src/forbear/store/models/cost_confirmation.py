"""That a borrower was shown what credit costs, for how long, and confirmed it."""

from __future__ import annotations

from django.db import models

from forbear.kernel.vocabulary import Confirmed
from forbear.store.models.account import Account
from forbear.store.models.fact import Fact, one_of


class CostConfirmation(Fact):
    """One table of all costs, of one offer, confirmed before its contract."""

    account = models.ForeignKey(Account, models.PROTECT, null=True, db_index=False)
    product = models.TextField()
    terms_digest = models.TextField()
    offer_digest = models.TextField()  # names the offer where there is no account yet
    table_digest = models.TextField()  # of the words that were shown
    amount_minor = models.BigIntegerField()
    installments = models.SmallIntegerField()
    contract_on = models.DateField()
    language = models.TextField()
    how = models.TextField()
    shown_s = models.IntegerField(null=True)  # how long it was on the screen; null on paper
    confirmed_by = models.TextField()  # the borrower's reference
    effective_at = models.DateTimeField()  # when it was confirmed
    actor = models.TextField()

    class Meta:
        db_table = "cost_confirmation"
        constraints = (
            one_of("how", Confirmed, "cost_confirmation_how"),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, installments__gt=0),
                name="cost_confirmation_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(how="online", shown_s__gte=0)
                | models.Q(how="paper", shown_s__isnull=True),
                name="cost_confirmation_shown",
            ),
        )
        indexes = (
            models.Index(fields=["account"], name="cost_confirmation_account"),
            models.Index(fields=["offer_digest"], name="cost_confirmation_offer"),
        )
