"""The rooms of oversight in the back office."""

from audit.admin import (
    bulk,
    home,
    moderation,
    operations,
    people,
    reference,
    seals,
    security,
    sensitive_reads,
    trail,
    workload,
)

__all__ = [
    "bulk",
    "home",
    "moderation",
    "operations",
    "people",
    "reference",
    "seals",
    "security",
    "sensitive_reads",
    "trail",
    "workload",
]
