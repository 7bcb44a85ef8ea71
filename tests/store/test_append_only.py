"""Facts cannot be changed or removed, whoever asks."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from forbear.store.models import APPEND_ONLY, Person


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["update person set lot = 1", "delete from person"])
def test_a_recorded_fact_is_neither_changed_nor_removed(change):
    Person.objects.create(ref="p1", lot=0)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(change)
    assert Person.objects.get(ref="p1").lot == 0


@pytest.mark.django_db
@pytest.mark.parametrize("model", APPEND_ONLY, ids=lambda m: m._meta.db_table)
def test_every_fact_table_is_guarded_against_all_three(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_trigger where tgrelid = %s::regclass and tgname like %s",
            [model._meta.db_table, f"{model._meta.db_table}%kept"],
        )
        assert cursor.fetchone() == (2,)


def test_a_test_of_its_own_database_sees_committed_rows(fresh_database):
    import psycopg

    Person.objects.create(ref="p2", lot=0)
    with psycopg.connect(fresh_database) as conn:
        assert conn.execute("select ref from person").fetchall() == [("p2",)]
