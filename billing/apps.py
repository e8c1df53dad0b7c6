from django.apps import AppConfig


class BillingConfig(AppConfig):
    """The ledger, the catalogue and the money."""

    name = "billing"
