"""Ids: they carry their instant, sort by it, and PostgreSQL reads them as Python does."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.models.identity import uuid7, uuid7_derived, uuid7_floor, uuid7_instant
from tests.kernel.models import Place

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=OFFSETS)  # noqa: DTZ001
MILLISECOND = timedelta(milliseconds=1)


def to_millisecond(instant):
    return instant.astimezone(UTC).replace(microsecond=instant.microsecond // 1000 * 1000)


@given(INSTANTS)
def test_floor_carries_its_instant(instant):
    floor = uuid7_floor(instant)
    assert (floor.version, floor.variant) == (7, uuid4().variant)
    assert uuid7_instant(floor) == to_millisecond(instant)


@given(INSTANTS, INSTANTS)
def test_floors_sort_as_their_instants(one, other):
    assert (uuid7_floor(one) < uuid7_floor(other)) == (to_millisecond(one) < to_millisecond(other))
    assert (uuid7_floor(one) == uuid7_floor(other)) == (to_millisecond(one) == to_millisecond(other))


@given(INSTANTS, st.lists(st.text() | st.binary(), min_size=1))
def test_derived_id_lies_in_its_millisecond(instant, parts):
    derived = uuid7_derived(instant, *parts)
    assert derived.version == 7
    assert uuid7_floor(instant) <= derived < uuid7_floor(instant + MILLISECOND)
    assert derived == uuid7_derived(instant, *parts)


def test_derived_ids_tell_their_parts_apart():
    now = datetime.now(UTC)
    parts = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), (b"abc",), ("ABC",), ("c", "ab")]
    assert len({uuid7_derived(now, *each) for each in parts}) == len(parts)
    with pytest.raises(ValueError, match="at least one part"):
        uuid7_derived(now)


def test_new_ids_are_plain_and_increase():
    before = datetime.now(UTC)
    made = [uuid7() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {type(each) for each in made} == {UUID}
    assert to_millisecond(before) <= uuid7_instant(made[0]) <= uuid7_instant(made[-1]) <= datetime.now(UTC)


@pytest.mark.parametrize("instant", [datetime(2026, 1, 1), datetime(1969, 12, 31, 23, 59, tzinfo=UTC)])  # noqa: DTZ001
def test_floor_refuses_what_an_id_cannot_carry(instant):
    with pytest.raises(ValueError, match=r"no time zone|before 1970"):
        uuid7_floor(instant)


@pytest.mark.parametrize("value", [uuid4(), UUID(int=0), UUID("ffffffff-ffff-7fff-bfff-ffffffffffff")])
def test_instant_refuses_what_is_no_instant(value):
    with pytest.raises(ValueError, match=r"not a UUIDv7|year 9999"):
        uuid7_instant(value)


@pytest.mark.django_db
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(INSTANTS)
def test_postgresql_reads_the_same_instant_and_order(instant):
    floor, following = uuid7_floor(instant), uuid7_floor(instant + MILLISECOND)
    with connection.cursor() as cursor:
        cursor.execute(
            "select uuid_extract_version(%(id)s::uuid), uuid_extract_timestamp(%(id)s::uuid),"
            " %(id)s::uuid < %(next)s::uuid",
            {"id": floor, "next": following},
        )
        assert cursor.fetchone() == (7, to_millisecond(instant), True)


@pytest.mark.django_db
def test_both_defaults_give_an_id():
    place = Place(name="from Python")
    assert place.pk is not None
    assert Place(name="a") != Place(name="a")
    assert all(each.pk for each in Place.objects.bulk_create([Place(name="a"), Place(name="b")]))
    with connection.cursor() as cursor:
        cursor.execute("insert into kernel_place (name) values ('from SQL') returning id")
        (made,) = cursor.fetchone()
    assert abs(uuid7_instant(made) - datetime.now(UTC)) < timedelta(minutes=1)
