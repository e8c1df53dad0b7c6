"""Moderation: from the report over the case and the decision to the appeal."""

from audit.models.moderation.appeal import Appeal
from audit.models.moderation.bulk import BulkJob
from audit.models.moderation.bulk_item import BulkItem
from audit.models.moderation.case import Case
from audit.models.moderation.case_event import CaseEvent
from audit.models.moderation.case_presence import CasePresence
from audit.models.moderation.case_skip import CaseSkip
from audit.models.moderation.claim import Claim
from audit.models.moderation.decision import Decision, DecisionEffect
from audit.models.moderation.decision_notification import DecisionNotification
from audit.models.moderation.evidence import Evidence
from audit.models.moderation.policy import ModerationPolicy, PolicyVersion
from audit.models.moderation.private_copy import PrivateCopy
from audit.models.moderation.queue import Queue, QueueRule, SavedFilter
from audit.models.moderation.report import Report
from audit.models.moderation.statement import StatementOfReasons
from audit.models.moderation.strike import ActionProposal, Strike, StrikeLadderStep

__all__ = [
    "ActionProposal",
    "Appeal",
    "BulkItem",
    "BulkJob",
    "Case",
    "CaseEvent",
    "CasePresence",
    "CaseSkip",
    "Claim",
    "Decision",
    "DecisionEffect",
    "DecisionNotification",
    "Evidence",
    "ModerationPolicy",
    "PolicyVersion",
    "PrivateCopy",
    "Queue",
    "QueueRule",
    "Report",
    "SavedFilter",
    "StatementOfReasons",
    "Strike",
    "StrikeLadderStep",
]
