from django.apps import AppConfig


class BillingConfig(AppConfig):
    """The ledger, the catalogue and the money."""

    name = "billing"

    def ready(self) -> None:
        """Import what registers and connects itself."""
        from billing import catalogue_demo, datasets, payment_demo, wallet_demo, wallet_receivers, watching  # noqa: F401
        from billing.services import erasure, fulfilments, payment_takers  # noqa: F401
