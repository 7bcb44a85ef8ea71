"""More of what is done has an entry; runs of entries wait as one; a witness may be elsewhere."""

import hashlib
import json
import secrets
from datetime import UTC, datetime

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

GUARD = """
create trigger cosignature_rows_are_kept before update or delete on cosignature
    for each row execute function refuse_change();
create trigger cosignature_is_kept before truncate on cosignature
    for each statement execute function refuse_change();
"""
UNGUARD = """
drop trigger cosignature_rows_are_kept on cosignature;
drop trigger cosignature_is_kept on cosignature;
"""
FACTS = "attempt contact_point_stage occasion duty duty_step".split()
OTHERS = (
    "screening template template_approval agency membership placement sign_in second_factor"
    " recovery_code factor_use auth_user"
).split()
USERS = """
select u.id, u.is_active, u.is_staff, u.is_superuser, u.username, u.password,
    array(select g.name::text from auth_user_groups m join auth_group g on g.id = m.group_id
        where m.user_id = u.id order by g.name)
from auth_user u order by u.id
"""


def canonical(value):
    """Return a value in the one form that entries have."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digested(text):
    """Return what stands in an entry for a text."""
    return hashlib.sha256(canonical(text).encode()).hexdigest() if text else None


def append(cursor, kind, subject, body, at):
    """Write one entry."""
    entry = {
        "v": 1,
        "kind": kind,
        "subject": subject,
        "contact": None,
        "at": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "body": body,
        "salt": secrets.token_hex(16),
    }
    cursor.execute(
        "with e as (insert into evidence (kind, subject, entry, recorded_at)"
        " values (%s, %s, %s, %s) returning id)"
        " insert into evidence_waiting select id from e",
        [kind, subject, canonical(entry), at],
    )


def begin(apps, schema_editor):
    """Write how many rows there were before they had entries, and who may sign in now."""
    with schema_editor.connection.cursor() as cursor:
        at, rows = datetime.now(UTC), {}
        for table in [*FACTS, *OTHERS]:
            cursor.execute(f"select count(*) from {table}")
            rows[table] = cursor.fetchone()[0]
        append(cursor, "log_began", "log", {"rows": rows}, at)
        cursor.execute(USERS)
        for key, active, staff, superuser, name, password, roles in cursor.fetchall():
            body = {
                "is_active": active,
                "is_staff": staff,
                "is_superuser": superuser,
                "roles": roles,
                "username_digest": digested(name),
                "password_digest": digested(password),
            }
            append(cursor, "user", f"auth_user:{key}", body, at)


class Migration(migrations.Migration):
    """Add runs that wait, signatures that come later, and the entries that begin here."""

    dependencies = (
        ("store", "0018_area_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    )
    operations = (
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="evidencewaiting",
            name="last_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("line", models.TextField()),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "checkpoint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cosignature",
                        to="store.checkpoint",
                    ),
                ),
            ],
            options={"db_table": "cosignature"},
        ),
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunPython(begin, migrations.RunPython.noop),
    )
