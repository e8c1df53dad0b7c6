"""Who may do what to payouts, destinations, debts and reserves; part of `billing.access`."""

from billing.models.wallet import SHARE_READERS
from billing.payout_policies import payout_rights
from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role

PAYERS = (Role.FINANCE, Role.FINANCE_APPROVER)
DESTINATION_STATE = ("status", "failure_streak", "holder_name", "details", "token", "last_four")
BATCH_STATE = (
    "status",
    "submitted_by_id",
    "approval_id",
    "content_hash",
    "payout_count",
    "total",
    "submitted_at",
    "approved_at",
    "done_at",
)
PAYOUT_STATE = ("status", "provider_reference", "failure_code", "sent_at", "paid_at", "settled_at")

PAYOUT_ACCESS: AccessDeclaration = {
    "billing.TokenValue": {
        **readers(*SHARE_READERS, Role.ADMINISTRATOR, Role.PERFORMER),
        Role.FINANCE_APPROVER: Rights(select=True, insert=True, update=("valid",), may=("set_tokenvalue",)),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "billing.PayoutDestination": payout_rights(
        *DESTINATION_STATE,
        reveal_payoutdestination=(Role.COMPLIANCE,),
        pause_payoutdestination=PAYERS,
        add_for_payee_payoutdestination=PAYERS,
    ),
    "billing.PayoutBatch": payout_rights(*BATCH_STATE, own=False, prepare_payoutbatch=PAYERS),
    "billing.Payout": payout_rights(*PAYOUT_STATE, export_payout=PAYERS),
    "billing.PayoutItem": payout_rights(own=False),
    "billing.PayoutReturn": payout_rights(),
    "billing.PayoutEvent": readers(*SHARE_READERS, Role.WORKER),
    "billing.Debt": payout_rights(keep_debt=(Role.FINANCE_APPROVER,)),
    "billing.ReserveHold": payout_rights("released_at", "released_by_id", keep_reservehold=PAYERS),
}

PAYOUT_FUNCTIONS: FunctionDeclaration = {
    "payout_batch_content(uuid)": (*SHARE_READERS, Role.WORKER),
    "payout_batch_hash(uuid)": (*SHARE_READERS, Role.WORKER),
    "payouts_person_survey(uuid)": (Role.COMPLIANCE,),
    "payouts_person_erase(uuid)": (Role.COMPLIANCE,),
}
