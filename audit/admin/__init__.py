"""The rooms of oversight in the back office."""

from audit.admin import home, operations, people, seals, security, sensitive_reads, trail, workload
from audit.admin.bulk import choosing, jobs
from audit.admin.reference import ladder

__all__ = [
    "choosing",
    "home",
    "jobs",
    "ladder",
    "operations",
    "people",
    "seals",
    "security",
    "sensitive_reads",
    "trail",
    "workload",
]
