"""What a file brings in is sealed from here on; how many rows came before is written down."""

import json
import secrets
from datetime import UTC, datetime

from django.db import migrations

FILED = "person profile account contact_point due reported_delinquency".split()
SAID = (
    "attempt booking consent contact_point_stage contract dispute disposition duty duty_step"
    " moratorium moratorium_end occasion payment promise refund status"
).split()


def begin(apps, schema_editor):
    """Write how many rows of files there were before they had seals."""
    with schema_editor.connection.cursor() as cursor:
        at, unsealed = datetime.now(UTC), {}
        for table in [*FILED, *SAID]:
            where = "" if table in FILED else " where source ~ '^(import|demo):'"
            cursor.execute(f"select count(*) from {table}{where}")
            unsealed[table] = cursor.fetchone()[0]
        entry = {
            "v": 1,
            "kind": "log_began",
            "subject": "log",
            "contact": None,
            "at": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "body": {"rows": {}, "unsealed": unsealed},
            "salt": secrets.token_hex(16),
        }
        cursor.execute(
            "with e as (insert into evidence (kind, subject, entry, recorded_at)"
            " values ('log_began', 'log', %s, %s) returning id)"
            " insert into evidence_waiting (evidence_id) select id from e",
            [json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":")), at],
        )


class Migration(migrations.Migration):
    """Say in the log what stood here before seals."""

    dependencies = (("store", "0023_books_indexes"),)
    operations = (migrations.RunPython(begin, migrations.RunPython.noop),)
