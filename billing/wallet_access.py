"""Who may do what to wallets, tokens, shares and entitlements."""

from core.db.access import AccessDeclaration, Rights, readers
from core.db.roles import Role

WALLET_STAFF = (
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
SHARE_STAFF = tuple(role for role in WALLET_STAFF if role != Role.ADMINISTRATOR)
OWNERS = (Role.VIEWER, Role.PERFORMER)
WATCH_STAFF = (Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR)
WRITES_ONCE = Rights(select=True, insert=True)
TICKETS = ("capacity", "closed_at")

WALLET_ACCESS: AccessDeclaration = {
    "billing.Earning": {
        **readers(*SHARE_STAFF, Role.PERFORMER),
        Role.WORKER: WRITES_ONCE,
    },
    "billing.Entitlement": {
        **readers(*WALLET_STAFF, *WATCH_STAFF, *OWNERS),
        Role.SUPPORT: Rights(select=True, may=("grant_entitlement", "revoke_entitlement")),
        Role.FINANCE: Rights(select=True, may=("grant_entitlement", "revoke_entitlement")),
        Role.WORKER: Rights(select=True, insert=True, update=("valid", "revocation", "revoked_by_id")),
    },
    "billing.HoldLot": {
        **readers(*WALLET_STAFF),
        Role.WORKER: Rights(select=True, insert=True, update=("tokens", "cost")),
    },
    "billing.LotConsumption": {
        **readers(*WALLET_STAFF),
        Role.WORKER: WRITES_ONCE,
    },
    "billing.PrivateShowMinute": {
        **readers(*WALLET_STAFF),
        Role.WORKER: WRITES_ONCE,
    },
    "billing.RevenueShareRule": {
        **readers(*SHARE_STAFF, Role.PERFORMER, Role.WORKER),
        Role.FINANCE: Rights(select=True, insert=True, update=("valid",), may=("set_revenuesharerule",)),
    },
    "billing.RevenueSplit": {
        **readers(*SHARE_STAFF, Role.PERFORMER),
        Role.WORKER: WRITES_ONCE,
    },
    "billing.RevenueSplitLine": {
        **readers(*SHARE_STAFF),
        Role.WORKER: WRITES_ONCE,
    },
    "billing.SpendReversal": {
        **readers(*WALLET_STAFF),
        Role.WORKER: WRITES_ONCE,
    },
    "billing.TicketOffer": {
        **readers(*WALLET_STAFF, *WATCH_STAFF, Role.VIEWER),
        Role.PERFORMER: Rights(select=True, insert=True, update=TICKETS),
        Role.FINANCE: Rights(select=True, update=("closed_at",), may=("close_ticketoffer",)),
        Role.WORKER: Rights(select=True, insert=True, update=("sold", *TICKETS)),
    },
    "billing.TokenHold": {
        **readers(*WALLET_STAFF, *OWNERS),
        Role.WORKER: Rights(select=True, insert=True, update=("captured", "returned")),
    },
    "billing.TokenLot": {
        **readers(*WALLET_STAFF, *OWNERS),
        Role.WORKER: Rights(select=True, insert=True, update=("remaining", "withdrawn", "cost_remaining")),
    },
    "billing.TokenSpend": {
        **readers(*WALLET_STAFF, *OWNERS),
        Role.FINANCE: Rights(select=True, may=("reverse_tokenspend",)),
        Role.WORKER: WRITES_ONCE,
    },
    "billing.Wallet": {
        **readers(*WALLET_STAFF, *OWNERS),
        Role.FINANCE: Rights(select=True, may=("grant_tokens",)),
        Role.WORKER: Rights(select=True, insert=True, update=("updated_at",)),
    },
    "billing.WalletProof": readers(*WALLET_STAFF, Role.WORKER),
}
