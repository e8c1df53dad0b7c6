"""Every partitioned table of the project has three periods ahead, after `migrate` and after months without anybody."""

import io
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.core.management import call_command
from django.db import connection
from django.test import Client
from psqlextra.partitioning import PostgresPartitioningConfig

from audit.models import JobRun
from config.health import readiness
from core.db.partitions.calendar import LEAST_AHEAD, Every, Period
from core.db.partitions.catalog import find_partitions_of
from core.db.partitions.checks import check_partitions_ahead
from core.db.partitions.maintenance import ahead_shortages, count_ahead
from core.db.partitions.manager import PartitionManager
from core.db.partitions.names import partition_name
from core.db.partitions.registry import partitioned_models
from core.db.partitions.strategy import CalendarStrategy
from core.models.identity import uuid7_derived
from tests.kernel.models import Place, Reading
from tests.sql import refused, run

MODELS = partitioned_models()
TABLES = sorted(model._meta.db_table for model in MODELS)


def ahead(now: datetime) -> dict[str, int]:
    """Periods after the present one that each table has."""
    found = find_partitions_of(connection, MODELS)
    return {
        model._meta.db_table: count_ahead(found[model._meta.db_table], model.partitions, now)
        for model in MODELS
    }


def health() -> dict[str, Any]:
    """What the address for monitors says of partitions."""
    readiness.forget()
    finding: dict[str, Any] = Client().get("/readyz").json()["checks"]["partitions"]
    return finding


@pytest.mark.django_db
def test_migrate_leaves_three_periods_ahead_of_every_partitioned_table() -> None:
    partitioned = run(
        "SELECT relname FROM pg_class WHERE relkind = 'p' AND relnamespace = 'vbl'::regnamespace ORDER BY 1"
    )
    assert [name for (name,) in partitioned] == TABLES, "a table that no model tells of would run dry unseen"
    assert len(TABLES) > 10
    assert {table: count for table, count in ahead(datetime.now(UTC)).items() if count < LEAST_AHEAD} == {}
    assert check_partitions_ahead(None, databases=["default"]) == []
    assert health()["state"] == "ok"


@pytest.mark.django_db(transaction=True)
def test_after_months_without_maintenance_one_run_makes_them_all() -> None:
    now = datetime.now(UTC)
    for model in MODELS:
        period = Period.containing(model.partitions.every, now)
        for by in range(
            1,
            count_ahead(find_partitions_of(connection, [model])[model._meta.db_table], model.partitions, now)
            + 1,
        ):
            run(f"DROP TABLE {partition_name(model._meta.db_table, period.moved(by).suffix)}")
    assert set(ahead(now).values()) == {0}
    place = Place.objects.create(name="A place")
    soon = now + relativedelta(months=1)
    with refused("no partition of relation"):
        run("INSERT INTO kernel_reading (id, place_id) VALUES (%s, %s)", [uuid7_derived(soon, "x"), place.pk])
    finding = health()
    assert finding["state"] == "failed"
    assert [table for table in TABLES if table not in finding["words"]] == []
    warnings = check_partitions_ahead(None, databases=["default"])
    assert {warning.obj for warning in warnings} == set(MODELS)
    assert {warning.id for warning in warnings} == {"core.W101"}
    call_command("partitions_maintain", stdout=io.StringIO())
    assert {
        model._meta.db_table: count
        for model, count in zip(MODELS, ahead(now).values(), strict=True)
        if count <= model.partitions.ahead
    } == {}, "one more than the plan says, for the turn of a period"
    assert check_partitions_ahead(None, databases=["default"]) == []
    assert health()["state"] == "ok"
    made = JobRun.objects.get(name="partitions_maintain").counts
    assert made["tables"] == len(MODELS)
    assert made["created"] == sum(model.partitions.ahead + 1 for model in MODELS)
    Reading.objects.create(id=uuid7_derived(soon, "x"), place=place)


@pytest.mark.django_db
def test_from_month_to_month_they_stay_ahead_without_a_gap() -> None:
    now = datetime.now(UTC)
    for months in (1, 2, 4):
        later = now + relativedelta(months=months)
        short = ahead_shortages(MODELS, now=later)
        assert {model for model in MODELS if model.partitions.every is Every.DAY} <= set(short)
        for model in MODELS:
            strategy = CalendarStrategy(model.partitions, now=later)
            PartitionManager([PostgresPartitioningConfig(model, strategy)]).plan().apply(using="default")
        assert ahead_shortages(MODELS, now=later) == {}
        assert ahead_shortages(MODELS, now=later + timedelta(days=1)) == {}, (
            "the turn of a day raises no alarm"
        )
    found = find_partitions_of(connection, MODELS)
    for model in MODELS:
        if model.partitions.every is Every.MONTH:
            assert all(one.upper == other.lower for one, other in pairwise(found[model._meta.db_table]))
