"""Public data sets of money: what currencies are worth, and which tax is where."""

from billing.datasets import exchange_rates, vat_rates

__all__ = ["exchange_rates", "vat_rates"]
