"""Who may do what to accounts, calls, messages and exceptions of providers; part of `billing.access`."""

from core.db.access import AccessDeclaration, Rights, readers
from core.db.roles import Role

PROVIDER_STAFF = (Role.SUPPORT, Role.COMPLIANCE, Role.AUDITOR)
PROVIDER_FINANCE = (Role.FINANCE, Role.FINANCE_APPROVER)
ACCOUNT_SETTINGS = ("webhook_secrets", "api_credentials", "closed_at")
EVENT_STATE = (
    "event_id",
    "event_type",
    "verdict",
    "status",
    "deliveries",
    "attempts",
    "processed_at",
    "words",
    "fact",
    "occurred_at",
    "reference",
)
EXCEPTION_STATE = ("status", "owner_id", "owned_at", "resolution", "reason", "resolved_by_id", "resolved_at")
CALL_STATE = (
    "status",
    "tries",
    "begun_at",
    "next_try_at",
    "outcome",
    "answered_at",
    "answer_reference",
    "decline_code",
    "answer",
)
SIMULATED_STATE = ("calls", "amount", "outcome", "decline_code", "captured_total", "refunded_total", "voided")

PROVIDER_ACCESS: AccessDeclaration = {
    "billing.ProviderAccount": {
        **readers(*PROVIDER_STAFF, *PROVIDER_FINANCE, Role.WORKER),
        Role.ADMINISTRATOR: Rights(
            select=True, insert=True, update=ACCOUNT_SETTINGS, may=("keep_provideraccount",)
        ),
    },
    "billing.ProviderCall": {
        **readers(*PROVIDER_STAFF, Role.ADMINISTRATOR),
        **dict.fromkeys(PROVIDER_FINANCE, Rights(select=True, may=("ask_again_providercall",))),
        Role.WORKER: Rights(select=True, insert=True, update=CALL_STATE),
    },
    "billing.ProviderEvent": {
        **readers(*PROVIDER_STAFF, Role.ADMINISTRATOR),
        **dict.fromkeys(PROVIDER_FINANCE, Rights(select=True, may=("replay_providerevent",))),
        Role.WORKER: Rights(select=True, insert=True, update=EVENT_STATE),
    },
    "billing.ProviderEventKey": {
        **readers(*PROVIDER_STAFF, *PROVIDER_FINANCE, Role.ADMINISTRATOR, Role.WORKER),
    },
    "billing.ReconciliationException": {
        **readers(*PROVIDER_STAFF, Role.ADMINISTRATOR),
        **dict.fromkeys(PROVIDER_FINANCE, Rights(select=True, may=("resolve_reconciliationexception",))),
        Role.WORKER: Rights(select=True, insert=True, update=EXCEPTION_STATE),
    },
    "billing.SimulatedCharge": {
        **readers(*PROVIDER_STAFF, *PROVIDER_FINANCE, Role.ADMINISTRATOR),
        Role.WORKER: Rights(select=True, insert=True, update=SIMULATED_STATE),
    },
    "billing.SimulatedEvent": {
        **readers(*PROVIDER_STAFF, *PROVIDER_FINANCE, Role.ADMINISTRATOR),
        Role.WORKER: Rights(select=True, insert=True, update=("sent_at",)),
    },
}
