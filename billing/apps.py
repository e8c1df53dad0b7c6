from django.apps import AppConfig


class BillingConfig(AppConfig):
    """The ledger, the catalogue and the money."""

    name = "billing"

    def ready(self) -> None:
        """Import what registers and connects itself."""
        from billing import (  # noqa: F401
            catalogue_demo,
            datasets,
            dispute_demo,
            invoice_demo,
            invoice_receivers,
            payment_demo,
            payout_demo,
            provider_demo,
            settlement_demo,
            settlement_finders,
            subscription_demo,
            wallet_demo,
            wallet_receivers,
            watching,
        )
        from billing.services import (  # noqa: F401
            dispute_erasure,
            erasure,
            fulfilments,
            invoice_erasure,
            payment_takers,
            payout_erasure,
            period_checks,
            screening_erasure,
            subscription_fulfilments,
            wallet_erasure,
        )
