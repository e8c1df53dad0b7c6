"""Oversight, in wings: so far the trail."""

from audit.models.trail import (
    Action,
    AdministrativeAction,
    Deployment,
    Event,
    JobRun,
    Label,
    SecurityEvent,
)

__all__ = [
    "Action",
    "AdministrativeAction",
    "Deployment",
    "Event",
    "JobRun",
    "Label",
    "SecurityEvent",
]
