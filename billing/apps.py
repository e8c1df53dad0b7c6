from django.apps import AppConfig


class BillingConfig(AppConfig):
    """The ledger, the catalogue and the money."""

    name = "billing"

    def ready(self) -> None:
        # These register and connect themselves.
        from billing import payment_demo, wallet_demo, wallet_receivers, watching  # noqa: F401
        from billing.services import erasure, fulfilments, payment_takers, wallet_erasure  # noqa: F401
