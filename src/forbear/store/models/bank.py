"""What the bank says: files, their lines, what was decided of each, and where its money waits."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from forbear.bank.state import BankRule, BankState
from forbear.store.models.account import Account
from forbear.store.models.fact import one_of

# What suspense may move: into it and out of it, and back where a transfer undoes another.
MOVES = (
    "kind || ':' || debit || ':' || credit || ':' || reverses = any(array["
    "'payment:cash:suspense:false', 'payment:suspense:cash:true',"
    " 'payment_reversal:suspense:cash:false', 'payment_reversal:cash:suspense:true'])"
)


class BankFile(models.Model):
    """One file that brought lines; taken whole or not at all."""

    id = models.BigAutoField(primary_key=True)
    file_name = models.TextField()
    file_digest = models.TextField()
    map_name = models.TextField()
    lines = models.BigIntegerField()  # that the file holds
    lines_added = models.BigIntegerField()  # of them, those that no earlier file had
    actor = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "bank_file"


class BankLine(models.Model):
    """One entry of a bank account. Names, numbers and words of the sender are sealed.

    It is no fact about anybody: what it becomes is. Its file's entry in the evidence proves it.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.TextField()  # bank:<file digest>
    source_key = models.TextField(unique=True)  # the bank account, and what names a line of it
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    file = models.ForeignKey(BankFile, models.PROTECT, related_name="added", db_index=False)
    row = models.BigIntegerField()
    bank_account = models.TextField()  # the lender's own
    effective_on = models.DateField()  # the bank's day
    amount_minor = models.BigIntegerField()  # above zero: came in; below: went out
    currency = models.CharField(max_length=3)
    bank_ref = models.TextField(default="", blank=True)
    content = models.TextField()  # the blind index of all that the line says
    text_cipher = models.BinaryField(null=True)
    party_name_cipher = models.BinaryField(null=True)
    party_account_cipher = models.BinaryField(null=True)
    party = models.TextField(default="", blank=True)  # the blind index of the sender's account

    class Meta:
        db_table = "bank_line"
        constraints = (
            models.CheckConstraint(condition=~models.Q(amount_minor=0), name="bank_line_moves"),
        )
        indexes = (
            models.Index(fields=["effective_on"], name="bank_line_day"),
            models.Index(fields=["party"], name="bank_line_party", condition=~models.Q(party="")),
        )


class BankAct(models.Model):
    """One decision about a line, by a rule or by somebody; the last one stands."""

    id = models.BigAutoField(primary_key=True)
    line = models.ForeignKey(BankLine, models.PROTECT, related_name="acts", db_index=False)
    number = models.SmallIntegerField()  # from 1, of the line
    state = models.TextField()
    rule = models.TextField()
    account = models.ForeignKey(Account, models.PROTECT, null=True, db_index=False)
    payment_ref = models.TextField(default="", blank=True)  # what it confirms or became
    reason = models.TextField(default="", blank=True)
    actor = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "bank_act"
        constraints = (
            one_of("state", BankState, "bank_act_state"),
            one_of("rule", BankRule, "bank_act_rule"),
            models.UniqueConstraint(fields=["line", "number"], name="bank_act_in_order"),
        )


class BankStanding(models.Model):
    """Where each line stands: its last act. Made from the acts, and again from them."""

    line = models.OneToOneField(
        BankLine, models.PROTECT, primary_key=True, related_name="standing", db_constraint=False
    )
    number = models.SmallIntegerField()
    state = models.TextField()
    rule = models.TextField()
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, db_index=False, db_constraint=False
    )
    payment_ref = models.TextField(default="", blank=True)

    class Meta:
        db_table = "bank_standing"
        constraints = (
            models.UniqueConstraint(
                fields=["payment_ref"],
                name="bank_confirms_once",
                condition=~models.Q(payment_ref=""),
            ),
        )
        indexes = (models.Index(fields=["state"], name="bank_standing_state"),)


class SuspenseMove(models.Model):
    """A transfer of money that is nobody's yet, so in no account's books."""

    id = models.BigAutoField(primary_key=True)
    line = models.ForeignKey(BankLine, models.PROTECT, related_name="moves")
    kind = models.TextField()
    debit = models.TextField()
    credit = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    effective_on = models.DateField()
    booked_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    reverses = models.BooleanField(default=False)

    class Meta:
        db_table = "suspense_move"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="suspense_move_above_zero"
            ),
            models.CheckConstraint(
                condition=models.expressions.RawSQL(MOVES, (), output_field=models.BooleanField()),
                name="suspense_move_legs",
            ),
        )
