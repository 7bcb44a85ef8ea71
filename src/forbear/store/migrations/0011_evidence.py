"""The log of evidence: entries, places, nodes and checkpoints, all of them append-only."""

import json
import secrets
from datetime import UTC, datetime

import django.db.models.functions.datetime
from django.db import migrations, models

KEPT = ("evidence", "evidence_place", "evidence_node", "checkpoint")
GUARD = """
create trigger {table}_rows_are_kept before update or delete on {table}
    for each row execute function refuse_change();
create trigger {table}_is_kept before truncate on {table}
    for each statement execute function refuse_change();
"""
UNGUARD = """
drop trigger {table}_rows_are_kept on {table};
drop trigger {table}_is_kept on {table};
"""
# Hashes do not compress, and a place is read by its position alone.
STORED = """
alter table evidence_place alter column leaf set storage plain, alter column chain set storage plain;
alter table evidence_node alter column hash set storage plain;
"""
BEFORE = (
    "contact receipt resolution disposition promise reveal consent status dispute payment refund"
    " api_key outbox"
).split()


def begin(apps, schema_editor):
    """Write the first entry: how many rows of each kind were there before there was a log."""
    with schema_editor.connection.cursor() as cursor:
        rows = {}
        for table in BEFORE:
            cursor.execute(f"select count(*) from {table}")
            rows[table] = cursor.fetchone()[0]
        at = datetime.now(UTC)
        entry = {
            "v": 1,
            "kind": "log_began",
            "subject": "log",
            "contact": None,
            "at": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "body": {"rows": rows},
            "salt": secrets.token_hex(16),
        }
        text = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        cursor.execute(
            "with e as (insert into evidence (kind, subject, entry, recorded_at)"
            " values ('log_began', 'log', %s, %s) returning id)"
            " insert into evidence_waiting select id from e",
            [text, at],
        )


class Migration(migrations.Migration):
    """Add the tables, guard them, and begin the log."""

    dependencies = (("store", "0010_screening"),)
    operations = (
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("subject", models.TextField()),
                ("contact_id", models.UUIDField(null=True)),
                ("entry", models.TextField()),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "db_table": "evidence",
                "indexes": [
                    models.Index(
                        fields=["contact_id"],
                        name="evidence_contact",
                        condition=models.Q(("contact_id__isnull", False)),
                    ),
                    models.Index(
                        fields=["kind", "id"],
                        name="evidence_rare",
                        condition=models.Q(("kind__in", ["law", "log_began", "log_key"])),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EvidenceWaiting",
            fields=[("evidence_id", models.BigIntegerField(primary_key=True, serialize=False))],
            options={"db_table": "evidence_waiting"},
        ),
        migrations.CreateModel(
            name="EvidencePlace",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("evidence_id", models.BigIntegerField(unique=True)),
                ("leaf", models.BinaryField()),
                ("chain", models.BinaryField()),
            ],
            options={"db_table": "evidence_place"},
        ),
        migrations.CreateModel(
            name="EvidenceNode",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("level", models.SmallIntegerField()),
                ("place", models.BigIntegerField()),
                ("hash", models.BinaryField()),
            ],
            options={"db_table": "evidence_node"},
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
                ("note", models.TextField()),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={"db_table": "checkpoint"},
        ),
        migrations.RunSQL(STORED, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(GUARD.format(table=table), UNGUARD.format(table=table))
            for table in KEPT
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    )
