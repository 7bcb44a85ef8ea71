"""A unique text needs no second index for patterns: nobody asks by one."""

from django.db import migrations

DROP = """
do $$ declare i text; begin
    for i in select indexname from pg_indexes
        where schemaname = current_schema() and indexname like '%\\_like'
            and tablename = 'refund_stage'
    loop execute format('drop index %I', i); end loop;
end $$
"""


class Migration(migrations.Migration):
    """Drop what stages of refunds are not asked by."""

    dependencies = (("store", "0034_refund_stage"),)
    operations = (migrations.RunSQL(DROP, migrations.RunSQL.noop),)
