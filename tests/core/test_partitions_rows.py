"""Rows of partitioned tables: what goes in, what is refused, and which partitions a query reads."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.utils import ProgrammingError

from core.models.identity import Identified, uuid7, uuid7_derived, uuid7_instant
from core.models.partitioned import PartitionedQuerySet
from tests.kernel.models import Place, Pulse, Reading

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture
def place():
    return Place.objects.create(name="A place")


def partitions_read(rows):
    plan = rows.explain(verbose=False)
    return sorted(set(re.findall(r" on (kernel_[a-z]+_p\d{4}(?:_\d\d)+)", plan)))


def test_created_at_agrees_with_the_id(place):
    reading = Reading.objects.create(place=place, level=3)
    assert reading.created_at == uuid7_instant(reading.id)
    assert abs(reading.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    with connection.cursor() as cursor:
        cursor.execute("insert into kernel_pulse (strength) values (1) returning id, created_at")
        made, created_at = cursor.fetchone()
    assert created_at == uuid7_instant(made)


@pytest.mark.parametrize("instant", [datetime(2001, 1, 1, tzinfo=UTC), datetime(2400, 1, 1, tzinfo=UTC)])
def test_a_row_outside_the_partitions_is_refused(place, instant):
    with pytest.raises(IntegrityError, match='no partition of relation "kernel_reading" found'):
        Reading.objects.create(id=uuid7_derived(instant, "x"), place=place)


def test_an_id_of_another_version_is_refused(place):
    """Even one that falls into a partition by its leading bits."""
    for version in (1, 4, 6):
        wrong = UUID(int=(uuid7().int & ~(0xF << 76)) | (version << 76))
        with pytest.raises(IntegrityError, match="kernel_reading_id_check"), transaction.atomic():
            Reading.objects.create(id=wrong, place=place)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reading.objects.create(id=uuid4(), place=place)
    with pytest.raises(ValidationError, match="must be a UUIDv7"):
        Reading(id=wrong, place=place).validate_constraints()
    Reading(place=place).full_clean()


def test_created_at_cannot_be_written(place):
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="created_at"):
        cursor.execute("insert into kernel_pulse (strength, created_at) values (1, now())")


def test_a_row_cannot_move_to_another_instant_without_its_check(place):
    pulse = Pulse.objects.create(strength=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Pulse.objects.filter(pk=pulse.pk).update(id=uuid4())


def test_between_is_half_open_to_the_millisecond(place):
    instants = [NOW - timedelta(milliseconds=1), NOW, NOW + timedelta(milliseconds=1)]
    made = [Reading.objects.create(id=uuid7_derived(each, "x"), place=place) for each in instants]
    found = Reading.objects.between(NOW, NOW + timedelta(milliseconds=1))
    assert list(found) == [made[1]]
    assert set(Reading.objects.between(NOW, None)) == set(made[1:])
    assert set(Reading.objects.between(None, NOW)) == {made[0]}
    assert set(Reading.objects.between(None, None)) == set(made)
    assert set(Reading.objects.filter(level=0).between(NOW, None).order_by("-id")) == set(made[1:])
    with pytest.raises(ValueError, match="no time zone"):
        Reading.objects.between(NOW.replace(tzinfo=None), None)


def test_between_reads_only_the_partitions_concerned():
    today = f"kernel_pulse_p{NOW:%Y_%m_%d}"
    tomorrow = f"kernel_pulse_p{NOW + timedelta(days=1):%Y_%m_%d}"
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    assert partitions_read(Pulse.objects.between(midnight, NOW + timedelta(microseconds=1000))) == [today]
    assert partitions_read(Pulse.objects.between(midnight, midnight + timedelta(days=2))) == [today, tomorrow]
    assert partitions_read(Pulse.objects.between(midnight, midnight + timedelta(days=1))) == [today]
    assert len(partitions_read(Pulse.objects.filter(created_at__gte=midnight))) > 3


def test_the_model_is_plain_django_with_the_key_of_the_house():
    assert issubclass(Reading, Identified)
    assert [field.name for field in Reading._meta.fields][:2] == ["id", "created_at"]
    assert isinstance(Reading._meta.pk, models.UUIDField)
    assert not Reading._meta.pk.auto_created
    assert Reading._meta.pk is not Pulse._meta.pk
    for manager in (Reading._default_manager, Reading.objects):
        assert isinstance(manager.all(), PartitionedQuerySet)
    assert type(Reading._base_manager.all()) in (models.QuerySet, PartitionedQuerySet)


def test_facts_stay_append_only_in_every_partition(place):
    reading = Reading.objects.create(place=place)
    leaf = f"kernel_reading_p{reading.created_at:%Y_%m}"
    for table in ("kernel_reading", leaf):
        for statement in (f"update {table} set level = 9", f"delete from {table}"):
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                connection.cursor().execute(statement)


def test_bulk_create_spreads_over_partitions(place):
    instants = [NOW, NOW + timedelta(days=31), NOW + timedelta(days=62)]
    Reading.objects.bulk_create(
        Reading(id=uuid7_derived(instant, "bulk"), place=place) for instant in instants
    )
    with connection.cursor() as cursor:
        cursor.execute("select count(distinct tableoid) from kernel_reading")
        assert cursor.fetchone() == (3,)
    again = [Reading(id=uuid7_derived(instant, "bulk"), place=place) for instant in instants]
    Reading.objects.bulk_create(again, ignore_conflicts=True)
    assert Reading.objects.count() == 3
