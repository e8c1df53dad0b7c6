from django.apps import AppConfig


class BillingConfig(AppConfig):
    """The ledger, the catalogue and the money."""

    name = "billing"

    def ready(self) -> None:
        from billing import wallet_demo, wallet_receivers, watching  # noqa: F401  (register and connect themselves)
        from billing.services import erasure, fulfilments, payment_takers  # noqa: F401  (register and connect themselves)
