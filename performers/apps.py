from django.apps import AppConfig


class PerformersConfig(AppConfig):
    """Who goes live."""

    name = "performers"

    def ready(self) -> None:
        from performers import datasets, demo, receivers  # noqa: F401  (register and connect themselves)
        from performers.services import erasure  # noqa: F401  (registers its eraser)
