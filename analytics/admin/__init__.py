"""The rooms of figures in the back office."""

from analytics.admin import (
    figure_lists,
)

__all__ = [
    "figure_lists",
]
