from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Oversight: trail, moderation and compliance."""

    name = "audit"

    def ready(self) -> None:
        from audit import demo_moderation, receivers  # noqa: F401  (registers itself)

        receivers.connect()
