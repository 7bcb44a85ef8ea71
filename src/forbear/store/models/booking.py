"""What the books are told of an account: its contract, and every fact but money from outside."""

from __future__ import annotations

from django.db import models

from forbear.servicing.fact import BookingKind
from forbear.store.models.account import Account
from forbear.store.models.fact import Fact, one_of


class Contract(Fact):
    """An account that is serviced here, and the terms it is under for all its time.

    What the terms mean for the books stands in the row: a product that is changed later changes
    nothing for whoever agreed before.
    """

    account = models.OneToOneField(Account, models.PROTECT, related_name="contract")
    product = models.TextField()
    formed_on = models.DateField()  # the terms and the caps are those of this day
    terms_digest = models.TextField()
    conditions = models.JSONField()  # servicing/conditions.py says what stands in it
    actor = models.TextField()

    class Meta:
        db_table = "contract"


class Booking(Fact):
    """One fact about a serviced account; payments and plain refunds have tables of their own."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="bookings", db_index=False)
    kind = models.TextField()
    effective_on = models.DateField()
    amount_minor = models.BigIntegerField(default=0)
    about = models.TextField(default="", blank=True)  # the key of the fact that it is about
    days = models.IntegerField(default=0)
    schedule = models.JSONField(default=list)  # the installments that were agreed with it
    rule = models.TextField(default="", blank=True)  # the rule that allows it, where one must
    reason = models.TextField(default="", blank=True)
    actor = models.TextField()

    class Meta:
        db_table = "booking"
        constraints = (
            one_of("kind", BookingKind, "booking_kind"),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gte=0), name="booking_not_negative"
            ),
        )
        indexes = (models.Index(fields=["account", "effective_on"], name="booking_account"),)
