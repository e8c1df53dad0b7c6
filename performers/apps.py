from django.apps import AppConfig


class PerformersConfig(AppConfig):
    """Who goes live."""

    name = "performers"

    def ready(self) -> None:
        from performers import receivers  # noqa: F401  (connects itself)
        from performers.services import erasure  # noqa: F401  (registers its eraser)
