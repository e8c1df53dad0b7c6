from django.apps import AppConfig


class EngagementConfig(AppConfig):
    """What people do to one another."""

    name = "engagement"

    def ready(self) -> None:
        """Import what registers and connects itself."""
        from engagement import interaction_announcements, interaction_demo  # noqa: F401
        from engagement.services import interaction_erasure  # noqa: F401
