"""Duties, what opens them and what became of them, guarded like any other fact."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the tables of duties."""

    dependencies = [
        ('store', '0007_indexes_once'),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Duty',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('source_key', models.TextField(unique=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('rule', models.TextField()),
                ('topic', models.TextField()),
                ('clock', models.TextField()),
                ('because', models.TextField()),
                ('occasion', models.TextField()),
                ('thread', models.TextField(blank=True, default='')),
                ('opened_on', models.DateField()),
                ('due_on', models.DateField(null=True)),
                ('act_on', models.DateField(null=True)),
                ('strict', models.BooleanField()),
                ('account', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='store.account')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='store.person')),
            ],
            options={
                'db_table': 'duty',
            },
        ),
        migrations.CreateModel(
            name='DutyStep',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('source_key', models.TextField(unique=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('stage', models.TextField()),
                ('effective_on', models.DateField()),
                ('due_on', models.DateField(null=True)),
                ('note_cipher', models.BinaryField(null=True)),
                ('actor', models.TextField()),
                ('duty', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='store.duty')),
            ],
            options={
                'db_table': 'duty_step',
            },
        ),
        migrations.CreateModel(
            name='OccasionFact',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('source_key', models.TextField(unique=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('kind', models.TextField()),
                ('thread', models.TextField(blank=True, default='')),
                ('effective_on', models.DateField()),
                ('act_on', models.DateField(null=True)),
                ('account', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='store.account')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='occasions', to='store.person')),
            ],
            options={
                'db_table': 'occasion',
            },
        ),
        migrations.AddIndex(
            model_name='duty',
            index=models.Index(fields=['person'], name='duty_person'),
        ),
        migrations.AddIndex(
            model_name='duty',
            index=models.Index(fields=['because'], name='duty_because'),
        ),
        migrations.AddIndex(
            model_name='duty',
            index=models.Index(fields=['due_on'], name='duty_due'),
        ),
        migrations.AddConstraint(
            model_name='duty',
            constraint=models.CheckConstraint(condition=models.Q(('occasion__in', ['dispute_opened', 'dispute_resolved', 'first_contact', 'account_settled', 'complaint_received', 'complaint_referred', 'placement_planned', 'adverse_report_planned', 'plan_agreed', 'plan_broken', 'mediation_agreed', 'breathing_space_began', 'crisis_treatment_began', 'crisis_treatment_ended'])), name='duty_occasion'),
        ),
        migrations.AddIndex(
            model_name='dutystep',
            index=models.Index(fields=['duty'], name='duty_step_duty'),
        ),
        migrations.AddConstraint(
            model_name='dutystep',
            constraint=models.CheckConstraint(condition=models.Q(('stage__in', ['extended', 'met', 'released'])), name='duty_step_stage'),
        ),
        migrations.AddConstraint(
            model_name='dutystep',
            constraint=models.UniqueConstraint(condition=models.Q(('stage__in', ['met', 'released'])), fields=('duty',), name='duty_step_closes_once'),
        ),
        migrations.AddConstraint(
            model_name='dutystep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_on__isnull', False), ('stage', 'extended')), models.Q(models.Q(('stage', 'extended'), _negated=True), ('due_on__isnull', True)), _connector='OR'), name='duty_step_extends_to_a_day'),
        ),
        migrations.AddIndex(
            model_name='occasionfact',
            index=models.Index(fields=['person'], name='occasion_person'),
        ),
        migrations.AddConstraint(
            model_name='occasionfact',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['dispute_opened', 'dispute_resolved', 'first_contact', 'account_settled', 'complaint_received', 'complaint_referred', 'placement_planned', 'adverse_report_planned', 'plan_agreed', 'plan_broken', 'mediation_agreed', 'breathing_space_began', 'crisis_treatment_began', 'crisis_treatment_ended'])), name='occasion_kind'),
        ),
        *(
            migrations.RunSQL(
                f"create trigger {table}_rows_are_kept before update or delete on {table}"
                " for each row execute function refuse_change();"
                f"create trigger {table}_is_kept before truncate on {table}"
                " for each statement execute function refuse_change();",
                f"drop trigger {table}_rows_are_kept on {table};"
                f"drop trigger {table}_is_kept on {table};",
            )
            for table in ("duty", "duty_step", "occasion")
        ),
    ]
