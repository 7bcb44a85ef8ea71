"""A unique text needs no second index for patterns: nobody asks by one."""

from django.db import migrations

DROP = """
do $$ declare i text; begin
    for i in select indexname from pg_indexes
        where tablename in ('contract', 'booking') and indexname like '%\\_like'
    loop execute format('drop index %I', i); end loop;
end $$
"""


class Migration(migrations.Migration):
    """Drop what the books do not ask by."""

    dependencies = (("store", "0022_books"),)
    operations = (migrations.RunSQL(DROP, migrations.RunSQL.noop),)
