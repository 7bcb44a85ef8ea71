"""Facts and evidence refuse UPDATE, DELETE and TRUNCATE, whoever asks."""

from django.db import migrations

TABLES = (
    "account",
    "api_key",
    "attempt",
    "consent",
    "contact",
    "contact_point",
    "contact_point_stage",
    "disposition",
    "dispute",
    "due",
    "payment",
    "person",
    "profile",
    "promise",
    "receipt",
    "refund",
    "reported_delinquency",
    "reveal",
    "status",
)

FUNCTION = """
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'table % is append-only: % is refused; add a later fact instead',
        tg_table_name, tg_op using errcode = 'restrict_violation';
end $$;
"""

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


class Migration(migrations.Migration):
    """Guard the append-only tables."""

    dependencies = (("store", "0001_first"),)
    operations = (
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTION, "drop function refuse_change()"),
        *(
            migrations.RunSQL(GUARD.format(table=table), UNGUARD.format(table=table))
            for table in TABLES
        ),
    )
