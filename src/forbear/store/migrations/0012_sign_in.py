"""Who tried to sign in, kept like any other evidence."""

import django.db.models.functions.datetime
from django.db import migrations, models


TABLES = ('sign_in',)

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
    """Add the table of tries, guarded."""

    dependencies = [
        ('store', '0011_evidence'),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='SignIn',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('name_index', models.BinaryField()),
                ('address', models.GenericIPAddressField(null=True)),
                ('step', models.TextField()),
                ('passed', models.BooleanField()),
                ('actor', models.TextField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'sign_in',
                'indexes': [models.Index(fields=['name_index', '-recorded_at'], name='sign_in_name'), models.Index(fields=['address', '-recorded_at'], name='sign_in_address')],
                'constraints': [models.CheckConstraint(condition=models.Q(('step__in', ['password', 'code', 'unlocked'])), name='sign_in_step')],
            },
        ),
        *(
            migrations.RunSQL(GUARD.format(table=table), UNGUARD.format(table=table))
            for table in TABLES
        ),
    ]
