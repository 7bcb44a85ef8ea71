"""What was screened, and templates with the word of two people: kept like any other evidence."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


TABLES = ("screening", "template", "template_approval")
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
FOUR_EYES = """
create function template_four_eyes() returns trigger language plpgsql as $$
declare written template%rowtype;
begin
    select * into strict written from template where id = new.template_id;
    if new.verdict = 'approved' and new.actor = written.author then
        raise exception 'template %: its author % cannot approve it', written.name, new.actor
            using errcode = 'restrict_violation';
    end if;
    if new.digest <> written.digest then
        raise exception 'template %: what was read is not what stands there', written.name
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger template_approval_four_eyes before insert on template_approval
    for each row execute function template_four_eyes();
"""


class Migration(migrations.Migration):
    """Add the tables, guarded; nobody approves what they wrote, or something else than they read."""

    dependencies = [
        ('store', '0009_duty_indexes'),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Screening',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('subject', models.TextField(blank=True, default='')),
                ('text_index', models.BinaryField()),
                ('length', models.IntegerField()),
                ('third_party', models.BooleanField()),
                ('product', models.TextField(blank=True, default='')),
                ('hits', models.JSONField()),
                ('blocked', models.BooleanField()),
                ('screen_digest', models.TextField()),
                ('actor', models.TextField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'screening',
                'indexes': [models.Index(fields=['recorded_at'], name='screening_recorded')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['draft', 'transcript', 'message', 'template'])), name='screening_kind')],
            },
        ),
        migrations.CreateModel(
            name='Template',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('name', models.TextField()),
                ('language', models.TextField()),
                ('channel', models.TextField()),
                ('audience', models.TextField()),
                ('version', models.IntegerField()),
                ('parts', models.JSONField()),
                ('digest', models.TextField()),
                ('note', models.TextField(blank=True, default='')),
                ('author', models.TextField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'template',
                'constraints': [models.CheckConstraint(condition=models.Q(('channel__in', ['app', 'sms', 'email', 'letter', 'voice'])), name='template_channel'), models.CheckConstraint(condition=models.Q(('audience__in', ['debtor', 'third_party'])), name='template_audience'), models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='template_version'), models.UniqueConstraint(fields=('name', 'language', 'channel', 'version'), name='template_version_once')],
            },
        ),
        migrations.CreateModel(
            name='TemplateApproval',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('verdict', models.TextField()),
                ('digest', models.TextField()),
                ('reason', models.TextField(blank=True, default='')),
                ('actor', models.TextField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('template', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='store.template')),
            ],
            options={
                'db_table': 'template_approval',
                'constraints': [models.CheckConstraint(condition=models.Q(('verdict__in', ['approved', 'refused', 'withdrawn'])), name='template_approval_verdict'), models.UniqueConstraint(fields=('template', 'actor', 'verdict'), name='template_approval_once'), models.CheckConstraint(condition=models.Q(('verdict', 'approved'), models.Q(('reason', ''), _negated=True), _connector='OR'), name='template_approval_no_needs_a_reason')],
            },
        ),
        *(
            migrations.RunSQL(GUARD.format(table=table), UNGUARD.format(table=table))
            for table in TABLES
        ),
        migrations.RunSQL(
            FOUR_EYES,
            "drop trigger template_approval_four_eyes on template_approval;"
            " drop function template_four_eyes()",
        ),
    ]
