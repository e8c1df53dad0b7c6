from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Oversight: trail, moderation and compliance."""

    name = "audit"

    def ready(self) -> None:
        from audit import hold_vetoes, receivers  # noqa: F401  (answers when lower floors ask)

        receivers.connect()
