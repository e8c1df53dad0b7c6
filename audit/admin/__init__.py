"""The rooms of oversight in the back office."""

from audit.admin import (
    bulk,
    home,
    legal_holds,
    moderation,
    operations,
    people,
    reference,
    retention,
    seals,
    security,
    sensitive_reads,
    trail,
    workload,
)

__all__ = [
    "bulk",
    "home",
    "legal_holds",
    "moderation",
    "operations",
    "people",
    "reference",
    "retention",
    "seals",
    "security",
    "sensitive_reads",
    "trail",
    "workload",
]
