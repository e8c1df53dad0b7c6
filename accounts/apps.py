from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who people are and what they may do."""

    name = "accounts"

    def ready(self) -> None:
        from accounts import datasets, demo, demo_records, receivers  # noqa: F401  (register and connect themselves)
        from accounts.services import erasure  # noqa: F401  (registers its eraser, connects its vetoes)
