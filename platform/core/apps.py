from typing import Any

from django.apps import AppConfig, apps
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


def synchronise_access(sender: AppConfig, using: str, **_: Any) -> None:
    """After the last app of a `migrate`, make grants and group permissions equal to the declarations."""
    from core.db.grants import synchronise

    # Django sends the signal for apps with models only.
    if sender is [config for config in apps.get_app_configs() if config.models_module][-1]:
        synchronise(using)


class CoreConfig(AppConfig):
    """The shared kernel; it knows no domain."""

    name = "core"

    def ready(self) -> None:
        from simple_history.signals import pre_create_historical_record

        from core import checks  # noqa: F401  (registers the system checks)
        from core.db.partitions import receivers
        from core.db.server_version import check_new_connection
        from core.encryption import checks as encryption_checks  # noqa: F401  (registers itself)
        from core.encryption import demo
        from core.framework_comments import write_framework_comments
        from core.jobs import checks as job_checks  # noqa: F401
        from core.models.history import write_actor

        pre_create_historical_record.connect(write_actor)
        receivers.connect()
        demo.connect()
        post_migrate.connect(synchronise_access)
        post_migrate.connect(write_framework_comments, sender=self)
        connection_created.connect(check_new_connection, dispatch_uid="core.db.server_version")
