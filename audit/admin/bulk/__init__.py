"""The rooms of bulk jobs."""

from audit.admin.bulk import choosing, jobs

__all__ = ["choosing", "jobs"]
