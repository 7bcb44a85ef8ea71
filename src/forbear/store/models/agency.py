"""Agencies, the users who work for them, and the accounts that are placed with them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from forbear.store.models.account import Account


class Agency(models.Model):
    """Somebody who collects for the lender."""

    id = models.BigAutoField(primary_key=True)
    name = models.TextField()
    actor = models.TextField()  # who named it
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "agency"
        constraints = (
            models.CheckConstraint(condition=~models.Q(name=""), name="agency_has_a_name"),
            models.UniqueConstraint(fields=["name"], name="agency_name_once"),
        )


class Membership(models.Model):
    """A user works for an agency, for good: whoever changes sides gets a new user.

    What a user did is therefore always what their agency did, and a membership that could end
    would turn its user into one of the lender's own.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="membership")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="memberships")
    actor = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "membership"


class Placement(models.Model):
    """An account given to an agency at an instant. A later row that names it takes it back."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="placements")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="placements")
    recalls = models.OneToOneField("self", models.PROTECT, null=True, related_name="recalled")
    effective_at = models.DateTimeField()
    actor = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "placement"
