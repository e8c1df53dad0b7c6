"""The alert for tables that run out of partitions."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Warning

from core.db.partitions.maintenance import ahead_shortages
from core.db.partitions.registry import partitioned_models


def check_partitions_ahead(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Warn about tables with fewer than three periods ahead (`check --database default`).

    A warning and not an error: `migrate` runs this check first, and is what mends it.
    """
    return [
        Warning(shortage, hint="Run partitions_maintain as the owner.", obj=model, id="core.W101")
        for using in databases or ()
        for model, shortage in ahead_shortages(list(partitioned_models(app_configs)), using=using).items()
    ]
