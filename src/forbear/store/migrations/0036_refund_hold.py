"""What a refund that was asked for holds in the books of its account."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

GUARD = """
create trigger refund_hold_rows_are_kept before update or delete on refund_hold
    for each row execute function refuse_change();
create trigger refund_hold_is_kept before truncate on refund_hold
    for each statement execute function refuse_change();
"""
UNGUARD = """
drop trigger refund_hold_rows_are_kept on refund_hold;
drop trigger refund_hold_is_kept on refund_hold;
"""


def ask_by_no_pattern(apps, editor):
    """Leave out the second index of a unique text: nobody asks for a part of it."""
    editor.deferred_sql[:] = [sql for sql in editor.deferred_sql if "_like" not in str(sql)]


class Migration(migrations.Migration):
    """Make the table, and guard it."""

    dependencies = (("store", "0035_refund_stage_indexes"),)

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='RefundHold',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('source_key', models.TextField(unique=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('refund_ref', models.TextField()),
                ('about', models.TextField(blank=True, default='')),
                ('days', models.IntegerField()),
                ('effective_on', models.DateField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refund_holds', to='store.account')),
            ],
            options={
                'db_table': 'refund_hold',
            },
        ),
        migrations.RunPython(ask_by_no_pattern, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='refundhold',
            constraint=models.CheckConstraint(condition=models.Q(('days__gt', 0)), name='refund_hold_days'),
        ),
        migrations.AddConstraint(
            model_name='refundhold',
            constraint=models.UniqueConstraint(fields=('refund_ref',), name='refund_hold_once'),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
