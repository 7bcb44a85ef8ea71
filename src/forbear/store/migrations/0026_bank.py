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
            constraint=models.CheckConstraint(condition=django.db.models.expressions.RawSQL("case when reverses then kind || ':' || debit || ':' || credit = any(array['allocation:cost:unapplied', 'allocation:fee:unapplied', 'allocation:interest:unapplied', 'allocation:penalty:unapplied', 'allocation:principal:unapplied', 'allocation:unbilled:unapplied', 'arrangement:cost:rescheduled', 'arrangement:fee:rescheduled', 'arrangement:interest:rescheduled', 'arrangement:penalty:rescheduled', 'arrangement:principal:rescheduled', 'arrangement:rescheduled:cost', 'arrangement:rescheduled:fee', 'arrangement:rescheduled:interest', 'arrangement:rescheduled:penalty', 'arrangement:rescheduled:principal', 'arrangement:rescheduled:unbilled', 'arrangement:unbilled:rescheduled', 'billing:accrued_interest:interest', 'billing:fee_income:fee', 'billing:unbilled:principal', 'charge_off:cost:charge_off', 'charge_off:fee:charge_off', 'charge_off:interest:charge_off', 'charge_off:penalty:charge_off', 'charge_off:principal:charge_off', 'charge_off:unbilled:charge_off', 'chargeback:cost:cash', 'chargeback:cost:merchant_payable', 'chargeback:fee:cash', 'chargeback:fee:merchant_payable', 'chargeback:interest:cash', 'chargeback:interest:merchant_payable', 'chargeback:penalty:cash', 'chargeback:penalty:merchant_payable', 'chargeback:principal:cash', 'chargeback:principal:merchant_payable', 'chargeback:unapplied:cash', 'chargeback:unapplied:merchant_payable', 'chargeback:unbilled:cash', 'chargeback:unbilled:merchant_payable', 'compensation:unapplied:compensation', 'cost:cash:cost', 'identification:unapplied:suspense', 'interest_accrual:accrued_interest:interest_income', 'interest_accrual:interest_income:accrued_interest', 'interest_accrual:interest_income:interest', 'interest_accrual:suspended_income:accrued_interest', 'interest_accrual:suspended_income:interest', 'late_fee:penalty_income:penalty', 'late_fee:suspended_income:penalty', 'merchant_refund:cost:cash', 'merchant_refund:cost:merchant_payable', 'merchant_refund:fee:cash', 'merchant_refund:fee:merchant_payable', 'merchant_refund:interest:cash', 'merchant_refund:interest:merchant_payable', 'merchant_refund:penalty:cash', 'merchant_refund:penalty:merchant_payable', 'merchant_refund:principal:cash', 'merchant_refund:principal:merchant_payable', 'merchant_refund:unapplied:cash', 'merchant_refund:unapplied:merchant_payable', 'merchant_refund:unbilled:cash', 'merchant_refund:unbilled:merchant_payable', 'payment:suspense:cash', 'payment:suspense:settlement', 'payment:unapplied:cash', 'payment:unapplied:settlement', 'payment_reversal:cash:suspense', 'payment_reversal:cash:unapplied', 'payment_reversal:fee:fee_income', 'payment_reversal:interest:accrued_interest', 'payment_reversal:principal:unbilled', 'payment_reversal:settlement:suspense', 'payment_reversal:settlement:unapplied', 'payment_reversal:unapplied:charge_off', 'payment_reversal:unapplied:cost', 'payment_reversal:unapplied:fee', 'payment_reversal:unapplied:interest', 'payment_reversal:unapplied:penalty', 'payment_reversal:unapplied:principal', 'payment_reversal:unapplied:recovery', 'payment_reversal:unapplied:unbilled', 'payout:cash:unapplied', 'penalty_accrual:penalty_income:penalty', 'penalty_accrual:suspended_income:penalty', 'purchase:cash:unbilled', 'purchase:merchant_payable:unbilled', 'recovery:recovery:unapplied', 'sale:cost:sale', 'sale:fee:sale', 'sale:interest:sale', 'sale:penalty:sale', 'sale:principal:sale', 'sale:sale:cash', 'sale:unbilled:sale', 'waiver:cost:waiver', 'waiver:fee:waiver', 'waiver:interest:waiver', 'waiver:penalty:waiver', 'waiver:principal:waiver', 'waiver:unbilled:waiver']) else kind || ':' || debit || ':' || credit = any(array['allocation:unapplied:cost', 'allocation:unapplied:fee', 'allocation:unapplied:interest', 'allocation:unapplied:penalty', 'allocation:unapplied:principal', 'allocation:unapplied:unbilled', 'arrangement:cost:rescheduled', 'arrangement:fee:rescheduled', 'arrangement:interest:rescheduled', 'arrangement:penalty:rescheduled', 'arrangement:principal:rescheduled', 'arrangement:rescheduled:cost', 'arrangement:rescheduled:fee', 'arrangement:rescheduled:interest', 'arrangement:rescheduled:penalty', 'arrangement:rescheduled:principal', 'arrangement:rescheduled:unbilled', 'arrangement:unbilled:rescheduled', 'billing:fee:fee_income', 'billing:interest:accrued_interest', 'billing:principal:unbilled', 'charge_off:charge_off:cost', 'charge_off:charge_off:fee', 'charge_off:charge_off:interest', 'charge_off:charge_off:penalty', 'charge_off:charge_off:principal', 'charge_off:charge_off:unbilled', 'chargeback:cash:cost', 'chargeback:cash:fee', 'chargeback:cash:interest', 'chargeback:cash:penalty', 'chargeback:cash:principal', 'chargeback:cash:unapplied', 'chargeback:cash:unbilled', 'chargeback:merchant_payable:cost', 'chargeback:merchant_payable:fee', 'chargeback:merchant_payable:interest', 'chargeback:merchant_payable:penalty', 'chargeback:merchant_payable:principal', 'chargeback:merchant_payable:unapplied', 'chargeback:merchant_payable:unbilled', 'compensation:compensation:unapplied', 'cost:cost:cash', 'identification:suspense:unapplied', 'interest_accrual:accrued_interest:interest_income', 'interest_accrual:accrued_interest:suspended_income', 'interest_accrual:interest:interest_income', 'interest_accrual:interest:suspended_income', 'interest_accrual:interest_income:accrued_interest', 'late_fee:penalty:penalty_income', 'late_fee:penalty:suspended_income', 'merchant_refund:cash:cost', 'merchant_refund:cash:fee', 'merchant_refund:cash:interest', 'merchant_refund:cash:penalty', 'merchant_refund:cash:principal', 'merchant_refund:cash:unapplied', 'merchant_refund:cash:unbilled', 'merchant_refund:merchant_payable:cost', 'merchant_refund:merchant_payable:fee', 'merchant_refund:merchant_payable:interest', 'merchant_refund:merchant_payable:penalty', 'merchant_refund:merchant_payable:principal', 'merchant_refund:merchant_payable:unapplied', 'merchant_refund:merchant_payable:unbilled', 'payment:cash:suspense', 'payment:cash:unapplied', 'payment:settlement:suspense', 'payment:settlement:unapplied', 'payment_reversal:accrued_interest:interest', 'payment_reversal:charge_off:unapplied', 'payment_reversal:cost:unapplied', 'payment_reversal:fee:unapplied', 'payment_reversal:fee_income:fee', 'payment_reversal:interest:unapplied', 'payment_reversal:penalty:unapplied', 'payment_reversal:principal:unapplied', 'payment_reversal:recovery:unapplied', 'payment_reversal:suspense:cash', 'payment_reversal:suspense:settlement', 'payment_reversal:unapplied:cash', 'payment_reversal:unapplied:settlement', 'payment_reversal:unbilled:principal', 'payment_reversal:unbilled:unapplied', 'payout:unapplied:cash', 'penalty_accrual:penalty:penalty_income', 'penalty_accrual:penalty:suspended_income', 'purchase:unbilled:cash', 'purchase:unbilled:merchant_payable', 'recovery:unapplied:recovery', 'sale:cash:sale', 'sale:sale:cost', 'sale:sale:fee', 'sale:sale:interest', 'sale:sale:penalty', 'sale:sale:principal', 'sale:sale:unbilled', 'waiver:waiver:cost', 'waiver:waiver:fee', 'waiver:waiver:interest', 'waiver:waiver:penalty', 'waiver:waiver:principal', 'waiver:waiver:unbilled']) end", (), output_field=models.BooleanField()), name='suspense_move_legs'),
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
