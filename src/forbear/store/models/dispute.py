"""A debt contested by the person."""

from __future__ import annotations

from django.db import models

from forbear.kernel.vocabulary import DisputeStage
from forbear.store.models.account import Account
from forbear.store.models.fact import Fact, one_of
from forbear.store.models.person import Person


class Dispute(Fact):
    """One stage of one dispute; account is empty where the whole debt is contested."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="disputes", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="disputes")
    dispute_ref = models.TextField()
    stage = models.TextField()
    effective_at = models.DateTimeField()

    class Meta:
        db_table = "dispute"
        constraints = (
            one_of("stage", DisputeStage, "dispute_stage"),
            models.UniqueConstraint(fields=["dispute_ref", "stage"], name="dispute_stage_once"),
        )
        indexes = (models.Index(fields=["person"], name="dispute_person"),)
