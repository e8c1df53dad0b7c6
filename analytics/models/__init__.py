"""Figures: what happened, by bucket."""

from analytics.models.revenue import RevenueBook, RevenueCheck, RevenueDay
from analytics.models.rollup import RollupSource, RollupState, RollupTouch

__all__ = ["RevenueBook", "RevenueCheck", "RevenueDay", "RollupSource", "RollupState", "RollupTouch"]
