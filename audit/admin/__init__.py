"""The rooms of oversight in the back office."""

from audit.admin import (
    counter_notices,
    home,
    operations,
    people,
    seals,
    security,
    sensitive_reads,
    takedown_notices,
    trail,
)

__all__ = [
    "counter_notices",
    "home",
    "operations",
    "people",
    "seals",
    "security",
    "sensitive_reads",
    "takedown_notices",
    "trail",
]
