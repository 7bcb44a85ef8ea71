"""What the books said was owed, and when; and which days of the books are no longer open."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

LOG = """
create function log_owed() returns trigger language plpgsql as $$ begin
    insert into owed_log (account_id, due_minor, outstanding_minor, oldest_due_on, as_of,
        recorded_at)
    select account_id, due_minor, outstanding_minor, oldest_due_on, as_of, clock_timestamp()
    from written;
    return null;
end $$;
create trigger owed_is_logged_when_new after insert on owed
    referencing new table as written for each statement execute function log_owed();
create trigger owed_is_logged_when_changed after update on owed
    referencing new table as written for each statement execute function log_owed();
insert into owed_log (account_id, due_minor, outstanding_minor, oldest_due_on, as_of)
select account_id, due_minor, outstanding_minor, oldest_due_on, as_of from owed;
insert into closing (as_of) select as_of from close;
create trigger closing_rows_are_kept before update or delete on closing
    for each row execute function refuse_change();
create trigger closing_is_kept before truncate on closing
    for each statement execute function refuse_change();
create trigger owed_log_rows_are_kept before update or delete on owed_log
    for each row execute function refuse_change();
create trigger owed_log_is_kept before truncate on owed_log
    for each statement execute function refuse_change();
"""

UNLOG = """
drop trigger owed_is_logged_when_new on owed;
drop trigger owed_is_logged_when_changed on owed;
drop function log_owed();
"""


class Migration(migrations.Migration):
    """Keep what was known of what is owed, and let the close say which day it closes."""

    dependencies = (("store", "0024_seal"),)
    operations = (
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Closing",
            fields=[
                ("as_of", models.DateField(primary_key=True, serialize=False)),
                (
                    "began_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={"db_table": "closing"},
        ),
        migrations.CreateModel(
            name="OwedLog",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("due_minor", models.BigIntegerField()),
                ("outstanding_minor", models.BigIntegerField()),
                ("oldest_due_on", models.DateField(null=True)),
                ("as_of", models.DateField()),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="store.account",
                    ),
                ),
            ],
            options={
                "db_table": "owed_log",
                "indexes": [models.Index(fields=["account", "id"], name="owed_log_account")],
            },
        ),
        migrations.RunSQL(LOG, UNLOG),
    )
