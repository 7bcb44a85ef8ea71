"""What is so of the whole book: the mark of the key that its personal data is sealed under."""

from django.db import migrations

TABLE = """
create table installation (
    name text primary key,
    value text not null
);
create trigger installation_rows_are_kept before update or delete on installation
    for each row execute function refuse_change();
create trigger installation_is_kept before truncate on installation
    for each statement execute function refuse_change();
"""


class Migration(migrations.Migration):
    """Add the table; a later key is then known to be another one."""

    dependencies = (("store", "0005_plan_links"),)
    operations = (
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RunSQL(TABLE, "drop table installation"),
    )
