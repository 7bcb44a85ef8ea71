"""When a contact was taken in hand, so that an attempt is of that moment and not of a later one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add a column that is empty for every row there is."""

    dependencies = [
        ('store', '0015_law'),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.AddField(
            model_name='outbox',
            name='handed_at',
            field=models.DateTimeField(null=True),
        ),
    ]
