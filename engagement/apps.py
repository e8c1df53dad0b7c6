from django.apps import AppConfig


class EngagementConfig(AppConfig):
    """What people do to one another."""

    name = "engagement"

    def ready(self) -> None:
        """Import what registers and connects itself."""
        from engagement import (  # noqa: F401
            interaction_announcements,
            interaction_demo,
            interaction_receivers,
        )
        from engagement.services import interaction_erasure  # noqa: F401
