"""Who may do what to the tables of billing: the one declaration behind GRANTs and Django permissions."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import ACTING_ROLES, Role, STAFF_ROLES

PROVIDER_STAFF = (Role.SUPPORT, Role.COMPLIANCE, Role.AUDITOR)
PROVIDER_FINANCE = (Role.FINANCE, Role.FINANCE_APPROVER)
ACCOUNT_SETTINGS = ("webhook_secrets", "api_secret", "closed_at")
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
CATALOGUE_MANAGERS = (Role.FINANCE, Role.ADMINISTRATOR)
CATALOGUE_KEEPS = Rights(select=True, insert=True)
CATALOGUE_STAFF = (*STAFF_ROLES, Role.WORKER)
PROMOTION_TERMS = ("name", "limit_total", "limit_per_user", "budget", "valid")

ACCESS: AccessDeclaration = {
    "billing.Currency": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys(
            CATALOGUE_MANAGERS,
            Rights(select=True, insert=True, update=("name", "withdrawn_on"), may=("keep_currency",)),
        ),
    },
    "billing.DeclineCode": {
        **readers(*CATALOGUE_STAFF),
        **dict.fromkeys(CATALOGUE_MANAGERS, Rights(select=True, insert=True, update=("unified", "words"))),
    },
    "billing.ExchangeRate": {
        **readers(*ACTING_ROLES),
        Role.WORKER: Rights(select=True, insert=True, update=("valid",)),
    },
    "billing.GiftItem": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys(CATALOGUE_MANAGERS, Rights(select=True, insert=True, update=("tokens",))),
        Role.WORKER: CATALOGUE_KEEPS,
    },
    "billing.Price": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys(
            CATALOGUE_MANAGERS,
            Rights(select=True, insert=True, update=("valid",), delete=True, may=("keep_price",)),
        ),
        Role.WORKER: CATALOGUE_KEEPS,
    },
    "billing.PriceRegion": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys(CATALOGUE_MANAGERS, Rights(select=True, insert=True, update=("name",))),
    },
    "billing.PriceRegionCountry": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys(
            CATALOGUE_MANAGERS, Rights(select=True, insert=True, update=("region_id",), delete=True)
        ),
    },
    "billing.PriceTier": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys(CATALOGUE_MANAGERS, Rights(select=True, insert=True, delete=True)),
        Role.WORKER: CATALOGUE_KEEPS,
    },
    "billing.Product": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys(
            CATALOGUE_MANAGERS,
            Rights(
                select=True, insert=True, update=("name", "description", "is_offered"), may=("keep_product",)
            ),
        ),
        Role.WORKER: CATALOGUE_KEEPS,
    },
    "billing.Promotion": {
        **readers(*CATALOGUE_STAFF),
        **dict.fromkeys(
            CATALOGUE_MANAGERS,
            Rights(select=True, insert=True, update=PROMOTION_TERMS, may=("keep_promotion",)),
        ),
        Role.WORKER: CATALOGUE_KEEPS,
    },
    "billing.PromotionCode": {
        **readers(*CATALOGUE_STAFF),
        **dict.fromkeys(CATALOGUE_MANAGERS, Rights(select=True, insert=True, update=("limit", "is_active"))),
        Role.WORKER: CATALOGUE_KEEPS,
    },
    "billing.PromotionRedemption": {
        **readers(Role.VIEWER, Role.PERFORMER, *STAFF_ROLES),
        Role.WORKER: Rights(select=True, insert=True, update=("status",)),
    },
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
    "billing.ProviderCurrency": {
        **readers(*CATALOGUE_STAFF),
        **dict.fromkeys(
            CATALOGUE_MANAGERS, Rights(select=True, insert=True, update=("step", "minimum", "maximum"))
        ),
    },
    "billing.ProviderEvent": {
        **readers(*PROVIDER_STAFF, Role.ADMINISTRATOR),
        **dict.fromkeys(PROVIDER_FINANCE, Rights(select=True, may=("replay_providerevent",))),
        Role.WORKER: Rights(select=True, insert=True, update=EVENT_STATE),
    },
    "billing.ProviderEventKey": {
        **readers(*PROVIDER_STAFF, *PROVIDER_FINANCE, Role.ADMINISTRATOR, Role.WORKER),
        Role.RETENTION: Rights(select=True, delete=True),
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
    "billing.TaxRate": {
        **readers(*ACTING_ROLES),
        Role.WORKER: Rights(select=True, insert=True, update=("valid",)),
    },
    "billing.TokenPack": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys((*CATALOGUE_MANAGERS, Role.WORKER), CATALOGUE_KEEPS),
    },
}
