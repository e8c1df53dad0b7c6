from django.apps import AppConfig


class EngagementConfig(AppConfig):
    """What people do to one another."""

    name = "engagement"

    def ready(self) -> None:
        """Import what registers and connects itself."""
        from engagement import (  # noqa: F401
            chat_announcements,
            chat_demo,
            chat_receivers,
            datasets,
            interaction_announcements,
            interaction_demo,
            interaction_receivers,
            message_announcements,
            message_demo,
            notification_announcements,
            notification_demo,
            notification_receivers,
            partition_vetoes,
            tie_announcements,
            tie_demo,
            tie_receivers,
            watching,
        )
        from engagement.services import (  # noqa: F401
            chat_erasure,
            interaction_erasure,
            message_erasure,
            notification_erasure,
            ties_erasure,
        )
