"""Who may do what to filings and access reviews; a part of `audit.access`."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role

FILING_COLUMNS = (
    "authority",
    "legal_basis",
    "words",
    "status",
    "hold_id",
    "filed_at",
    "authority_reference",
    "outcome",
    "outcome_at",
)

FILING_ACCESS: AccessDeclaration = {
    "audit.ComplianceFiling": {
        **readers(Role.AUDITOR),
        Role.COMPLIANCE: Rights(
            select=True,
            insert=True,
            update=FILING_COLUMNS,
            may=("handle_compliancefiling", "reveal_compliancefiling"),
        ),
        Role.WORKER: Rights(select=True, update=("overdue_told_at",)),
    },
    # Written by triggers, in the name of whoever makes the move.
    "audit.FilingTransition": readers(Role.COMPLIANCE, Role.AUDITOR),
    "audit.AccessReview": {
        **readers(Role.AUDITOR, Role.ADMINISTRATOR),
        Role.COMPLIANCE: Rights(select=True, update=("status",), may=("close_accessreview",)),
        Role.WORKER: Rights(select=True, insert=True, update=("overdue_told_at",)),
    },
    # Frozen by the trigger of the review; nobody adds to them.
    "audit.AccessReviewItem": {
        **readers(Role.AUDITOR, Role.COMPLIANCE, Role.WORKER),
        Role.ADMINISTRATOR: Rights(
            select=True, update=("verdict", "reason"), may=("decide_accessreviewitem",)
        ),
    },
}

FILING_FUNCTIONS: FunctionDeclaration = {
    "access_reviews_settle()": (Role.WORKER, Role.COMPLIANCE),
    "access_review_words_erase(uuid)": (Role.COMPLIANCE,),
}
