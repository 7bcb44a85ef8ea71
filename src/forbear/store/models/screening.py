"""What was screened and what was found, without the words themselves."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from forbear.kernel.vocabulary import ScreenedKind
from forbear.store.models.fact import one_of


class Screening(models.Model):
    """One text that was screened: its mark under this installation's key, and the hits."""

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField()
    subject = models.TextField(default="", blank=True)  # a contact's id, a template's name, or ""
    text_index = models.BinaryField()  # keyed: says whether it was this text, never what it said
    length = models.IntegerField()  # characters
    third_party = models.BooleanField()
    product = models.TextField(default="", blank=True)
    hits = models.JSONField()  # place, category, rule, how sure; no words
    blocked = models.BooleanField()
    screen_digest = models.TextField()  # phrases and weights that were asked
    actor = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "screening"
        constraints = (one_of("kind", ScreenedKind, "screening_kind"),)
        indexes = (models.Index(fields=["recorded_at"], name="screening_recorded"),)
