"""Compliance: what must be kept, for how long, and why."""

from audit.models.compliance.held_row import HeldRow
from audit.models.compliance.legal_hold import LegalHold
from audit.models.compliance.retention_policy import RetentionPolicy
from audit.models.compliance.retention_run import RetentionRun

__all__ = ["HeldRow", "LegalHold", "RetentionPolicy", "RetentionRun"]
