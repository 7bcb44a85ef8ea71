"""The books: what moved, on which day, when it was written, and which day's close wrote it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from forbear.ledger.transfer import LEGS
from forbear.store.models.account import Account

UNCHECKED = False  # links are written by one function, and what they name is never removed


def allowed_legs() -> str:
    """Return the SQL of what each kind may move between, and back where it undoes."""
    pairs = sorted(f"{k}:{d}:{c}" for k, legs in LEGS.items() for d, c in legs)
    back = sorted(f"{k}:{c}:{d}" for k, legs in LEGS.items() for d, c in legs)
    listed, undoing = (", ".join(f"'{each}'" for each in rows) for rows in (pairs, back))
    moved = "kind || ':' || debit || ':' || credit"
    return (
        f"case when reverses then {moved} = any(array[{undoing}])"
        f" else {moved} = any(array[{listed}]) end"
    )


class Close(models.Model):
    """The close of one day: written once, in the transaction that writes its transfers."""

    id = models.BigAutoField(primary_key=True)
    as_of = models.DateField(unique=True)
    closed_at = models.DateTimeField(db_default=Now())
    accounts = models.BigIntegerField()
    late = models.BigIntegerField()  # of them, those whose days were lived again
    transfers = models.BigIntegerField()  # written by this close, corrections included
    corrected = models.BigIntegerField()  # of them, those that undo what no longer follows
    state_digest = models.TextField()  # of every account and installment at the end of the day
    balances = models.JSONField()  # what stands on each account of the book, by currency
    actor = models.TextField()

    class Meta:
        db_table = "close"


class Closing(models.Model):
    """A day whose close has begun: from then on nobody but the close posts in it."""

    as_of = models.DateField(primary_key=True)
    began_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "closing"


class Transfer(models.Model):
    """One amount, debited here and credited there."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, db_constraint=UNCHECKED, db_index=False)
    kind = models.TextField()
    debit = models.TextField()
    credit = models.TextField()
    amount_minor = models.BigIntegerField()
    effective_on = models.DateField()  # the day it is true of
    booked_on = models.DateField()  # the day of the books in which it stands
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    lent_by = models.TextField(null=True)  # the key of the fact whose installment it is of
    number = models.SmallIntegerField(null=True)  # and which of its installments
    cause = models.TextField(null=True)  # the key of the fact that it follows from
    reverses = models.BooleanField(default=False)  # it undoes one that no longer follows
    rules = models.TextField()  # the first twelve digits of the terms' digest

    class Meta:
        db_table = "transfer"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="transfer_above_zero"
            ),
            models.CheckConstraint(
                condition=models.expressions.RawSQL(
                    allowed_legs(), (), output_field=models.BooleanField()
                ),
                name="transfer_legs",
            ),
        )
        indexes = (
            models.Index(fields=["account", "effective_on"], name="transfer_account"),
            models.Index(fields=["booked_on"], name="transfer_booked"),
        )


class Owed(models.Model):
    """What is owed of a serviced account, as its books stand. Made from them, and again from them.

    The gate and the night read it; it is the one table of the books whose rows change.
    """

    account = models.OneToOneField(
        Account, models.PROTECT, primary_key=True, db_constraint=UNCHECKED
    )
    due_minor = models.BigIntegerField()  # billed or charged by its day, and not paid
    outstanding_minor = models.BigIntegerField()  # the same, and what is lent and falls due later
    oldest_due_on = models.DateField(null=True)  # of what had to be paid and is not
    as_of = models.DateField()  # of the close that wrote it, or of the one that it stands until

    class Meta:
        db_table = "owed"


class OwedLog(models.Model):
    """What `owed` said, and when: every row of it that was written, by whatever wrote it.

    The database writes it by itself. What was known of an account at an instant is its last row.
    """

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, db_constraint=UNCHECKED, db_index=False)
    due_minor = models.BigIntegerField()
    outstanding_minor = models.BigIntegerField()
    oldest_due_on = models.DateField(null=True)
    as_of = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "owed_log"
        indexes = (models.Index(fields=["account", "id"], name="owed_log_account"),)
