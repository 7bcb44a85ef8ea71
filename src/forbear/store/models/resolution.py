"""What a person decided about a contact that was stuck on its way out."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from forbear.kernel.vocabulary import OutboxState, Resolved
from forbear.store.models.contact import Contact
from forbear.store.models.fact import one_of


class Resolution(models.Model):
    """One decision about a dead or unknown contact: the audit row. It is never changed."""

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="resolutions", db_index=False)
    resolved = models.TextField()
    was = models.TextField()  # the state before
    reason = models.TextField()
    actor = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "resolution"
        constraints = (
            one_of("resolved", Resolved, "resolution_resolved"),
            one_of("was", OutboxState, "resolution_was"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="resolution_has_a_reason"),
        )
        indexes = (models.Index(fields=["contact"], name="resolution_contact"),)
