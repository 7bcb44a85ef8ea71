"""A fact about a person or account that changes what may be done."""

from __future__ import annotations

from django.db import models

from forbear.kernel.vocabulary import StatusKind, StatusStage
from forbear.store.models.account import Account
from forbear.store.models.fact import Fact, one_of
from forbear.store.models.person import Person


class Status(Fact):
    """It began or ended at an instant. Account is empty for what concerns the whole person."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="statuses", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="statuses")
    kind = models.TextField()
    stage = models.TextField()
    area = models.TextField(default="", blank=True)  # for a moratorium: the area named
    effective_at = models.DateTimeField()

    class Meta:
        db_table = "status"
        constraints = (
            one_of("kind", StatusKind, "status_kind"),
            one_of("stage", StatusStage, "status_stage"),
            models.CheckConstraint(
                condition=~models.Q(kind="settled") | models.Q(account__isnull=False),
                name="status_settled_names_account",
            ),
        )
        indexes = (models.Index(fields=["person"], name="status_person"),)
