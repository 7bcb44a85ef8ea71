"""Who made or revoked a key stands beside it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the actor; keys made before it have none."""

    dependencies = [
        ('store', '0003_resolution'),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.AddField(
            model_name='apikey',
            name='actor',
            field=models.TextField(default=''),
        ),
    ]
