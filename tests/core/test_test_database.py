"""The database that all tests run on."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def one(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def test_tests_act_as_the_owner_until_told_otherwise():
    assert one("SELECT session_user || ' as ' || current_user") == "vbl_tester as vbl_owner"


def test_search_path_is_that_of_the_logins():
    assert one("SHOW search_path") == "vbl, extensions"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("again", [1, 2])
def test_what_a_committing_test_wrote_is_gone_in_the_next(again):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE left_over ()")
