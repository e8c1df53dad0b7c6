"""Plans and subscriptions of the demo: paid, on trial, given, moved to a dearer plan, cancelled and declined."""

from accounts.models import User
from billing.catalogue_choices import TaxBehaviour
from billing.datasets.demo_payments import demo_providers_work
from billing.models import PaymentMethod, Plan, Subscription
from billing.services.plans import NewBenefit, plan_open
from billing.services.subscription_changes import subscription_plan_change
from billing.services.subscription_endings import subscription_cancel
from billing.services.subscriptions import subscription_gift, subscription_start
from billing.services.wallets import as_worker
from billing.subscription_choices import BenefitKind, PlanInterval, SubscriptionStatus
from performers.demo import admitted
from performers.models import PerformerProfile

STARS = 3
WELL = tuple(f"sim_cus_{number}" for number in range(16))
"""Payers of the demo whose cards are charged well; see `demo_payments`."""
ILL = "sim_cus_16"
PLANS = (
    (
        "Supporter",
        1,
        499,
        0,
        ((BenefitKind.WATCH, "Streams for subscribers"), (BenefitKind.CHAT_BADGE, "A badge")),
    ),
    (
        "Gold",
        2,
        999,
        7,
        ((BenefitKind.WATCH, "Streams for subscribers"), (BenefitKind.MESSAGES, "Private messages")),
    ),
)


def demo_subscriptions_load() -> str:
    """Plans and subscriptions; run again, it changes nothing."""
    with as_worker(None):
        if Plan.objects.exists():
            return "there before"
        payers = {
            method.customer.reference: method.user
            for method in PaymentMethod.objects.usable()
            .without_token()
            .select_related("customer", "user")
            .filter(customer__reference__in=(*WELL, ILL))
        }
    stars = admitted(STARS)
    well = [payers[reference] for reference in WELL if reference in payers]
    if not stars or len(well) < 2:
        return "nobody to subscribe, or to subscribe to"
    plans = [plan for star in stars for plan in _plans(star)]
    for number, payer in enumerate(well):
        _start(number, payer, plans[number % len(plans)])
    _gift(well[0], well[-1], plans)
    if ILL in payers:
        _start(len(WELL), payers[ILL], plans[0])
    demo_providers_work()
    _decide()
    demo_providers_work()
    with as_worker(None):
        return (
            f"{len(plans)} plans, {Subscription.objects.count()} subscriptions, "
            f"{Subscription.objects.live().count()} of them live"
        )


def _plans(star: PerformerProfile) -> list[Plan]:
    return [
        plan_open(
            performer_id=star.pk,
            name=f"{star.stage_name}: {name}",
            rank=rank,
            interval=PlanInterval.MONTH,
            currency="EUR",
            amount=amount,
            tax_behaviour=TaxBehaviour.INCLUSIVE,
            trial_days=trial,
            benefits=[NewBenefit(kind, words) for kind, words in benefits],
            actor=None,
            reason="plans of the demo",
        )
        for name, rank, amount, trial, benefits in PLANS
    ]


def _start(number: int, payer: User, plan: Plan) -> None:
    if payer.pk == plan.performer_id:
        return
    subscription_start(
        viewer=payer,
        plan_id=plan.pk,
        country=("DE", "FR", "ES")[number % 3],
        currency="EUR",
        idempotency_key=f"demo-subscription-{number}",
        actor=payer,
    )


def _gift(giver: User, viewer: User, plans: list[Plan]) -> None:
    with as_worker(None):
        taken = Subscription.objects.live().filter(viewer=viewer).values_list("performer_id", flat=True)
        free = [plan for plan in plans if plan.performer_id not in {*taken, giver.pk, viewer.pk}]
    if free:
        subscription_gift(
            giver=giver,
            viewer_id=viewer.pk,
            plan_id=free[0].pk,
            country="DE",
            currency="EUR",
            idempotency_key="demo-gift",
            actor=giver,
        )


def _decide() -> None:
    """One moves to the dearer plan, one cancels."""
    with as_worker(None):
        active = list(
            Subscription.objects.select_related("viewer", "plan")
            .filter(status=SubscriptionStatus.ACTIVE, giver__isnull=True, plan__rank=1)
            .order_by("pk")[:2]
        )
        dearer = {plan.performer_id: plan for plan in Plan.objects.offered().filter(rank=2)}
    if active:
        subscription_plan_change(
            subscription_id=active[0].pk, plan_id=dearer[active[0].performer_id].pk, actor=active[0].viewer
        )
    if len(active) > 1:
        subscription_cancel(
            subscription_id=active[1].pk, actor=active[1].viewer, reason="I watch less in summer."
        )
