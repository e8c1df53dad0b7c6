"""Who may do what to the tables of billing: the one declaration behind GRANTs and Django permissions."""

from billing.dispute_access import DISPUTE_ACCESS
from billing.invoice_access import INVOICE_ACCESS
from billing.ledger_access import LEDGER_ACCESS, LEDGER_FUNCTIONS
from billing.payment_access import PAYMENT_ACCESS, PAYMENT_FUNCTIONS
from billing.payout_access import PAYOUT_ACCESS, PAYOUT_FUNCTIONS
from billing.provider_access import PROVIDER_ACCESS
from billing.reconciliation_access import RECONCILIATION_ACCESS, RECONCILIATION_FUNCTIONS
from billing.subscription_access import SUBSCRIPTION_ACCESS
from billing.wallet_access import WALLET_ACCESS
from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import ACTING_ROLES, STAFF_ROLES, Role

CATALOGUE_MANAGERS = (Role.FINANCE, Role.ADMINISTRATOR)
CATALOGUE_KEEPS = Rights(select=True, insert=True)
CATALOGUE_STAFF = (*STAFF_ROLES, Role.WORKER)
PROMOTION_TERMS = ("name", "limit_total", "limit_per_user", "budget", "valid")

ACCESS: AccessDeclaration = {
    **PAYMENT_ACCESS,
    **PROVIDER_ACCESS,
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
    "billing.ProviderCurrency": {
        **readers(*STAFF_ROLES, Role.WORKER),
        **dict.fromkeys(
            CATALOGUE_MANAGERS, Rights(select=True, insert=True, update=("step", "minimum", "maximum"))
        ),
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
        **dict.fromkeys(
            CATALOGUE_MANAGERS, Rights(select=True, insert=True, update=("limit_total", "is_active"))
        ),
        Role.WORKER: CATALOGUE_KEEPS,
    },
    "billing.PromotionRedemption": {
        **readers(Role.VIEWER, Role.PERFORMER, *(role for role in STAFF_ROLES if role != Role.ANALYST)),
        Role.WORKER: Rights(select=True, insert=True, update=("status",)),
    },
    **WALLET_ACCESS,
    **PAYOUT_ACCESS,
    **DISPUTE_ACCESS,
    **RECONCILIATION_ACCESS,
    **SUBSCRIPTION_ACCESS,
    **INVOICE_ACCESS,
}

FUNCTIONS: FunctionDeclaration = {
    **PAYMENT_FUNCTIONS,
    **LEDGER_FUNCTIONS,
    **PAYOUT_FUNCTIONS,
    **RECONCILIATION_FUNCTIONS,
}
