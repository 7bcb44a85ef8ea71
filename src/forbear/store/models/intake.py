"""One file brought in: what it held and what became of its rows."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Intake(models.Model):
    """One run of an import. Facts carry its digest in their source."""

    id = models.BigAutoField(primary_key=True)
    file_name = models.TextField()
    file_digest = models.TextField()
    map_name = models.TextField()
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    rows_read = models.BigIntegerField(default=0)
    rows_rejected = models.BigIntegerField(default=0)
    facts_added = models.BigIntegerField(default=0)

    class Meta:
        db_table = "intake"
