"""Who may do what to the tables of billing: the one declaration behind GRANTs and Django permissions."""

from billing.ledger_access import LEDGER_ACCESS, LEDGER_FUNCTIONS
from billing.payment_access import PAYMENT_ACCESS, PAYMENT_FUNCTIONS
from billing.wallet_access import WALLET_ACCESS
from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import ACTING_ROLES, STAFF_ROLES, Role

CATALOGUE_MANAGERS = (Role.FINANCE, Role.ADMINISTRATOR)
CATALOGUE_KEEPS = Rights(select=True, insert=True)
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
LEDGER_STAFF = (
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
CATALOGUE_STAFF = (*STAFF_ROLES, Role.WORKER)
PROMOTION_TERMS = ("name", "limit_total", "limit_per_user", "budget", "valid")

ACCESS: AccessDeclaration = {
    **WALLET_ACCESS,
    **PAYMENT_ACCESS,
    "billing.Currency": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys(
            CATALOGUE_MANAGERS,
            Rights(select=True, insert=True, update=("name", "withdrawn_on"), may=("keep_currency",)),
        ),
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
    "billing.TokenPack": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys((*CATALOGUE_MANAGERS, Role.WORKER), CATALOGUE_KEEPS),
    },
    "billing.GiftItem": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys(CATALOGUE_MANAGERS, Rights(select=True, insert=True, update=("tokens",))),
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
    "billing.Price": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys(
            CATALOGUE_MANAGERS,
            Rights(select=True, insert=True, update=("valid",), delete=True, may=("keep_price",)),
        ),
        Role.WORKER: CATALOGUE_KEEPS,
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
        **readers(*STAFF_ROLES, Role.WORKER),
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
    "billing.AccountingPeriod": {
        **readers(Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR),
        Role.FINANCE: Rights(select=True, may=("soft_close_accountingperiod",)),
        Role.FINANCE_APPROVER: Rights(
            select=True, may=("soft_close_accountingperiod", "close_accountingperiod")
        ),
        Role.WORKER: Rights(select=True, insert=True, update=("status",)),
    },
    "billing.JournalEntry": {
        **readers(*LEDGER_STAFF),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "billing.LedgerAccount": {
        **readers(*LEDGER_STAFF),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "billing.LedgerBalance": readers(*LEDGER_STAFF, Role.WORKER),
    "billing.LedgerEpoch": readers(*LEDGER_STAFF, Role.WORKER),
    "billing.Posting": {
        **readers(*LEDGER_STAFF),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "billing.Reversal": {
        **readers(*LEDGER_STAFF),
        Role.WORKER: Rights(select=True, insert=True),
    },
    **LEDGER_ACCESS,
    "billing.PriceTier": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys(CATALOGUE_MANAGERS, Rights(select=True, insert=True, delete=True)),
        Role.WORKER: CATALOGUE_KEEPS,
    },
    "billing.DeclineCode": {
        **readers(*CATALOGUE_STAFF),
        **dict.fromkeys(CATALOGUE_MANAGERS, Rights(select=True, insert=True, update=("unified", "words"))),
    },
    "billing.ExchangeRate": {
        **readers(*ACTING_ROLES),
        Role.WORKER: Rights(select=True, insert=True, update=("valid",)),
    },
    "billing.TaxRate": {
        **readers(*ACTING_ROLES),
        Role.WORKER: Rights(select=True, insert=True, update=("valid",)),
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
}

FUNCTIONS: FunctionDeclaration = {
    **PAYMENT_FUNCTIONS,
    "ledger_accounts_open(text[], text[], text[], text[], uuid[], uuid[])": (Role.WORKER,),
    "ledger_balance_of(uuid)": (*LEDGER_STAFF, Role.WORKER),
    "ledger_moment()": (Role.WORKER,),
    "ledger_period_at(date)": (Role.WORKER,),
    "ledger_post(uuid[], text[], text[], uuid[], timestamp with time zone[], text[], numeric[], uuid[], integer[], "
    "smallint[], uuid[], bigint[], text[], uuid)": (Role.WORKER,),
    "ledger_roll_forward(uuid[])": (Role.WORKER,),
    **LEDGER_FUNCTIONS,
}
