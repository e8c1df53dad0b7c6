"""Subscriptions are begun: by the viewer, or given by somebody else; and who may have one."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Subquery

from accounts.models import Restriction, User
from billing.anchoring import anchored_end, whole_second
from billing.errors import PlanRefused, SubscriptionRefused
from billing.idempotency import once
from billing.models import Plan, Subscription, SubscriptionPeriod
from billing.services.prices import price_for, price_total
from billing.services.spends import BARRED
from billing.services.subscription_events import subscription_moved
from billing.services.subscription_periods import (
    default_method,
    period_charge,
    period_entitle,
    period_open,
)
from billing.services.wallets import as_worker
from billing.subscription_choices import (
    MONTHS,
    PlanInterval,
    SubscriptionEnd,
    SubscriptionEventKind,
    SubscriptionStatus,
)
from billing.wallet_choices import SpendKind
from core.db.clock import database_now
from core.db.refusals import refused_as
from core.models.identity import uuid7
from performers.models import PerformerProfile
from streams.watching.decision import WATCHING_STATUSES

NO_PERFORMER = "There is no such performer, or she is not here at the moment."
NO_VIEWER = "This account may not subscribe. Ask our support for the reason."
NO_GIVER = "This account may not give subscriptions. Ask our support for the reason."


@transaction.atomic
def subscription_start(
    *,
    viewer: User,
    plan_id: UUID,
    country: str,
    currency: str,
    idempotency_key: str,
    actor: User | None,
    payment_method_id: UUID | None = None,
    tax_part: str = "",
) -> Subscription:
    """Subscribe a viewer to a plan: at once on trial where the plan has one and it is the first, else once it is paid.

    The first period begins now (UTC, whole seconds), which is the anchor of all that follow; with a trial its end is.
    The same key with the same arguments gives the first answer again. Raises: SubscriptionRefused (there is one
    already, the performer or the viewer is not such, nothing to pay by), PlanRefused (closed), PaymentRefused,
    PriceGap, PriceRefused, TaxGap, TaxRefused, KeyReused. Announces: `subscription_begun`, `order_placed`.
    """
    return _begin(
        viewer_id=viewer.pk,
        giver_id=None,
        plan_id=plan_id,
        country=country,
        currency=currency,
        tax_part=tax_part,
        payment_method_id=payment_method_id,
        key=idempotency_key,
        actor=actor,
    )


@transaction.atomic
def subscription_gift(
    *,
    giver: User,
    viewer_id: UUID,
    plan_id: UUID,
    country: str,
    currency: str,
    idempotency_key: str,
    actor: User | None,
    payment_method_id: UUID | None = None,
    tax_part: str = "",
) -> Subscription:
    """Give somebody one period of a plan: another pays, and it is not renewed. Price and tax are those of the giver.

    Raises and announces as `subscription_start`.
    """
    return _begin(
        viewer_id=viewer_id,
        giver_id=giver.pk,
        plan_id=plan_id,
        country=country,
        currency=currency,
        tax_part=tax_part,
        payment_method_id=payment_method_id,
        key=idempotency_key,
        actor=actor,
    )


def _begin(
    *,
    viewer_id: UUID,
    giver_id: UUID | None,
    plan_id: UUID,
    country: str,
    currency: str,
    tax_part: str,
    payment_method_id: UUID | None,
    key: str,
    actor: User | None,
) -> Subscription:
    def begin() -> Subscription:
        plan = Plan.objects.select_related("product").filter(pk=plan_id).first()
        if plan is None or plan.closed_at is not None:
            raise PlanRefused("This plan is not offered, or no longer.")
        if giver_id is not None and str(giver_id) in (str(viewer_id), str(plan.performer_id)):
            raise SubscriptionRefused(
                "A gift is for somebody else, and comes from somebody else than the performer."
            )
        if (refusal := barred_from(viewer_id, plan.performer_id)) is not None:
            raise SubscriptionRefused(refusal[1])
        if giver_id is not None and (refusal := barred_from(giver_id, plan.performer_id)) is not None:
            raise SubscriptionRefused(NO_GIVER)
        now = database_now()
        price = price_for(plan.product, country, now, currency=currency)
        start = whole_second(now)
        trial = 0 if giver_id else _trial_days(plan, viewer_id)
        anchor = start + dt.timedelta(days=trial)
        months = MONTHS[PlanInterval(plan.interval)]
        end = anchor if trial else anchored_end(start, months, day=anchor.day, time=anchor.time())
        subscription = Subscription(
            id=uuid7(),
            viewer_id=viewer_id,
            performer_id=plan.performer_id,
            giver_id=giver_id,
            plan=plan,
            price=price,
            status=SubscriptionStatus.TRIALING if trial else SubscriptionStatus.INCOMPLETE,
            currency_id=currency,
            country=country,
            tax_part=tax_part,
            anchor_day=anchor.day,
            anchor_time=anchor.time(),
            renews_at=end,
            cancels_at=end if giver_id else None,
        )
        with refused_as(SubscriptionRefused):
            subscription.save(force_insert=True)
        period = period_open(
            subscription=subscription,
            plan=plan,
            price=price,
            starts_at=start,
            ends_at=end,
            charge=0 if trial else price_total(price),
            is_trial=bool(trial),
            actor=actor,
        )
        subscription_moved(
            subscription=subscription, kind=SubscriptionEventKind.BEGUN, actor=actor, period=period
        )
        if trial:
            period_entitle(period, plan.performer_id)
        else:
            _charge_first(subscription, period, payment_method_id, actor)
        return subscription

    arguments = {
        "viewer": viewer_id,
        "giver": giver_id,
        "plan": plan_id,
        "country": country,
        "currency": currency,
        "tax_part": tax_part,
        "method": payment_method_id,
    }
    with as_worker(actor):
        subscription, _ = once(
            Subscription,
            begin,
            operation="subscription_start",
            key=f"{giver_id or viewer_id}:{key}",
            arguments=arguments,
        )
    return subscription


def _charge_first(
    subscription: Subscription, period: SubscriptionPeriod, method_id: UUID | None, actor: User | None
) -> None:
    payer_id = subscription.payer_id
    intent = period_charge(
        period=period,
        payer_id=payer_id,
        key=f"period:{period.pk}",
        actor=actor,
        payment_method_id=method_id or default_method(payer_id),
    )
    if intent is None:
        raise SubscriptionRefused("There is nothing to pay by. Add a payment method first.")


def _trial_days(plan: Plan, viewer_id: UUID) -> int:
    """Days of trial: for the first subscription to this performer, and for no later one."""
    before = Subscription.objects.filter(viewer_id=viewer_id, performer_id=plan.performer_id)
    return 0 if before.exclude(status=SubscriptionStatus.NEVER_PAID).exists() else plan.trial_days


def barred_from(viewer_id: UUID, performer_id: UUID) -> tuple[SubscriptionEnd, str] | None:
    """Why a viewer may not subscribe to a performer now, as an end and a sentence; None: they may. One query."""
    bars = Restriction.objects.in_force().filter(user_id=viewer_id, kind__in=BARRED[SpendKind.SUBSCRIPTION])
    if str(viewer_id) == str(performer_id):
        return SubscriptionEnd.VIEWER, "Nobody subscribes to themselves."
    found = (
        User.objects.filter(pk=viewer_id)
        .annotate(
            barred=Exists(bars),
            performer=Subquery(PerformerProfile.objects.public().filter(pk=performer_id).values("pk")),
        )
        .values_list("status", "barred", "performer")
        .first()
    )
    if found is None or found[0] not in WATCHING_STATUSES or found[1]:
        return SubscriptionEnd.VIEWER, NO_VIEWER
    return (SubscriptionEnd.PERFORMER, NO_PERFORMER) if found[2] is None else None
