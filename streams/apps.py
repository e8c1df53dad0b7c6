from django.apps import AppConfig


class StreamsConfig(AppConfig):
    """What is on air and what remains of it."""

    name = "streams"

    def ready(self) -> None:
        from streams import receivers  # noqa: F401  (connects itself)
