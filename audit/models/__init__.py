"""Oversight, in wings: the trail, compliance."""

from audit.models.compliance import (
    CounterNotice,
    CounterNoticeTarget,
    CounterNoticeTransition,
    TakedownClaimant,
    TakedownNotice,
    TakedownTarget,
    TakedownTransition,
)
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
    "CounterNotice",
    "CounterNoticeTarget",
    "CounterNoticeTransition",
    "Deployment",
    "Event",
    "JobRun",
    "Label",
    "Seal",
    "SealLeaf",
    "SecurityEvent",
    "SensitiveRead",
    "TakedownClaimant",
    "TakedownNotice",
    "TakedownTarget",
    "TakedownTransition",
]
