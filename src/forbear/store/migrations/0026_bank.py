"""What the bank says: its files, their lines, what was decided of each, and suspense."""

import django.db.models.deletion
import django.db.models.expressions
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
KEPT = ("bank_file", "bank_line", "bank_act", "suspense_move")


class Migration(migrations.Migration):
    """Make the tables of bank files, and guard all but what is made from them again."""

    dependencies = [
        ('store', '0025_owed_log'),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='BankFile',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('file_name', models.TextField()),
                ('file_digest', models.TextField()),
                ('map_name', models.TextField()),
                ('lines', models.BigIntegerField()),
                ('lines_added', models.BigIntegerField()),
                ('actor', models.TextField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'bank_file',
            },
        ),
        migrations.CreateModel(
            name='BankLine',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('source_key', models.TextField(unique=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('row', models.BigIntegerField()),
                ('bank_account', models.TextField()),
                ('effective_on', models.DateField()),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('bank_ref', models.TextField(blank=True, default='')),
                ('content', models.TextField()),
                ('text_cipher', models.BinaryField(null=True)),
                ('party_name_cipher', models.BinaryField(null=True)),
                ('party_account_cipher', models.BinaryField(null=True)),
                ('party', models.TextField(blank=True, default='')),
                ('file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='added', to='store.bankfile')),
            ],
            options={
                'db_table': 'bank_line',
            },
        ),
        migrations.CreateModel(
            name='BankAct',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('number', models.SmallIntegerField()),
                ('state', models.TextField()),
                ('rule', models.TextField()),
                ('payment_ref', models.TextField(blank=True, default='')),
                ('reason', models.TextField(blank=True, default='')),
                ('actor', models.TextField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='store.account')),
                ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='acts', to='store.bankline')),
            ],
            options={
                'db_table': 'bank_act',
            },
        ),
        migrations.CreateModel(
            name='SuspenseMove',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('debit', models.TextField()),
                ('credit', models.TextField()),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('effective_on', models.DateField()),
                ('booked_on', models.DateField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('reverses', models.BooleanField(default=False)),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='store.bankline')),
            ],
            options={
                'db_table': 'suspense_move',
            },
        ),
        migrations.CreateModel(
            name='BankStanding',
            fields=[
                ('line', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='standing', serialize=False, to='store.bankline')),
                ('number', models.SmallIntegerField()),
                ('state', models.TextField()),
                ('rule', models.TextField()),
                ('payment_ref', models.TextField(blank=True, default='')),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='store.account')),
            ],
            options={
                'db_table': 'bank_standing',
            },
        ),
        migrations.AddIndex(
            model_name='bankline',
            index=models.Index(fields=['effective_on'], name='bank_line_day'),
        ),
        migrations.AddIndex(
            model_name='bankline',
            index=models.Index(condition=models.Q(('party', ''), _negated=True), fields=['party'], name='bank_line_party'),
        ),
        migrations.AddConstraint(
            model_name='bankline',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor', 0), _negated=True), name='bank_line_moves'),
        ),
        migrations.AddConstraint(
            model_name='bankact',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['suspense', 'matched', 'booked', 'returned', 'not_ours'])), name='bank_act_state'),
        ),
        migrations.AddConstraint(
            model_name='bankact',
            constraint=models.CheckConstraint(condition=models.Q(('rule__in', ['payment_ref', 'paid_back', 'check_digits', 'account_due', 'person_due', 'amount_differs', 'twice', 'not_due', 'known_payer', 'ambiguous', 'outgoing', 'unknown', 'by_hand', 'undone'])), name='bank_act_rule'),
        ),
        migrations.AddConstraint(
            model_name='bankact',
            constraint=models.UniqueConstraint(fields=('line', 'number'), name='bank_act_in_order'),
        ),
        migrations.AddConstraint(
            model_name='suspensemove',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='suspense_move_above_zero'),
        ),
        migrations.AddConstraint(
            model_name='suspensemove',
            constraint=models.CheckConstraint(condition=django.db.models.expressions.RawSQL("kind || ':' || debit || ':' || credit || ':' || reverses = any(array['payment:cash:suspense:false', 'payment:suspense:cash:true', 'payment_reversal:suspense:cash:false', 'payment_reversal:cash:suspense:true'])", (), output_field=models.BooleanField()), name='suspense_move_legs'),
        ),
        migrations.AddIndex(
            model_name='bankstanding',
            index=models.Index(fields=['state'], name='bank_standing_state'),
        ),
        migrations.AddConstraint(
            model_name='bankstanding',
            constraint=models.UniqueConstraint(condition=models.Q(('payment_ref', ''), _negated=True), fields=('payment_ref',), name='bank_confirms_once'),
        ),
        *(
            migrations.RunSQL(GUARD.format(table=table), UNGUARD.format(table=table))
            for table in KEPT
        ),
    ]
