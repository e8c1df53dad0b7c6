"""What partitions need from Django's start-up: called once from the core's AppConfig."""

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db import connections, router
from django.db.models.signals import post_migrate

from core.db.partitions.catalog import find_table
from core.db.partitions.checks import check_partitions_ahead
from core.db.partitions.manager import ensure_partitions, secure_partitions
from core.db.partitions.registry import partitioned_models


def connect() -> None:
    """Register the check, and the creation of partitions after `migrate`."""
    checks.register(check_partitions_ahead, checks.Tags.database)
    post_migrate.connect(create_partitions, dispatch_uid="core.db.partitions.create_partitions")


def create_partitions(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Make the partitions of every partitioned model of the app that was migrated.

    Skips tables that do not exist yet and those that the connection's role does not own.
    """
    connection = connections[using]
    for model in partitioned_models([sender]):
        if not router.allow_migrate_model(using, model):
            continue
        table = find_table(connection, model)
        if table is not None and table.is_mine:
            ensure_partitions(model, using=using)
            secure_partitions(connection, model)
