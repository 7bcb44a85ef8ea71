"""Money that came in, and money that went back."""

from __future__ import annotations

from django.db import models

from forbear.kernel.vocabulary import UNSETTLED, PaymentStage
from forbear.store.models.account import Account
from forbear.store.models.fact import Fact, one_of


class Payment(Fact):
    """One stage of one payment. A payment's balance effect is settled minus reversed."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="payments", db_index=False)
    payment_ref = models.TextField()  # the same through all its stages
    stage = models.TextField()
    amount_minor = models.BigIntegerField()
    effective_on = models.DateField()  # value date: the day the person paid

    class Meta:
        db_table = "payment"
        constraints = (
            one_of("stage", PaymentStage, "payment_stage"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="payment_positive"),
            models.UniqueConstraint(fields=["payment_ref", "stage"], name="payment_stage_once"),
        )
        indexes = (models.Index(fields=["account", "effective_on"], name="payment_account"),)


class Refund(Fact):
    """Goods returned or a price taken back: lowers what is owed, like a payment."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="refunds", db_index=False)
    amount_minor = models.BigIntegerField()
    effective_on = models.DateField()

    class Meta:
        db_table = "refund"
        constraints = (
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="refund_positive"),
        )
        indexes = (models.Index(fields=["account", "effective_on"], name="refund_account"),)


class RefundStage(Fact):
    """What is known of a refund besides that it settled, which is a row of `refund`.

    From `requested` until it settled or ended otherwise nobody is contacted about the account.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="refund_stages")
    refund_ref = models.TextField()  # the same through all its stages
    stage = models.TextField()
    amount_minor = models.BigIntegerField()
    effective_on = models.DateField()

    class Meta:
        db_table = "refund_stage"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(stage__in=[stage.value for stage in UNSETTLED]),
                name="refund_stage_stage",
            ),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="refund_stage_positive"
            ),
            models.UniqueConstraint(fields=["refund_ref", "stage"], name="refund_stage_once"),
        )


class RefundHold(Fact):
    """What a refund that was asked for holds: a purchase, or all that its account has by its day.

    From its day until the refund ends, for so many days at most, it is not late and bears nothing
    for that.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="refund_holds")
    refund_ref = models.TextField()
    about = models.TextField(default="", blank=True)  # the key of the purchase; "" all
    days = models.IntegerField()  # what the house allowed on the day
    effective_on = models.DateField()

    class Meta:
        db_table = "refund_hold"
        constraints = (
            models.CheckConstraint(condition=models.Q(days__gt=0), name="refund_hold_days"),
            models.UniqueConstraint(fields=["refund_ref"], name="refund_hold_once"),
        )
