"""Old partitions for the tests of the archive: rows of every kind, a folder, and what stands where."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import (
    ArchivedPartition,
    Event,
    Label,
    RetentionPolicy,
    SealLeaf,
    SecurityEvent,
    SensitiveRead,
)
from audit.services.partition_restores import partition_restore
from audit.services.retention import retention_run
from core.db.partitions.calendar import Every, Period
from core.db.partitions.catalog import id_bounds
from core.db.partitions.manager import ensure_partitions
from core.models.identity import uuid7_derived
from core.models.partitioned import Partitioned
from tests.audit.test_legal_hold_partitions import MARCH, happened
from tests.sql import run

AGO = Period.containing(Every.MONTH, datetime.now(UTC)).moved(-18)
"""For what is kept two years: it left the database five months ago."""

OF_MARCH = Period(Every.MONTH, MARCH)
TABLES: tuple[type[Partitioned], ...] = (Event, Label, SealLeaf, SecurityEvent, SensitiveRead)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """The archive of the test, closed to others."""
    place = tmp_path / "the archive"
    place.mkdir(mode=0o700)
    settings.PARTITION_ARCHIVE_DIRECTORY = str(place)
    return place


def period_of(model: type[Partitioned]) -> Period:
    """The month of the tests in a table."""
    return AGO if model is SecurityEvent else OF_MARCH


def partitions_make() -> None:
    """The partitions."""
    for model in TABLES:
        ensure_partitions(model, period_of(model).start, period_of(model).end)


def policy(model: type[Partitioned]) -> RetentionPolicy:
    """The policy of a table."""
    found: RetentionPolicy = RetentionPolicy.objects.get(table_name=model._meta.db_table)
    return found


def leave(model: type[Partitioned]) -> Any:
    """Obey the policy of a table; returns the run."""
    return retention_run(policy=policy(model), dry_run=False)


def name_of(model: type[Partitioned]) -> str:
    """The partition of that month."""
    return f"{model._meta.db_table}_{period_of(model).suffix}"


def the_archive(model: type[Partitioned]) -> ArchivedPartition:
    """Of the partition of that month, the newest."""
    found: ArchivedPartition = ArchivedPartition.objects.of_partition(name_of(model))[0]
    return found


def old(model: type[Partitioned]) -> Any:
    """The rows of that month."""
    return model.objects.between(period_of(model).start, period_of(model).end).order_by("pk")


def content(model: type[Partitioned]) -> list[tuple[Any, ...]]:
    """Its rows as PostgreSQL spells them, through the table."""
    lower, upper = id_bounds(period_of(model))
    table = model._meta.db_table
    return run(f"SELECT t::text FROM {table} t WHERE id >= %s AND id < %s ORDER BY id", [lower, upper])


def stands(model: type[Partitioned]) -> str:
    """Where the partition of that month stands: its schema, or nowhere."""
    found = run(
        "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = %s",
        [name_of(model)],
    )
    return found[0][0] if found else "nowhere"


def told(actor: User, about: Any, words: str) -> Event:
    """An event of March with its words."""
    return happened(actor, about, words.replace(" ", "_"), words)


def attacked(person: User | None, number: int) -> SecurityEvent:
    """A security event, with an address."""
    event: SecurityEvent = SecurityEvent.objects.create(
        id=uuid7_derived(AGO.start, "attack", str(number)),
        kind="permission_denied",
        severity="medium",
        person=person,
        acting_role="vbl_app",
        address="192.0.2.7",
        detail={"page": f'page {number}, “ü”, \\ "quoted"\n and a new line'},
    )
    return event


def back(model: type[Partitioned], **fields: Any) -> Any:
    """Bring the partition of that month back for three days."""
    values = {"until": timezone.now() + timedelta(days=3), "reason": "an inquiry", **fields}
    return partition_restore(archived=the_archive(model), **values)
