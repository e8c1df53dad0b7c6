from django.apps import AppConfig


class EngagementConfig(AppConfig):
    """What people do to one another."""

    name = "engagement"

    def ready(self) -> None:
        """Import what registers and connects itself."""
        from engagement import announcements, chat_demo, chat_receivers, datasets, message_demo, tie_demo, watching  # noqa: F401
        from engagement.services import chat_erasure, message_erasure, ties_erasure  # noqa: F401
