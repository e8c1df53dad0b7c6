from django.apps import AppConfig


class PerformersConfig(AppConfig):
    """Who goes live."""

    name = "performers"
