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
    # Minutes of the person's own day, half-open, that a consent to the night is for; null: all.
    opens_minute = models.SmallIntegerField(null=True)
    closes_minute = models.SmallIntegerField(null=True)
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
            models.CheckConstraint(
                condition=models.Q(opens_minute__isnull=True, closes_minute__isnull=True)
                | models.Q(
                    kind="night_contact",
                    opens_minute__gte=0,
                    closes_minute__gt=models.F("opens_minute"),
                    closes_minute__lte=24 * 60,
                ),
                name="consent_hours",
            ),
        )
        indexes = (models.Index(fields=["person"], name="consent_person"),)
