"""Teaches makemigrations about partitioned models, as psqlextra does, but without a default partition."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.db.migrations.operations.base import Operation
from psqlextra.backend.migrations import operations, patched_autodetector, postgres_patched_migrations


class PartitionAwareHandler(patched_autodetector.AddOperationHandler):
    """Leaves out the default partition.

    It would block `DETACH ... CONCURRENTLY` and, once rows stray into it, the creation of partitions.
    """

    def add(self, operation: Operation) -> None:
        """Add the operation to the migration, unless it makes a default partition."""
        if not isinstance(operation, operations.PostgresAddDefaultPartition):
            super().add(operation)


@contextmanager
def partition_aware_migrations() -> Iterator[None]:
    """Within the block, models and migrations are compared with partitioning taken into account."""
    handler = mock.patch.object(patched_autodetector, "AddOperationHandler", PartitionAwareHandler)
    with handler, postgres_patched_migrations():
        yield
