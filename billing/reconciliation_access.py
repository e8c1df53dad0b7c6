"""Who may do what to settlement files, screenings and identity cases; part of `billing.access`."""

from billing.payment_policies import payment_rights
from billing.screening_policies import compliance_rights
from core.db.access import AccessDeclaration, FunctionDeclaration
from core.db.roles import Role

FINANCE = (Role.FINANCE, Role.FINANCE_APPROVER)
FILE_STATE = (
    "status",
    "quarantine",
    "gap",
    "follows_id",
    "matched_count",
    "exception_count",
    "reconciled_at",
)
CASE_STATE = (
    "status",
    "due_on",
    "owner_id",
    "risk",
    "findings",
    "decision_reason",
    "decided_by_id",
    "decided_at",
)

RECONCILIATION_ACCESS: AccessDeclaration = {
    "billing.SettlementFile": payment_rights(
        *FILE_STATE, take_settlementfile=FINANCE, decide_settlementfile=FINANCE
    ),
    "billing.SettlementLine": payment_rights(match_settlementline=FINANCE),
    "billing.ReconciliationMatch": payment_rights(),
    "billing.SanctionsScreening": compliance_rights(
        may=("screen_sanctionsscreening", "reveal_sanctionsscreening")
    ),
    "billing.KycCase": compliance_rights(*CASE_STATE, may=("work_kyccase", "reveal_kyccase")),
}

RECONCILIATION_FUNCTIONS: FunctionDeclaration = {
    "billing_payout_barred(uuid,uuid)": (Role.WORKER, Role.COMPLIANCE),
}
