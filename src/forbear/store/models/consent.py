"""What a person allowed, and what they asked to stop."""

from __future__ import annotations

from django.db import models

from forbear.kernel.vocabulary import Channel, ConsentKind, ConsentState
from forbear.store.models.fact import Fact, one_of
from forbear.store.models.person import Person


class Consent(Fact):
    """Given or withdrawn, per kind and channel; "" is every channel. The latest wins."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="consents", db_index=False)
    kind = models.TextField()
    state = models.TextField()
    channel = models.TextField(default="", blank=True)
    effective_at = models.DateTimeField()

    class Meta:
        db_table = "consent"
        constraints = (
            one_of("kind", ConsentKind, "consent_kind"),
            one_of("state", ConsentState, "consent_state"),
            models.CheckConstraint(
                condition=models.Q(channel__in=["", *(c.value for c in Channel)]),
                name="consent_channel",
            ),
        )
        indexes = (models.Index(fields=["person"], name="consent_person"),)
