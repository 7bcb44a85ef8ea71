"""Who tried to sign in, when, from where, and whether it went well."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from forbear.kernel.vocabulary import SignInStep
from forbear.store.models.fact import one_of


class SignIn(models.Model):
    """One try at one step of signing in. Of the name only a blind index: people type passwords."""

    id = models.BigAutoField(primary_key=True)
    name_index = models.BinaryField()
    address = models.GenericIPAddressField(null=True)  # None where the server was told none
    step = models.TextField()
    passed = models.BooleanField()
    actor = models.TextField()  # user:<name> where it passed, cli:<login> for an unlocking, or ""
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "sign_in"
        constraints = (one_of("step", SignInStep, "sign_in_step"),)
        indexes = (
            models.Index(fields=["name_index", "-recorded_at"], name="sign_in_name"),
            models.Index(fields=["address", "-recorded_at"], name="sign_in_address"),
        )
