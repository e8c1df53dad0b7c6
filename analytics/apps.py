from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """What it all came to."""

    name = "analytics"
