from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Oversight: trail, moderation and compliance."""

    name = "audit"

    def ready(self) -> None:
        from audit import datasets, demo_takedowns, receivers  # noqa: F401  (register themselves)

        receivers.connect()
