"""A unique text needs no second index for patterns: nobody asks by one."""

from django.db import migrations

DROP = """
do $$ declare i text; begin
    for i in select indexname from pg_indexes
        where schemaname = current_schema() and indexname like '%\\_like'
            and tablename in ('bank_line', 'mandate', 'debit_request', 'debit_result')
    loop execute format('drop index %I', i); end loop;
end $$
"""


class Migration(migrations.Migration):
    """Drop what neither bank lines nor debits are asked by."""

    dependencies = (("store", "0032_debit"),)
    operations = (migrations.RunSQL(DROP, migrations.RunSQL.noop),)
