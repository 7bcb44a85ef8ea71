"""Leave to debit accounts, what the bank was asked for under it, and what it answered."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


GUARD = """
create trigger {table}_rows_are_kept before update or delete on {table}
    for each row execute function refuse_change();
create trigger {table}_is_kept before truncate on {table}
    for each statement execute function refuse_change();
"""

UNGUARD = """
drop trigger {table}_rows_are_kept on {table};
drop trigger {table}_is_kept on {table};
"""
KEPT = ("mandate", "debit_request", "debit_result")


class Migration(migrations.Migration):
    """Make the tables of debits, and guard them."""

    dependencies = [
        ('store', '0031_recognition'),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='DebitRequest',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('source_key', models.TextField(unique=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('request_ref', models.TextField(unique=True)),
                ('mandate_ref', models.TextField()),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('asked_on', models.DateField()),
                ('due_on', models.DateField()),
                ('number', models.SmallIntegerField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='debits', to='store.account')),
            ],
            options={
                'db_table': 'debit_request',
            },
        ),
        migrations.CreateModel(
            name='DebitResult',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('source_key', models.TextField(unique=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('outcome', models.TextField()),
                ('decline', models.TextField(blank=True, default='')),
                ('effective_on', models.DateField()),
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='result', to='store.debitrequest')),
            ],
            options={
                'db_table': 'debit_result',
            },
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('source_key', models.TextField(unique=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('mandate_ref', models.TextField()),
                ('stage', models.TextField()),
                ('payday', models.SmallIntegerField(null=True)),
                ('effective_at', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates', to='store.account')),
            ],
            options={
                'db_table': 'mandate',
            },
        ),
        migrations.AddIndex(
            model_name='debitrequest',
            index=models.Index(fields=['asked_on'], name='debit_request_day'),
        ),
        migrations.AddIndex(
            model_name='debitrequest',
            index=models.Index(fields=['mandate_ref'], name='debit_request_mandate'),
        ),
        migrations.AddConstraint(
            model_name='debitrequest',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='debit_request_positive'),
        ),
        migrations.AddConstraint(
            model_name='debitrequest',
            constraint=models.UniqueConstraint(fields=('account', 'asked_on'), name='debit_asked_once'),
        ),
        migrations.AddConstraint(
            model_name='debitresult',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['succeeded', 'declined'])), name='debit_result_outcome'),
        ),
        migrations.AddConstraint(
            model_name='debitresult',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decline', ''), ('outcome', 'succeeded')), models.Q(('decline__in', ['account_closed', 'mandate_revoked', 'mandate_unknown', 'deceased', 'fraud', 'stop_payment', 'insufficient_funds', 'limit_exceeded', 'bank_unavailable']), ('outcome', 'declined')), _connector='OR'), name='debit_result_says_why'),
        ),
        migrations.AddIndex(
            model_name='mandate',
            index=models.Index(fields=['mandate_ref'], name='mandate_ref'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('stage__in', ['given', 'revoked'])), name='mandate_stage'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('payday__isnull', True), models.Q(('payday__gte', 1), ('payday__lte', 31)), _connector='OR'), name='mandate_payday'),
        ),
        *(
            migrations.RunSQL(GUARD.format(table=table), UNGUARD.format(table=table))
            for table in KEPT
        ),
    ]
