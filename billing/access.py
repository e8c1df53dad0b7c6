"""Who may do what to the tables of billing: the one declaration behind GRANTs and Django permissions."""

from billing.wallet_access import WALLET_ACCESS
from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import ACTING_ROLES, Role

CATALOGUE_MANAGERS = (Role.FINANCE, Role.ADMINISTRATOR)
CATALOGUE_KEEPS = Rights(select=True, insert=True)
LEDGER_STAFF = (
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)

ACCESS: AccessDeclaration = {
    **WALLET_ACCESS,
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
}

FUNCTIONS: FunctionDeclaration = {
    "ledger_accounts_open(text[], text[], text[], text[], uuid[], uuid[])": (Role.WORKER,),
    "ledger_balance_of(uuid)": (*LEDGER_STAFF, Role.WORKER),
    "ledger_moment()": (Role.WORKER,),
    "ledger_period_at(date)": (Role.WORKER,),
    "ledger_post(uuid[], text[], text[], uuid[], timestamp with time zone[], text[], numeric[], uuid[], integer[], "
    "smallint[], uuid[], bigint[], text[], uuid)": (Role.WORKER,),
    "ledger_roll_forward(uuid[])": (Role.WORKER,),
}
