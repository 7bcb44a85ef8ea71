"""Every index costs each row that comes in, so none may say only what another says already."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

REDUNDANT = """
select x.indexrelid::regclass::text, other.indexrelid::regclass::text
from pg_index x join pg_index other using (indrelid)
where x.indexrelid <> other.indexrelid and not x.indisunique
    and x.indpred is null and other.indpred is null
    and (other.indkey::text = x.indkey::text or other.indkey::text like x.indkey::text || ' %%')
    and x.indrelid::regclass::text = any(%s)
"""


def redundant() -> list[tuple[str, str]]:
    tables = [model._meta.db_table for model in apps.get_app_config("store").get_models()]
    with connection.cursor() as cursor:
        cursor.execute(REDUNDANT, (tables,))
        return cursor.fetchall()


@pytest.mark.django_db
def test_no_index_says_only_what_another_says():
    assert redundant() == []


@pytest.mark.django_db
def test_a_second_index_of_a_column_would_be_seen():
    with connection.cursor() as cursor:
        cursor.execute("create index twice on due (account_id)")
    assert redundant() == [("twice", "due_account")]
