"""Tables of Django and of libraries carry words too."""

import pytest
from django.db import connection

from core.documents.catalog import read_catalog
from core.documents.dictionary import FRAMEWORK_PAGE, models_by_table, page_of
from core.framework_comments import FRAMEWORK, write_framework_comments

pytestmark = pytest.mark.django_db


def test_every_framework_table_and_column_has_a_comment() -> None:
    models = models_by_table()
    for name, table in read_catalog().items():
        if page_of(name, models) == FRAMEWORK_PAGE:
            assert name in FRAMEWORK, f"core.framework_comments says nothing about {name}"
            assert table.comment == FRAMEWORK[name].table
            assert {column.name: column.comment for column in table.columns} == FRAMEWORK[name].columns


def test_a_comment_that_was_lost_is_written_again_and_no_other() -> None:
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON TABLE auth_group IS NULL")
        cursor.execute("COMMENT ON COLUMN django_session.expire_date IS 'It''s stale.'")
    assert write_framework_comments() == 2
    assert write_framework_comments() == 0
    assert read_catalog()["auth_group"].comment == FRAMEWORK["auth_group"].table


def test_nobody_but_the_owner_writes_comments() -> None:
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON TABLE auth_group IS NULL")
        cursor.execute("SET LOCAL ROLE vbl_app")
    assert write_framework_comments() == 0
