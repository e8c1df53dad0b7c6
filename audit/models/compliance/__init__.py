"""Compliance: copyright notices and their answers."""

from audit.models.compliance.counter_notice import CounterNotice
from audit.models.compliance.counter_notice_target import CounterNoticeTarget
from audit.models.compliance.takedown_claimant import TakedownClaimant
from audit.models.compliance.takedown_notice import TakedownNotice
from audit.models.compliance.takedown_target import TakedownTarget
from audit.models.compliance.takedown_transition import CounterNoticeTransition, TakedownTransition

__all__ = [
    "CounterNotice",
    "CounterNoticeTarget",
    "CounterNoticeTransition",
    "TakedownClaimant",
    "TakedownNotice",
    "TakedownTarget",
    "TakedownTransition",
]
