from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """What it all came to."""

    name = "analytics"

    def ready(self) -> None:
        """Import what registers and connects itself."""
        from analytics import page_announcements  # noqa: F401
