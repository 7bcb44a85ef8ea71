"""A plan's links are not checked row by row, nor indexed twice."""

import django.db.models.deletion
from django.db import migrations, models


def link(to, on_delete, **fields):
    """Return a foreign key that the database neither checks nor indexes."""
    return models.ForeignKey(
        to=to, on_delete=on_delete, db_constraint=False, db_index=False, **fields
    )


class Migration(migrations.Migration):
    """Lighten the plan, which is written whole every night."""

    dependencies = (("store", "0004_api_key_actor"),)
    operations = (
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.AlterField(
            "plan",
            "night",
            link("store.night", django.db.models.deletion.CASCADE, related_name="plans"),
        ),
        migrations.AlterField(
            "plan",
            "person",
            link("store.person", django.db.models.deletion.PROTECT, related_name="plans"),
        ),
        migrations.AlterField(
            "plan",
            "contact_point",
            link("store.contactpoint", django.db.models.deletion.PROTECT, null=True),
        ),
    )
