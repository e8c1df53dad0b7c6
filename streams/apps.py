from django.apps import AppConfig


class StreamsConfig(AppConfig):
    """What is on air and what remains of it."""

    name = "streams"
