"""Figures: what happened, by bucket."""

from analytics.models.rollup import RollupSource, RollupState, RollupTouch

__all__ = ["RollupSource", "RollupState", "RollupTouch"]
