from django.apps import AppConfig


class EngagementConfig(AppConfig):
    """What people do to one another."""

    name = "engagement"

    def ready(self) -> None:
        """Import what registers and connects itself."""
        from engagement import notification_demo, notification_receivers  # noqa: F401
        from engagement.services import notification_erasure  # noqa: F401
