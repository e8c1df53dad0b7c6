"""Who may do what to the tables of billing: the one declaration behind GRANTs and Django permissions."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import ACTING_ROLES, STAFF_ROLES, Role

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
    "billing.PriceTier": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys(CATALOGUE_MANAGERS, Rights(select=True, insert=True, delete=True)),
        Role.WORKER: CATALOGUE_KEEPS,
    },
    "billing.ProviderCurrency": {
        **readers(*CATALOGUE_STAFF),
        **dict.fromkeys(
            CATALOGUE_MANAGERS, Rights(select=True, insert=True, update=("step", "minimum", "maximum"))
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
        **readers(Role.VIEWER, Role.PERFORMER, *(role for role in STAFF_ROLES if role != Role.ANALYST)),
        Role.WORKER: Rights(select=True, insert=True, update=("status",)),
    },
}

FUNCTIONS: FunctionDeclaration = {}
