"""Figures: what happened, by bucket."""

from analytics.models.revenue import RevenueBook, RevenueCheck, RevenueDay

__all__ = ["RevenueBook", "RevenueCheck", "RevenueDay"]
