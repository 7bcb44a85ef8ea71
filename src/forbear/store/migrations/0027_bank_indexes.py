"""A unique text needs no second index for patterns: nobody asks by one."""

from django.db import migrations

DROP = """
do $$ declare i text; begin
    for i in select indexname from pg_indexes
        where tablename like 'bank\\_%' and indexname like '%\\_like'
    loop execute format('drop index %I', i); end loop;
end $$
"""


class Migration(migrations.Migration):
    """Drop what bank lines are not asked by."""

    dependencies = (("store", "0026_bank"),)
    operations = (migrations.RunSQL(DROP, migrations.RunSQL.noop),)
