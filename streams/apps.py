from django.apps import AppConfig


class StreamsConfig(AppConfig):
    """What is on air and what remains of it."""

    name = "streams"

    def ready(self) -> None:
        from streams import datasets, demo, receivers  # noqa: F401  (register and connect themselves)
        from streams.services import erasure  # noqa: F401  (registers its eraser)
