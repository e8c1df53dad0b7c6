"""Compliance: what must be kept, for how long and why; copyright notices and their answers."""

from audit.models.compliance.access_review import AccessReview
from audit.models.compliance.access_review_item import AccessReviewItem
from audit.models.compliance.archive_key import ArchiveKey
from audit.models.compliance.archived_partition import ArchivedPartition
from audit.models.compliance.compliance_filing import ComplianceFiling
from audit.models.compliance.counter_notice import CounterNotice
from audit.models.compliance.counter_notice_target import CounterNoticeTarget
from audit.models.compliance.filing_transition import FilingTransition
from audit.models.compliance.held_row import HeldRow
from audit.models.compliance.legal_hold import LegalHold
from audit.models.compliance.personal_archive import PersonalArchive
from audit.models.compliance.personal_data_source import PersonalDataSource
from audit.models.compliance.request_step import RequestStep
from audit.models.compliance.retention_policy import RetentionPolicy
from audit.models.compliance.retention_run import RetentionRun
from audit.models.compliance.subject_request import SubjectRequest
from audit.models.compliance.subject_request_transition import SubjectRequestTransition
from audit.models.compliance.takedown_claimant import TakedownClaimant
from audit.models.compliance.takedown_notice import TakedownNotice
from audit.models.compliance.takedown_target import TakedownTarget
from audit.models.compliance.takedown_transition import CounterNoticeTransition, TakedownTransition

__all__ = [
    "AccessReview",
    "AccessReviewItem",
    "ArchiveKey",
    "ArchivedPartition",
    "ComplianceFiling",
    "CounterNotice",
    "CounterNoticeTarget",
    "CounterNoticeTransition",
    "FilingTransition",
    "HeldRow",
    "LegalHold",
    "PersonalArchive",
    "PersonalDataSource",
    "RequestStep",
    "RetentionPolicy",
    "RetentionRun",
    "SubjectRequest",
    "SubjectRequestTransition",
    "TakedownClaimant",
    "TakedownNotice",
    "TakedownTarget",
    "TakedownTransition",
]
