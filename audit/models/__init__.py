"""Oversight, in wings: so far the trail."""

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
    "JobRun",
    "Label",
    "Seal",
    "SealLeaf",
    "SecurityEvent",
    "SensitiveRead",
]
