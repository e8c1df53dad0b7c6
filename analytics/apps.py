from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """What it all came to."""

    name = "analytics"

    def ready(self) -> None:
        """Import what registers itself: announcements, and roll-ups in order of dependence."""
        from analytics import announcements, marathon_demo, page_announcements  # noqa: F401
        from analytics.rollups import registered  # noqa: F401
        from analytics.services import playback_erasure  # noqa: F401
