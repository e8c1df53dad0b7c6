"""The rooms of oversight in the back office."""

from audit.admin import (
    home,
    legal_holds,
    operations,
    people,
    retention,
    seals,
    security,
    sensitive_reads,
    trail,
)

__all__ = [
    "home",
    "legal_holds",
    "operations",
    "people",
    "retention",
    "seals",
    "security",
    "sensitive_reads",
    "trail",
]
