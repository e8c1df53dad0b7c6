"""The maintenance of partitions: what the command, the job and the check ask."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import DEFAULT_DB_ALIAS, Error, connections
from psqlextra.partitioning import PostgresPartitioningConfig

from core.db.partitions.calendar import LEAST_AHEAD, PartitionPlan, Period
from core.db.partitions.catalog import Partition, find_partitions_of
from core.db.partitions.detach import finish_detaches, unfinished_detaches
from core.db.partitions.errors import PartitionError
from core.db.partitions.manager import (
    PartitionManager,
    ensure_partitions,
    required_table,
    secure_partitions,
)
from core.db.partitions.names import partition_name
from core.db.partitions.registry import partitioned_models
from core.db.partitions.strategy import CalendarStrategy
from core.models.partitioned import Partitioned

MOST_COUNTED = 100


@dataclass
class Maintenance:
    """What was done, or would be, for one model."""

    model: type[Partitioned]
    created: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def maintain(
    models: Iterable[type[Partitioned]] | None = None,
    *,
    using: str = DEFAULT_DB_ALIAS,
    dry_run: bool = False,
) -> list[Maintenance]:
    """Finish interrupted detachments and create the partitions ahead, of these models or of all.

    The trouble of one model does not keep the others from being served: it is in that one's `problems`, as is
    a model that ends with fewer than three periods ahead. A dry run says what would be done and changes
    nothing, so that it counts the periods as they are.
    """
    chosen = partitioned_models() if models is None else models
    return [_maintain_one(model, using=using, dry_run=dry_run) for model in chosen]


def _maintain_one(model: type[Partitioned], *, using: str, dry_run: bool) -> Maintenance:
    done = Maintenance(model)
    connection = connections[using]
    try:
        if dry_run:
            done.finished = unfinished_detaches(connection, required_table(connection, model))
            done.created = _would_create(model, using)
        else:
            done.finished = finish_detaches(model, using=using)
            done.created = ensure_partitions(model, using=using)
            secure_partitions(connection, model)
    except (PartitionError, Error) as error:
        done.problems.append(f"{model._meta.label}: {error}".strip())
    shortage = ahead_shortage(model, using=using)
    if shortage:
        done.problems.append(shortage)
    return done


def _would_create(model: type[Partitioned], using: str) -> list[str]:
    config = PostgresPartitioningConfig(model, CalendarStrategy(model.partitions))
    plan = PartitionManager([config]).plan(using=using)
    return [partition_name(model._meta.db_table, partition.name()) for partition in plan.creations]


def ahead_shortage(
    model: type[Partitioned], *, using: str = DEFAULT_DB_ALIAS, now: datetime | None = None
) -> str | None:
    """Return a sentence when the table has no partition for now or fewer than three periods ahead.

    None also when the table does not exist: that is for `migrate` to say.
    """
    return ahead_shortages([model], using=using, now=now).get(model)


def ahead_shortages(
    models: Sequence[type[Partitioned]], *, using: str = DEFAULT_DB_ALIAS, now: datetime | None = None
) -> dict[type[Partitioned], str]:
    """Return the sentence of `ahead_shortage` for each table that has one; all of them are asked about in one query."""
    found = find_partitions_of(connections[using], models)
    short = {}
    for model in models:
        table, every = model._meta.db_table, model.partitions.every
        if table not in found:
            continue
        ahead = count_ahead(found[table], model.partitions, now or datetime.now(UTC))
        if ahead < 0:
            short[model] = f"{model._meta.label}: {table} has no partition for the present {every}."
        elif ahead < LEAST_AHEAD:
            short[model] = (
                f"{model._meta.label}: {table} has partitions for {ahead} {every}s ahead, not {LEAST_AHEAD}."
            )
    return short


def count_ahead(partitions: list[Partition], plan: PartitionPlan, now: datetime) -> int:
    """Return how many periods after the present one have a partition without a gap; -1: not even that one."""
    attached = [there for there in partitions if not there.detach_pending]
    period = Period.containing(plan.every, now)
    for ahead in range(MOST_COUNTED):
        if not any(there.covers(period.moved(ahead)) for there in attached):
            return ahead - 1
    return MOST_COUNTED
