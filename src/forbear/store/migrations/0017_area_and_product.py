"""Areas in which nobody is contacted for a while, where a point is, and what kind of credit it is."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


TABLES = ('moratorium', 'moratorium_end',)

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


class Migration(migrations.Migration):
    """Add two tables, guarded, and columns that are empty for every row there is."""

    dependencies = [
        ('store', '0016_handed_at'),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Moratorium',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('source_key', models.TextField(unique=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('jurisdiction', models.CharField(max_length=2)),
                ('area', models.TextField()),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('holds_unknown', models.BooleanField(default=True)),
                ('reason', models.TextField()),
                ('notice', models.TextField()),
                ('actor', models.TextField()),
            ],
            options={
                'db_table': 'moratorium',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('area', ''), _negated=True), models.Q(('reason', ''), _negated=True), models.Q(('notice', ''), _negated=True)), name='moratorium_says_where_and_why'), models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='moratorium_ends_after_it_starts')],
            },
        ),
        migrations.CreateModel(
            name='MoratoriumEnd',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('source_key', models.TextField(unique=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('ends_on', models.DateField()),
                ('reason', models.TextField()),
                ('actor', models.TextField()),
                ('moratorium', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ends', to='store.moratorium')),
            ],
            options={
                'db_table': 'moratorium_end',
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='moratorium_end_says_why')],
            },
        ),
        migrations.AddField(
            model_name='account',
            name='product_type',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='area',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('product_type__in', ['', 'card', 'installment_purchase', 'cash_loan', 'micro_loan', 'other'])), name='account_product_type'),
        ),
        *(
            migrations.RunSQL(GUARD.format(table=table), UNGUARD.format(table=table))
            for table in TABLES
        ),
    ]
