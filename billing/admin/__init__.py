"""The rooms of billing in the back office."""

from billing.admin import currencies, price_regions, prices, products, promotions, rates

__all__ = ["currencies", "price_regions", "prices", "products", "promotions", "rates"]
