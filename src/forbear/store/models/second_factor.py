"""The second step that some users sign in with. Nothing here is changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class SecondFactor(models.Model):
    """What a user's second step is checked against. A later row that names it ends it."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="second_factors"
    )
    secret_cipher = models.BinaryField(null=True)  # none in an ending row
    ends = models.OneToOneField("self", models.PROTECT, null=True, related_name="ended")
    actor = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "second_factor"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(secret_cipher__isnull=True, ends__isnull=False)
                | models.Q(secret_cipher__isnull=False, ends__isnull=True),
                name="second_factor_has_a_secret_or_ends_one",
            ),
        )


class RecoveryCode(models.Model):
    """A code for whoever lost their device. Only its hash is kept."""

    id = models.BigAutoField(primary_key=True)
    factor = models.ForeignKey(SecondFactor, models.PROTECT, related_name="codes", db_index=False)
    code_hash = models.BinaryField()

    class Meta:
        db_table = "recovery_code"
        constraints = (
            models.UniqueConstraint(fields=["factor", "code_hash"], name="recovery_code_once"),
        )


class FactorUse(models.Model):
    """One use of a second factor. The database refuses the same code a second time."""

    id = models.BigAutoField(primary_key=True)
    factor = models.ForeignKey(SecondFactor, models.PROTECT, related_name="uses", db_index=False)
    counter = models.BigIntegerField(null=True)  # the half minute that a code was made for
    code = models.OneToOneField(RecoveryCode, models.PROTECT, null=True, related_name="used")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "factor_use"
        constraints = (
            models.UniqueConstraint(fields=["factor", "counter"], name="factor_use_once"),
            models.CheckConstraint(
                condition=models.Q(counter__isnull=True, code__isnull=False)
                | models.Q(counter__isnull=False, code__isnull=True),
                name="factor_use_is_of_one_kind",
            ),
        )
