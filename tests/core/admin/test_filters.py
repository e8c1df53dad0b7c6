"""Filters that ask for a value, and spans of time that become bounds of the id."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services.users import NewUser, users_import
from core.admin.filters import TimeFilter, exact, instant_of
from core.models.identity import uuid7_derived

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.admin.rooms")]
LIST = "/accounts/user/"
DAYS = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (1, 2, 3)]


@pytest.fixture
def march(db):
    """One person a day, whose id carries the day."""
    users_import(
        people=[
            NewUser(handle=f"day_{day.day}", id=uuid7_derived(day, "x"), locale=f"l{day.day}") for day in DAYS
        ]
    )


def found(client, **query):
    page = client.get(LIST, {"q": "day_", **query})
    assert page.status_code == 200
    return [row.handle for row in page.context["cl"].result_list], unescape(page.content.decode())


@pytest.mark.parametrize(
    ("span", "handles"),
    [
        ({"since": "2026-03-02"}, ["day_3", "day_2"]),
        ({"until": "2026-03-02"}, ["day_2", "day_1"]),
        ({"since": "2026-03-02", "until": "2026-03-02"}, ["day_2"]),
        ({"since": "2026-03-01T12:00", "until": "2026-03-02T12:00"}, ["day_1"]),
        ({"since": "2026-03-01T13:00:00+01:00", "until": "2026-03-02T12:00:00.001Z"}, ["day_2", "day_1"]),
        ({"since": "2027-01-01"}, []),
    ],
)
def test_a_span_of_time_is_half_open_and_a_day_is_whole(march, moderator, span, handles):
    assert found(moderator, **span)[0] == handles


def test_a_span_of_time_becomes_bounds_of_the_id(march, moderator):
    with CaptureQueriesContext(connection) as queries:
        found(moderator, since="2026-03-02", until="2026-03-03")
    (statement,) = [query["sql"] for query in queries if '"accounts_user"."id" >=' in query["sql"]]
    assert '"accounts_user"."id" <' in statement
    assert "created_at" not in statement.split("WHERE")[1]


def test_a_queryset_that_knows_spans_is_asked_itself(rf):
    class Partitioned:
        def between(self, start, end):
            return start, end

    request = rf.get("/", {"since": "2026-03-01", "until": "2026-03-02"})
    chosen = TimeFilter(request, dict(request.GET.lists()), User, ModelAdmin)
    assert chosen.queryset(request, Partitioned()) == (
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 3, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("span", "sentence"),
    [
        ({"since": "yesterday"}, "Write a day as 2026-03-31"),
        ({"since": "2026-02-30"}, "Write a day as 2026-03-31"),
        ({"since": "2026-02-30T10:00"}, "Write a day as 2026-03-31"),
        ({"until": "1969-12-30"}, "There is nothing from before 1970."),
        ({"until": "9999-12-31"}, "That day lies beyond the calendar."),
        ({"since": "2026-03-03", "until": "2026-03-01"}, "The end lies before the beginning."),
        ({"since": "💥"}, "Write a day as 2026-03-31"),
    ],
)
def test_a_time_that_makes_no_sense_finds_nothing_and_says_why(march, moderator, span, sentence):
    handles, page = found(moderator, **span)
    assert handles == []
    assert sentence in page
    assert 'aria-invalid="true"' in page


def test_offsets_are_understood():
    assert instant_of("2026-03-01T01:00:00+02:00", end=False) == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert instant_of("2026-03-01", end=True) - instant_of("2026-03-01", end=False) == timedelta(days=1)
    with pytest.raises(ValidationError):
        instant_of("", end=False)


def test_an_exact_value_is_asked_for_not_listed(march, moderator):
    handles, page = found(moderator, locale="l2")
    assert handles == ["day_2"]
    assert 'name="locale" type="text" value="l2"' in page
    assert 'value="l3"' not in page


def test_filters_keep_one_another_and_the_search(march, moderator):
    _, page = found(moderator, locale="l2", status="active", since="2026-03-01", after=str(User().pk))
    form = page.split('id="filter-locale"')[0].rsplit("<form", 1)[1]
    for name, value in (("q", "day_"), ("status", "active"), ("since", "2026-03-01")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in form
    assert 'name="after"' not in form
    assert "Clear" in page


def test_a_filter_of_ones_own_says_its_sentence(march, moderator):
    assert found(moderator, name="DAY_2")[0] == ["day_2"]
    handles, page = found(moderator, name="дeнь")
    assert handles == []
    assert "No such handle." in page
    assert "At most 200 characters." in found(moderator, name="x" * 201)[1]


@pytest.mark.parametrize("text", ["nonsense", "123", "0000-00"])
def test_an_id_that_is_none_is_told(moderator, text):
    page = moderator.get("/accounts/restriction/", {"user": text})
    assert page.status_code == 200
    assert "is not a valid UUID" in unescape(page.content.decode())


def test_a_filter_must_name_a_column():
    broken = exact("flavour", "Flavour")
    with pytest.raises(ValueError, match="names no column"):
        _ask(broken, "flavour", User.objects.all())


def _ask(filter_class, name, queryset):
    from django.test import RequestFactory

    request = RequestFactory().get("/", {name: "x"})
    return filter_class(request, dict(request.GET.lists()), User, ModelAdmin).queryset(request, queryset)
