from django.apps import AppConfig


class BillingConfig(AppConfig):
    """The ledger, the catalogue and the money."""

    name = "billing"

    def ready(self) -> None:
        """Import what registers and connects itself."""
        from billing import (  # noqa: F401
            catalogue_demo,
            datasets,
            invoice_demo,
            invoice_receivers,
            payment_demo,
            provider_demo,
            wallet_demo,
            wallet_receivers,
            watching,
        )
        from billing.services import (  # noqa: F401
            erasure,
            fulfilments,
            invoice_erasure,
            payment_takers,
            period_checks,
            wallet_erasure,
        )
