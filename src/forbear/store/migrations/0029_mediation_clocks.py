"""A debt that a court sends to a mediator opens a clock, and the end of mediation closes it."""

from django.db import migrations, models

OCCASIONS = [
    "dispute_opened",
    "dispute_resolved",
    "first_contact",
    "account_settled",
    "complaint_received",
    "complaint_referred",
    "placement_planned",
    "adverse_report_planned",
    "plan_agreed",
    "plan_broken",
    "mediation_agreed",
    "breathing_space_began",
    "crisis_treatment_began",
    "crisis_treatment_ended",
    "mediation_before_filing",
    "mediation_in_ordinary_suit",
    "mediation_in_summary_suit",
    "mediation_ended",
]


def lists(model: str, field: str, name: str) -> tuple[migrations.operations.base.Operation, ...]:
    """Return how a check that a field holds a known occasion is written anew."""
    check = models.CheckConstraint(condition=models.Q(**{f"{field}__in": OCCASIONS}), name=name)
    return (
        migrations.RemoveConstraint(model_name=model, name=name),
        migrations.AddConstraint(model_name=model, constraint=check),
    )


class Migration(migrations.Migration):
    """Let the new occasions stand among the facts, and open duties."""

    dependencies = (("store", "0026_bank"),)
    operations = (
        migrations.RunSQL("set local lock_timeout = '5s'", migrations.RunSQL.noop),
        *lists("occasionfact", "kind", "occasion_kind"),
        *lists("duty", "occasion", "duty_occasion"),
    )
