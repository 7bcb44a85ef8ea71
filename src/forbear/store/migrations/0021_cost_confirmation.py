"""That a borrower confirmed what credit costs: kept like any other evidence."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


GUARD = """
create trigger cost_confirmation_rows_are_kept before update or delete on cost_confirmation
    for each row execute function refuse_change();
create trigger cost_confirmation_is_kept before truncate on cost_confirmation
    for each statement execute function refuse_change();
"""
UNGUARD = """
drop trigger cost_confirmation_rows_are_kept on cost_confirmation;
drop trigger cost_confirmation_is_kept on cost_confirmation;
"""


class Migration(migrations.Migration):
    """Add the table, guarded."""

    dependencies = [
        ('store', '0020_duty_time'),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='CostConfirmation',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('source_key', models.TextField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('product', models.TextField()),
                ('terms_digest', models.TextField()),
                ('offer_digest', models.TextField()),
                ('table_digest', models.TextField()),
                ('amount_minor', models.BigIntegerField()),
                ('installments', models.SmallIntegerField()),
                ('contract_on', models.DateField()),
                ('language', models.TextField()),
                ('how', models.TextField()),
                ('shown_s', models.IntegerField(null=True)),
                ('confirmed_by', models.TextField()),
                ('effective_at', models.DateTimeField()),
                ('actor', models.TextField()),
                ('account', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='store.account')),
            ],
            options={
                'db_table': 'cost_confirmation',
                'indexes': [models.Index(fields=['account'], name='cost_confirmation_account'), models.Index(fields=['offer_digest'], name='cost_confirmation_offer')],
                'constraints': [models.CheckConstraint(condition=models.Q(('how__in', ['online', 'paper'])), name='cost_confirmation_how'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('installments__gt', 0)), name='cost_confirmation_positive'), models.CheckConstraint(condition=models.Q(models.Q(('how', 'online'), ('shown_s__gte', 0)), models.Q(('how', 'paper'), ('shown_s__isnull', True)), _connector='OR'), name='cost_confirmation_shown')],
            },
        ),
        # By hand: Django would give a unique text a second index for LIKE, which nothing asks.
        migrations.RunSQL(
            "alter table cost_confirmation"
            " add constraint cost_confirmation_source_key_key unique (source_key)",
            "alter table cost_confirmation drop constraint cost_confirmation_source_key_key",
            state_operations=[
                migrations.AlterField(
                    model_name='costconfirmation',
                    name='source_key',
                    field=models.TextField(unique=True),
                ),
            ],
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
