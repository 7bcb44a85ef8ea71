"""More time for a duty may be asked for by one person and approved or refused by another."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Let two more stages in; no row that is there changes."""

    dependencies = [
        ('store', '0019_record'),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name='dutystep',
            name='duty_step_stage',
        ),
        migrations.RemoveConstraint(
            model_name='dutystep',
            name='duty_step_extends_to_a_day',
        ),
        migrations.AddConstraint(
            model_name='dutystep',
            constraint=models.CheckConstraint(condition=models.Q(('stage__in', ['asked', 'refused', 'extended', 'met', 'released'])), name='duty_step_stage'),
        ),
        migrations.AddConstraint(
            model_name='dutystep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_on__isnull', False), ('stage__in', ['asked', 'extended'])), models.Q(models.Q(('stage__in', ['asked', 'extended']), _negated=True), ('due_on__isnull', True)), _connector='OR'), name='duty_step_extends_to_a_day'),
        ),
    ]
