"""What people decide about stuck contacts, kept like any other evidence."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the table of resolutions, guarded."""

    dependencies = [
        ('store', '0002_append_only'),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Resolution',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('resolved', models.TextField()),
                ('was', models.TextField()),
                ('reason', models.TextField()),
                ('actor', models.TextField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='resolutions', to='store.contact')),
            ],
            options={
                'db_table': 'resolution',
                'indexes': [models.Index(fields=['contact'], name='resolution_contact')],
                'constraints': [models.CheckConstraint(condition=models.Q(('resolved__in', ['retried', 'cancelled', 'sent', 'undelivered'])), name='resolution_resolved'), models.CheckConstraint(condition=models.Q(('was__in', ['queued', 'sending', 'sent', 'failed', 'unknown', 'dead', 'cancelled', 'rehearsed', 'listed', 'done'])), name='resolution_was'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='resolution_has_a_reason')],
            },
        ),
        migrations.RunSQL(
            """
            create trigger resolution_rows_are_kept before update or delete on resolution
                for each row execute function refuse_change();
            create trigger resolution_is_kept before truncate on resolution
                for each statement execute function refuse_change();
            """,
            """
            drop trigger resolution_rows_are_kept on resolution;
            drop trigger resolution_is_kept on resolution;
            """,
        ),
    ]
