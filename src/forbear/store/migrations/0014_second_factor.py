"""The second step of signing in, kept like any other evidence."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


TABLES = ('factor_use', 'recovery_code', 'second_factor',)

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
    """Add the three tables, guarded."""

    dependencies = [
        ('store', '0013_agency'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='SecondFactor',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('secret_cipher', models.BinaryField(null=True)),
                ('actor', models.TextField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('ends', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ended', to='store.secondfactor')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='second_factors', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'second_factor',
            },
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('code_hash', models.BinaryField()),
                ('factor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='codes', to='store.secondfactor')),
            ],
            options={
                'db_table': 'recovery_code',
            },
        ),
        migrations.CreateModel(
            name='FactorUse',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('counter', models.BigIntegerField(null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('code', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='used', to='store.recoverycode')),
                ('factor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='store.secondfactor')),
            ],
            options={
                'db_table': 'factor_use',
            },
        ),
        migrations.AddConstraint(
            model_name='secondfactor',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ends__isnull', False), ('secret_cipher__isnull', True)), models.Q(('ends__isnull', True), ('secret_cipher__isnull', False)), _connector='OR'), name='second_factor_has_a_secret_or_ends_one'),
        ),
        migrations.AddConstraint(
            model_name='recoverycode',
            constraint=models.UniqueConstraint(fields=('factor', 'code_hash'), name='recovery_code_once'),
        ),
        migrations.AddConstraint(
            model_name='factoruse',
            constraint=models.UniqueConstraint(fields=('factor', 'counter'), name='factor_use_once'),
        ),
        migrations.AddConstraint(
            model_name='factoruse',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('code__isnull', False), ('counter__isnull', True)), models.Q(('code__isnull', True), ('counter__isnull', False)), _connector='OR'), name='factor_use_is_of_one_kind'),
        ),
        *(
            migrations.RunSQL(GUARD.format(table=table), UNGUARD.format(table=table))
            for table in TABLES
        ),
    ]
