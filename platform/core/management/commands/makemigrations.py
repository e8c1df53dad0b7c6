"""makemigrations, which plainly used would turn partitioned tables into ordinary ones."""

from typing import Any

from django.core.management.commands import makemigrations

from core.db.initial_migrations import arrange
from core.db.partitions.autodetector import partition_aware_migrations


class Command(makemigrations.Command):
    """Django's command, aware of partitioned models; triggers are detected by pgtrigger's autodetector."""

    def handle(self, *app_labels: str, **options: Any) -> None:
        """Write the migrations for the changes of the models."""
        with partition_aware_migrations():
            super().handle(*app_labels, **options)

    def write_migration_files(self, changes: dict[str, list[Any]], *args: Any, **options: Any) -> None:
        """Initial migrations are put in order before they are written."""
        for migrations in changes.values():
            for migration in migrations:
                arrange(migration)
        super().write_migration_files(changes, *args, **options)
