from django.apps import AppConfig


class EngagementConfig(AppConfig):
    """What people do to one another."""

    name = "engagement"
