"""The models and the migrations say the same, and the migrations stand alone."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

MIGRATIONS = Path(__file__).parents[2] / "src" / "forbear" / "store" / "migrations"


@pytest.mark.django_db
def test_no_model_has_changed_without_a_migration():
    out = StringIO()
    call_command("makemigrations", "store", check=True, dry_run=True, stdout=out)
    assert "No changes" in out.getvalue()


def test_migrations_import_nothing_of_the_application():
    for path in MIGRATIONS.glob("0*.py"):
        imports = re.findall(r"^(?:from|import) +(forbear\S*)", path.read_text(), re.M)
        assert not imports, f"{path.name} imports {imports}"
