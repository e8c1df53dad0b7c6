from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """What it all came to."""

    name = "analytics"

    def ready(self) -> None:
        """Import what registers itself: announcements, erasers, and roll-ups in order of dependence."""
        from analytics import (  # noqa: F401
            announcements,
            audience_demo,
            marathon_demo,
            page_announcements,
            partition_vetoes,
        )
        from analytics.rollups import registered  # noqa: F401
        from analytics.services import audience_erasure, playback_erasure  # noqa: F401
