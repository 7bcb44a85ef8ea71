"""Where a person, or someone near them, can be reached."""

from __future__ import annotations

from django.db import models

from forbear.kernel.vocabulary import PointKind, PointStage, Relation
from forbear.store.models.fact import Fact, one_of
from forbear.store.models.person import Person


class ContactPoint(Fact):
    """One number or address, whose it is, and where we have it from."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="contact_points", db_index=False
    )
    kind = models.TextField()
    relation = models.TextField()
    value_cipher = models.BinaryField()
    value_index = models.BinaryField()  # blind index: the same number of two people is found
    owner_cipher = models.BinaryField(null=True)  # the third party's name
    owner_index = models.BinaryField(null=True)  # blind index: one third party, many numbers
    zone = models.TextField(default="", blank=True)  # IANA zone of the number or address, "" none
    area = models.TextField(default="", db_default="", blank=True)  # see kernel/area.py; "" none
    obtained = models.TextField()  # how we have it: borrower, contract, operator, import
    fictional = models.BooleanField(default=False)  # can belong to nobody; no channel sends to it
    effective_on = models.DateField()
    ends_on = models.DateField(null=True)  # half-open: valid on effective_on <= day < ends_on

    class Meta:
        db_table = "contact_point"
        constraints = (
            one_of("kind", PointKind, "contact_point_kind"),
            one_of("relation", Relation, "contact_point_relation"),
        )
        indexes = (
            models.Index(fields=["person"], name="contact_point_person"),
            models.Index(fields=["value_index"], name="contact_point_value"),
        )


class ContactPointStage(Fact):
    """Something that became known of a contact point."""

    contact_point = models.ForeignKey(
        ContactPoint, models.PROTECT, related_name="stages", db_index=False
    )
    stage = models.TextField()
    effective_at = models.DateTimeField()

    class Meta:
        db_table = "contact_point_stage"
        constraints = (one_of("stage", PointStage, "contact_point_stage_word"),)
        indexes = (models.Index(fields=["contact_point"], name="contact_point_stage_point"),)
