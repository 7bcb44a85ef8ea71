"""No index for LIKE on the keys of moratoria; Django adds them at the end of the migration before."""

from django.db import migrations

DROP_LIKE = """
do $$
declare name text;
begin
    for name in
        select format('%I.%I', n.nspname, i.relname)
        from pg_index x
        join pg_class i on i.oid = x.indexrelid
        join pg_class t on t.oid = x.indrelid
        join pg_namespace n on n.oid = i.relnamespace
        where i.relname ~ '_like$' and n.nspname = current_schema() and not x.indisunique
            and t.relname in ('moratorium', 'moratorium_end')
    loop
        execute 'drop index ' || name;
    end loop;
end $$
"""


class Migration(migrations.Migration):
    """Drop the second index of every key."""

    dependencies = (("store", "0017_area_and_product"),)
    operations = (
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RunSQL(DROP_LIKE, migrations.RunSQL.noop),
    )
