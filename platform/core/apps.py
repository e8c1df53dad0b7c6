from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The shared kernel; it knows no domain."""

    name = "core"

    def ready(self) -> None:
        from simple_history.signals import pre_create_historical_record

        from core import checks  # noqa: F401  (registers the system checks)
        from core.db.partitions import receivers
        from core.models.history import write_actor

        pre_create_historical_record.connect(write_actor)
        receivers.connect()
