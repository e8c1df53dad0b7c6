"""Who may do what to disputes, evidence, holds of earnings and risk reviews; part of `billing.access`."""

from billing.payment_policies import PAYMENT_READERS, payment_rights
from core.db.access import AccessDeclaration, Rights, readers
from core.db.roles import Role

FINANCE = (Role.FINANCE, Role.FINANCE_APPROVER)
REVIEWERS = (*FINANCE, Role.COMPLIANCE)
SHARE_STAFF = tuple(role for role in PAYMENT_READERS if role != Role.ADMINISTRATOR)
DISPUTE_FACTS = (
    "provider_reference",
    "stage",
    "status",
    "reason",
    "reason_code",
    "amount",
    "lost_amount",
    "withdrawn",
    "fees",
    "charged_back",
    "opened_at",
    "due_at",
    "decided_at",
    "provider_time",
)
SUBMISSION = (
    "submission",
    "submissions",
    "submitted_at",
    "submitted_by_id",
    "evidence_sha256",
    "failure_code",
)
RELEASE = ("released_at", "released_by_id", "release_reason")
DECISION = ("status", "owner_id", "decided_by_id", "decided_at", "decision_reason")

DISPUTE_ACCESS: AccessDeclaration = {
    "billing.Dispute": payment_rights(*DISPUTE_FACTS, *SUBMISSION, submit_dispute=FINANCE),
    "billing.DisputeEvent": readers(*PAYMENT_READERS, Role.WORKER),
    "billing.DisputeMovement": payment_rights(),
    "billing.DisputeEvidence": payment_rights("words", "written_by_id"),
    "billing.EarningHold": {
        **readers(*SHARE_STAFF),
        **dict.fromkeys(FINANCE, Rights(select=True, may=("release_earninghold",))),
        Role.WORKER: Rights(select=True, insert=True, update=RELEASE),
    },
    "billing.RiskReview": payment_rights(*DECISION, decide_riskreview=REVIEWERS),
}
