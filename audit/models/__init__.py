"""Oversight, in wings: the trail and compliance."""

from audit.models.compliance import HeldRow, LegalHold, RetentionPolicy, RetentionRun
from audit.models.trail import (
    Action,
    AdministrativeAction,
    Deployment,
    Event,
    JobRun,
    Label,
    Seal,
    SealLeaf,
    SecurityEvent,
    SensitiveRead,
)

__all__ = [
    "Action",
    "AdministrativeAction",
    "Deployment",
    "Event",
    "HeldRow",
    "JobRun",
    "Label",
    "LegalHold",
    "RetentionPolicy",
    "RetentionRun",
    "Seal",
    "SealLeaf",
    "SecurityEvent",
    "SensitiveRead",
]
