"""Who opens which pages of insight, and who may save their figures."""

from analytics.figure_rules import FIGURE_READERS
from core.db.roles import Role

STAFF_READERS: tuple[Role, ...] = tuple(role for role in FIGURE_READERS if role is not Role.WORKER)
"""Figures of one stream or one performer: whoever reads streams."""

PLATFORM_READERS: tuple[Role, ...] = tuple(
    role for role in STAFF_READERS if role not in (Role.SUPPORT, Role.MODERATOR)
)
"""Figures of the whole platform, and files of any figures."""
