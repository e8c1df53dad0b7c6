"""Who may do what to plans, subscriptions, their periods and dunning; part of `billing.access`."""

from core.db.access import AccessDeclaration, Rights, readers
from core.db.roles import Role

SUBSCRIPTION_STAFF = (
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
SUBSCRIBERS = (Role.VIEWER, Role.PERFORMER)
CATALOGUE = (Role.FINANCE, Role.ADMINISTRATOR)
WRITES_ONCE = Rights(select=True, insert=True)
KEEPS_SUBSCRIPTIONS = Rights(
    select=True, may=("cancel_subscription", "change_plan_subscription", "charge_subscription")
)
SUBSCRIPTION_STATE = (
    "plan_id",
    "price_id",
    "next_plan_id",
    "next_price_id",
    "status",
    "country",
    "tax_part",
    "renews_at",
    "cancels_at",
    "ended_at",
    "end_reason",
    "credit",
)

SUBSCRIPTION_ACCESS: AccessDeclaration = {
    "billing.Plan": {
        **readers(*SUBSCRIPTION_STAFF, Role.SUPPORT, *SUBSCRIBERS),
        **dict.fromkeys(CATALOGUE, Rights(select=True, may=("keep_plan",))),
        Role.WORKER: Rights(select=True, insert=True, update=("trial_days", "dunning_days", "closed_at")),
    },
    "billing.PlanBenefit": {
        **readers(*SUBSCRIPTION_STAFF, Role.SUPPORT, *SUBSCRIBERS),
        Role.WORKER: WRITES_ONCE,
    },
    "billing.Subscription": {
        **readers(*SUBSCRIPTION_STAFF, *SUBSCRIBERS),
        Role.FINANCE: KEEPS_SUBSCRIPTIONS,
        Role.WORKER: Rights(select=True, insert=True, update=SUBSCRIPTION_STATE),
    },
    "billing.SubscriptionEvent": {
        **readers(*SUBSCRIPTION_STAFF),
        Role.WORKER: WRITES_ONCE,
    },
    "billing.SubscriptionPeriod": {
        **readers(*SUBSCRIPTION_STAFF, *SUBSCRIBERS),
        Role.WORKER: Rights(select=True, insert=True, update=("ends_at", "status", "paid_at")),
    },
    "billing.DunningAttempt": {
        **readers(*SUBSCRIPTION_STAFF),
        Role.WORKER: Rights(
            select=True, insert=True, update=("status", "intent_id", "attempted_at", "outcome")
        ),
    },
}
