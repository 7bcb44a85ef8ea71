"""Refunds that are asked for and not settled, and how they ended."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

GUARD = """
create trigger refund_stage_rows_are_kept before update or delete on refund_stage
    for each row execute function refuse_change();
create trigger refund_stage_is_kept before truncate on refund_stage
    for each statement execute function refuse_change();
"""
UNGUARD = """
drop trigger refund_stage_rows_are_kept on refund_stage;
drop trigger refund_stage_is_kept on refund_stage;
"""


class Migration(migrations.Migration):
    """Make the table, and guard it."""

    dependencies = [
        ('store', '0033_debit_indexes'),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='RefundStage',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('source_key', models.TextField(unique=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('refund_ref', models.TextField()),
                ('stage', models.TextField()),
                ('amount_minor', models.BigIntegerField()),
                ('effective_on', models.DateField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refund_stages', to='store.account')),
            ],
            options={
                'db_table': 'refund_stage',
            },
        ),
        migrations.AddConstraint(
            model_name='refundstage',
            constraint=models.CheckConstraint(condition=models.Q(('stage__in', ['requested', 'withdrawn', 'refused'])), name='refund_stage_stage'),
        ),
        migrations.AddConstraint(
            model_name='refundstage',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='refund_stage_positive'),
        ),
        migrations.AddConstraint(
            model_name='refundstage',
            constraint=models.UniqueConstraint(fields=('refund_ref', 'stage'), name='refund_stage_once'),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
