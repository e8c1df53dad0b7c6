"""The rooms of oversight in the back office."""

from audit.admin import (
    bulk,
    counter_notices,
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
    takedown_notices,
    trail,
    transparency,
    workload,
)

__all__ = [
    "bulk",
    "counter_notices",
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
    "takedown_notices",
    "trail",
    "transparency",
    "workload",
]
