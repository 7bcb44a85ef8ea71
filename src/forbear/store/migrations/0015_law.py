"""What the law asks of: where a number is, whose it is, which debts a contact is about."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add columns that are empty for every row there is, and words to the list of statuses."""

    dependencies = [
        ('store', '0014_second_factor'),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name='status',
            name='status_kind',
        ),
        migrations.AddField(
            model_name='attempt',
            name='accounts',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name='consent',
            name='closes_minute',
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='consent',
            name='opens_minute',
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='contact',
            name='accounts',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='owner_index',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='zone',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closes_minute__isnull', True), ('opens_minute__isnull', True)), models.Q(('closes_minute__gt', models.F('opens_minute')), ('closes_minute__lte', 1440), ('kind', 'night_contact'), ('opens_minute__gte', 0)), _connector='OR'), name='consent_hours'),
        ),
        migrations.AddConstraint(
            model_name='status',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['deceased', 'incapacitated', 'minor', 'represented', 'insolvent', 'settled', 'moratorium', 'no_contact_order', 'arrangement', 'mediation', 'refund_pending', 'lawsuit', 'time_barred', 'breathing_space', 'student'])), name='status_kind'),
        ),
    ]
