"""The log of what was done: entries, their places in the tree, and the checkpoints over it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Evidence(models.Model):
    """One entry, written in the transaction of the act that it proves. Its place comes later."""

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField()
    subject = models.TextField()  # the row that it proves: table and key
    contact_id = models.UUIDField(null=True)  # the contact that it belongs to
    entry = models.TextField()  # canonical JSON: these very bytes are the leaf
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "evidence"
        indexes = (
            models.Index(
                fields=["contact_id"],
                name="evidence_contact",
                condition=models.Q(contact_id__isnull=False),
            ),
            models.Index(
                fields=["kind", "id"],
                name="evidence_rare",  # what a writer looks up: the packs and keys noted last
                condition=models.Q(kind__in=["law", "log_began", "log_key"]),
            ),
        )


class EvidenceWaiting(models.Model):
    """An entry, or a run of them, that has no place yet; removed when the sequencer places it."""

    evidence_id = models.BigIntegerField(primary_key=True)
    last_id = models.BigIntegerField(null=True)  # of a run that was written at once

    class Meta:
        db_table = "evidence_waiting"


class EvidencePlace(models.Model):
    """Where an entry stands in the log, without gaps, and the chain up to it."""

    position = models.BigIntegerField(primary_key=True)  # from 0
    evidence_id = models.BigIntegerField(unique=True)
    leaf = models.BinaryField()  # SHA-256 of 0x00 and the entry
    chain = models.BinaryField()  # SHA-256 of 0x02, the chain before, and the leaf

    class Meta:
        db_table = "evidence_place"


class EvidenceNode(models.Model):
    """A complete node of the tree, from the level on that is kept; lower ones are few leaves."""

    pk = models.CompositePrimaryKey("level", "place")
    level = models.SmallIntegerField()
    place = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "evidence_node"


class Checkpoint(models.Model):
    """A signed note of how long the log was, and its root and chain."""

    id = models.BigAutoField(primary_key=True)
    size = models.BigIntegerField()
    note = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "checkpoint"


class Cosignature(models.Model):
    """A witness's signature under a checkpoint that the log had signed by itself before."""

    id = models.BigAutoField(primary_key=True)
    checkpoint = models.OneToOneField(Checkpoint, models.PROTECT, related_name="cosignature")
    line = models.TextField()  # as it stands under the note
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "cosignature"
