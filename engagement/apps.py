from django.apps import AppConfig


class EngagementConfig(AppConfig):
    """What people do to one another."""

    name = "engagement"

    def ready(self) -> None:
        """Import what registers and connects itself."""
        from engagement import message_demo  # noqa: F401
        from engagement.services import message_erasure  # noqa: F401
