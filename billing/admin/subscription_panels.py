"""What the page of a subscription shows beside it: its history, periods, further attempts and payments."""

from billing.admin.payment_words import money, money_of, row_url, when, when_of
from billing.models import DunningAttempt, Payment
from core.admin.panels import Panel

HISTORY = Panel(
    "History",
    columns=(
        ("When (UTC)", when_of("happened_at")),
        ("What", "kind"),
        ("State afterwards", "status"),
        ("Plan afterwards", lambda event: str(event.plan.product)),
        ("Then", lambda event: str(event.next_plan.product) if event.next_plan else "–"),
        ("Ends (UTC)", lambda event: when(event.cancels_at)),
        ("Why", lambda event: event.reason or "–"),
        ("In whose name", lambda event: str(event.actor) if event.actor else "the system"),
    ),
    rows=lambda subscription: subscription.events.select_related(
        "actor", "plan__product", "next_plan__product"
    ).order_by("-number"),
    permission="billing.view_subscriptionevent",
    limit=30,
)
PERIODS = Panel(
    "Periods",
    columns=(
        ("Number", "number"),
        ("From (UTC)", when_of("starts_at")),
        ("Until (UTC)", when_of("ends_at")),
        ("Plan", lambda period: str(period.plan.product)),
        ("Costs", money_of("charge")),
        ("Credit used", money_of("credit_used")),
        ("Credit given", money_of("credit_given")),
        ("Order", lambda period: money(period.order, "total") if period.order else "–"),
        ("Status", "status"),
        ("Paid (UTC)", when_of("paid_at")),
    ),
    rows=lambda subscription: subscription.periods.select_related("plan__product", "order").order_by(
        "-number"
    ),
    permission="billing.view_subscriptionperiod",
    limit=24,
    url=lambda period: row_url(period.order) if period.order_id else "",
    words="One after another without a gap, but for changes that were not made. A row leads to its order.",
)
ATTEMPTS = Panel(
    "Further attempts to collect",
    columns=(
        ("Period", lambda attempt: str(attempt.period)),
        ("Number", "number"),
        ("Due (UTC)", when_of("due_at")),
        ("Made (UTC)", when_of("attempted_at")),
        ("Status", "status"),
        ("Outcome", lambda attempt: attempt.outcome or "–"),
    ),
    rows=lambda subscription: (
        DunningAttempt.objects.filter(period__subscription=subscription)
        .select_related("period")
        .order_by("-pk")
    ),
    permission="billing.view_dunningattempt",
    url=row_url,
    empty="Every charge was paid at once.",
)
PAYMENTS = Panel(
    "Payments",
    columns=(
        ("When (UTC)", when_of("created_at")),
        ("Amount", money_of("amount")),
        ("Status", "status"),
        ("Refunded", money_of("refunded_settled")),
        ("By", "payment_method"),
    ),
    rows=lambda subscription: (
        Payment.objects.filter(order__subscription_period__subscription=subscription)
        .select_related("payment_method")
        .defer("payment_method__token")
        .order_by("-pk")
    ),
    permission="billing.view_payment",
    url=row_url,
    limit=24,
    empty="Nothing was charged.",
)
SUBSCRIPTION_PANELS = (HISTORY, PERIODS, ATTEMPTS, PAYMENTS)
