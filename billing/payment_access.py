"""Who may do what to orders, payments, refunds and approvals; part of `billing.access`."""

from billing.payment_policies import PAYMENT_READERS, payment_rights
from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role

REFUNDERS = (Role.FINANCE, Role.FINANCE_APPROVER)
ADDRESS_PARTS = ("name", "street", "town", "postal_code", "postal_prefix")
METHOD_STATE = (
    "token",
    "fingerprint",
    "brand",
    "last_four",
    "expiry_year",
    "expiry_month",
    "status",
    "is_default",
    "last_used_at",
    "failure_streak",
)
ATTEMPT_STATE = (
    "status",
    "provider_reference",
    "decline_code",
    "settled_at",
    "three_d_secure_version",
    "three_d_secure_flow",
    "electronic_commerce_indicator",
    "exemption",
    "directory_transaction",
)
PAYMENT_STATE = (
    "provider_reference",
    "status",
    "authorised",
    "capture_requested",
    "captured",
    "refund_requested",
    "authorised_settled",
    "captured_settled",
    "refunded_settled",
    "refunded_reported",
    "refunded_elsewhere",
    "fulfilled",
    "reversed",
    "suspended",
    "disputed",
    "charged_back",
    "voided_at",
    "provider_time",
)
REFUND_STATE = (
    "status",
    "provider_reference",
    "failure_code",
    "sent_at",
    "succeeded_at",
    "settled_at",
)
LIMIT_END = ("valid",)

PAYMENT_ACCESS: AccessDeclaration = {
    "billing.BillingCustomer": payment_rights(own=True),
    "billing.BillingAddress": payment_rights(*ADDRESS_PARTS, own=True),
    "billing.Mandate": payment_rights("status", "revoked_at", own=True),
    "billing.PaymentMethod": payment_rights(*METHOD_STATE, own=True),
    "billing.PaymentMethodVerification": payment_rights(own=True),
    "billing.Order": payment_rights("status", "paid_at", "cancelled_at", own=True, cancel_order=REFUNDERS),
    "billing.OrderLine": payment_rights("net_reversed", "tax_reversed", own=True),
    "billing.PaymentIntent": payment_rights(own=True),
    "billing.PaymentAttempt": payment_rights(*ATTEMPT_STATE),
    "billing.Payment": payment_rights(
        *PAYMENT_STATE,
        own=True,
        capture_payment=REFUNDERS,
        void_payment=REFUNDERS,
        refund_payment=REFUNDERS,
        ask_payment=REFUNDERS,
    ),
    "billing.PaymentEvent": readers(*PAYMENT_READERS, Role.WORKER),
    "billing.Refund": payment_rights(*REFUND_STATE, own=True),
    "billing.ApprovalRequest": payment_rights(
        "status",
        "checker_id",
        "decided_at",
        "decision_reason",
        decide_approvalrequest=(Role.FINANCE_APPROVER,),
    ),
    "billing.StaffLimit": {
        **readers(*PAYMENT_READERS),
        Role.ADMINISTRATOR: Rights(select=True, insert=True, update=LIMIT_END, may=("set_stafflimit",)),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "billing.IdempotencyRecord": payment_rights("response"),
}

PAYMENT_FUNCTIONS: FunctionDeclaration = {
    "billing_payers_reached(bytea[])": PAYMENT_READERS,
    "billing_person_survey(uuid)": (Role.COMPLIANCE,),
    "billing_person_erase(uuid)": (Role.COMPLIANCE,),
}
