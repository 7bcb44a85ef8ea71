"""Wordings of messages that were written here, and who said yes or no to each."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from forbear.kernel.vocabulary import Audience, Channel, TemplateVerdict
from forbear.store.models.fact import one_of


class Template(models.Model):
    """One version of one message in one language for one channel. It is never changed."""

    id = models.BigAutoField(primary_key=True)
    name = models.TextField()
    language = models.TextField()
    channel = models.TextField()
    audience = models.TextField()
    version = models.IntegerField()  # from 1; 0 is what the release ships
    parts = models.JSONField()  # subject, body, facts, ways
    digest = models.TextField()  # of all of the above: what the approvals pin
    note = models.TextField(default="", blank=True)  # why it was written
    author = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "template"
        constraints = (
            one_of("channel", Channel, "template_channel"),
            one_of("audience", Audience, "template_audience"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="template_version"),
            models.UniqueConstraint(
                fields=["name", "language", "channel", "version"], name="template_version_once"
            ),
        )


class TemplateApproval(models.Model):
    """One person's word on one version. The database refuses the author's own approval."""

    id = models.BigAutoField(primary_key=True)
    template = models.ForeignKey(Template, models.PROTECT, related_name="approvals", db_index=False)
    verdict = models.TextField()
    digest = models.TextField()  # of the version as it was read
    reason = models.TextField(default="", blank=True)
    actor = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "template_approval"
        constraints = (
            one_of("verdict", TemplateVerdict, "template_approval_verdict"),
            models.UniqueConstraint(
                fields=["template", "actor", "verdict"], name="template_approval_once"
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="approved") | ~models.Q(reason=""),
                name="template_approval_no_needs_a_reason",
            ),
        )
