"""Who may do what to the tables and functions of the ledger; `billing.access` takes it in."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role

LEDGER_STAFF = (
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)

LEDGER_ACCESS: AccessDeclaration = {
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
        Role.FINANCE_APPROVER: Rights(select=True, may=("reverse_journalentry",)),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "billing.LedgerAccount": {
        **readers(*LEDGER_STAFF),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "billing.LedgerBalance": readers(*LEDGER_STAFF, Role.WORKER),
    "billing.LedgerEpoch": readers(*LEDGER_STAFF, Role.WORKER),
    "billing.AccountStatementLine": readers(*LEDGER_STAFF, Role.WORKER),
    "billing.JournalLine": readers(*LEDGER_STAFF, Role.WORKER),
    "billing.LedgerProof": readers(*LEDGER_STAFF, Role.WORKER),
    "billing.TrialBalanceLine": readers(*LEDGER_STAFF, Role.WORKER),
    "billing.Posting": {
        **readers(*LEDGER_STAFF),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "billing.Reversal": {
        **readers(*LEDGER_STAFF),
        Role.WORKER: Rights(select=True, insert=True),
    },
}

LEDGER_FUNCTIONS: FunctionDeclaration = {
    "ledger_accounts_open(text[], text[], text[], text[], uuid[], uuid[])": (Role.WORKER,),
    "ledger_balance_of(uuid)": (*LEDGER_STAFF, Role.WORKER),
    "ledger_moment()": (Role.WORKER,),
    "ledger_period_at(date)": (Role.WORKER,),
    "ledger_post(uuid[], text[], text[], uuid[], timestamp with time zone[], text[], numeric[], uuid[], integer[], "
    "smallint[], uuid[], bigint[], text[], uuid)": (Role.WORKER,),
    "ledger_roll_forward(uuid[])": (Role.WORKER,),
}
