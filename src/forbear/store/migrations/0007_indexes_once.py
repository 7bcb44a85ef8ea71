"""No index says what another says: each costs every imported row, and answers no question."""

import django.db.models.deletion
from django.db import migrations, models

LINKS = (  # model, field, where it points, what is said of it besides
    ("account", "person", "store.person", {"related_name": "accounts"}),
    ("attempt", "contact_point", "store.contactpoint", {"null": True}),
    ("attempt", "person", "store.person", {"related_name": "attempts"}),
    ("consent", "person", "store.person", {"related_name": "consents"}),
    ("contact", "contact_point", "store.contactpoint", {"null": True}),
    ("contact", "person", "store.person", {"related_name": "contacts"}),
    ("contactpoint", "person", "store.person", {"related_name": "contact_points"}),
    ("contactpointstage", "contact_point", "store.contactpoint", {"related_name": "stages"}),
    ("dispute", "person", "store.person", {"related_name": "disputes"}),
    ("due", "account", "store.account", {"related_name": "dues"}),
    ("outbox", "person", "store.person", {"related_name": "outbox"}),
    ("payment", "account", "store.account", {"related_name": "payments"}),
    ("profile", "person", "store.person", {"related_name": "profiles"}),
    ("promise", "person", "store.person", {"related_name": "promises"}),
    ("refund", "account", "store.account", {"related_name": "refunds"}),
    ("reporteddelinquency", "account", "store.account", {"related_name": "reports"}),
    ("resolution", "contact", "store.contact", {"related_name": "resolutions"}),
    ("reveal", "contact_point", "store.contactpoint", {"null": True}),
    ("reveal", "person", "store.person", {"related_name": "reveals"}),
    ("status", "person", "store.person", {"related_name": "statuses"}),
)
# Django gives every unique text a second index for LIKE; nothing asks LIKE of a key as it is.
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
            and t.relname in ('person', 'profile', 'account', 'contact_point',
                'contact_point_stage', 'due', 'payment', 'refund', 'reported_delinquency',
                'consent', 'dispute', 'status', 'attempt', 'disposition', 'promise', 'receipt')
    loop
        execute 'drop index ' || name;
    end loop;
end $$
"""


def unindexed(to, fields):
    """Return a foreign key that has no index of its own."""
    return models.ForeignKey(
        to=to, on_delete=django.db.models.deletion.PROTECT, db_index=False, **fields
    )


class Migration(migrations.Migration):
    """Drop the second index of every link and of every key."""

    dependencies = (("store", "0006_installation"),)
    operations = (
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        *(
            migrations.AlterField(model, field, unindexed(to, said))
            for model, field, to, said in LINKS
        ),
        migrations.RunSQL(DROP_LIKE, migrations.RunSQL.noop),
    )
