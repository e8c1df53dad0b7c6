"""Subscribing, renewing, cancelling: what happens to periods, access, money and history."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from accounts.choices import RestrictionKind
from accounts.models import User
from billing.errors import OrderRefused, PlanRefused, SubscriptionRefused
from billing.models import (
    Earning,
    Entitlement,
    Order,
    Payment,
    ReconciliationException,
    Subscription,
    SubscriptionEvent,
    SubscriptionPeriod,
)
from billing.provider_choices import FactKind
from billing.services.dunning import unpaid_settle
from billing.services.orders import OrderItem, order_place
from billing.services.plans import plan_close
from billing.services.prices import price_set
from billing.services.subscription_changes import subscription_plan_change
from billing.services.subscription_endings import subscription_cancel, subscription_end, subscription_resume
from billing.services.subscription_renewals import subscription_renew, subscriptions_renew
from billing.services.subscriptions import subscription_gift
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from performers.models import PerformerProfile
from streams.watching import watch_decision
from tests.accounts.factories import RestrictionFactory, UserFactory, staff
from tests.billing.ledger import assert_books_prove
from tests.billing.paying import balance, refund, refunder, told
from tests.billing.subscriptions_data import (
    NET,
    PRICE,
    TAX,
    active,
    again,
    answered,
    declined,
    last,
    pass_time,
    payer,
    plan,
    settle_constraints,
    started,
    to_its_end,
)
from tests.performers.factories_admission import PerformerFactory
from tests.streams.factories_watching import demand, move_stream
from tests.streams.factories_watching import stream as make_stream

pytestmark = pytest.mark.django_db


def told_of(subscription: Subscription) -> list[str]:
    return list(
        SubscriptionEvent.objects.filter(subscription=subscription)
        .order_by("number")
        .values_list("kind", flat=True)
    )


def test_a_subscription_begins_when_it_is_paid() -> None:
    subscription = started()
    period = subscription.periods.get()
    assert (subscription.status, period.status) == ("incomplete", "open")
    assert not Entitlement.objects.exists()
    answered(period)
    subscription, period = again(subscription), last(subscription)
    assert (subscription.status, period.status) == ("active", "paid")
    assert period.ends_at == subscription.renews_at
    entitlement = Entitlement.objects.get()
    assert (entitlement.valid.lower, entitlement.valid.upper) == (period.starts_at, period.ends_at)
    assert (entitlement.source, entitlement.user_id) == ("subscription", subscription.viewer_id)
    assert told_of(subscription) == ["begun", "activated"]
    settle_constraints()


def test_the_net_is_shared_out_and_the_tax_is_owed() -> None:
    subscription = active()
    assert balance("cash:simulator:EUR") == -PRICE
    assert balance("tax_payable:DE:EUR") == TAX
    assert balance(f"earnings:{subscription.performer_id}:EUR") == 700
    assert balance("platform_share:EUR") == NET - 700
    assert Earning.objects.get().amount == 700
    assert_books_prove()


def test_a_first_charge_that_fails_leaves_nothing() -> None:
    viewer, to = payer(), plan()
    subscription = started(to, viewer)
    declined(last(subscription))
    unpaid_settle(subscription_id=subscription.pk)
    subscription = again(subscription)
    assert (subscription.status, subscription.end_reason) == ("never_paid", "never_paid")
    assert last(subscription).status == "void"
    assert Order.objects.get().status == "cancelled"
    assert not Entitlement.objects.exists()
    settle_constraints()
    assert active(to, viewer).status == "active"


def test_it_is_renewed_and_paid_again() -> None:
    subscription = to_its_end(active())
    period = subscription_renew(subscription_id=subscription.pk)
    assert period is not None
    assert (period.number, period.status, again(subscription).status) == (2, "open", "active")
    first = subscription.periods.get(number=1)
    assert period.starts_at == first.ends_at
    answered(period)
    assert last(subscription).status == "paid"
    assert Earning.objects.filter(performer=subscription.performer_id).count() == 2
    assert subscription_renew(subscription_id=subscription.pk) is None
    assert Order.objects.count() == 2
    settle_constraints()
    assert_books_prove()


def test_the_price_agreed_to_stays() -> None:
    subscription = active()
    price_set(
        product_id=subscription.plan.product_id,
        currency="EUR",
        amount=PRICE * 2,
        tax_behaviour="inclusive",
        replaces=True,
        actor=None,
        reason="dearer",
    )
    period = subscription_renew(subscription_id=to_its_end(subscription).pk)
    assert period is not None
    assert period.order is not None
    assert period.order.total == PRICE


def test_a_cancelled_one_runs_out() -> None:
    subscription = active()
    subscription_cancel(subscription_id=subscription.pk, actor=None, reason="enough")
    assert again(subscription).status == "active"
    with pytest.raises(SubscriptionRefused, match="already"):
        subscription_cancel(subscription_id=subscription.pk, actor=None, reason="enough")
    subscription_resume(subscription_id=subscription.pk, actor=None, reason="not enough")
    subscription_cancel(subscription_id=subscription.pk, actor=None, reason="enough")
    assert subscriptions_renew()["ended"] == 0
    to_its_end(subscription)
    assert subscriptions_renew() == {"renewed": 0, "ended": 1, "refused": 0}
    subscription = again(subscription)
    assert (subscription.status, subscription.end_reason) == ("ended", "cancelled")
    assert told_of(subscription) == ["begun", "activated", "cancelled", "resumed", "cancelled", "ended"]
    with pytest.raises(SubscriptionRefused, match="ended"):
        subscription_resume(subscription_id=subscription.pk, actor=None, reason="again")
    settle_constraints()


def test_a_trial_is_free_and_its_end_is_the_anchor() -> None:
    viewer, to = payer(), plan(trial_days=7)
    subscription = started(to, viewer)
    period = last(subscription)
    assert (subscription.status, period.basis, period.order) == ("trialing", "trial", None)
    assert subscription.anchor_day == period.ends_at.day
    assert Entitlement.objects.count() == 1
    subscription = to_its_end(subscription)
    period = subscription_renew(subscription_id=subscription.pk)
    assert period is not None
    assert again(subscription).status == "active"
    answered(period)
    subscription_end(subscription_id=subscription.pk, actor=staff(Role.FINANCE), reason="asked by the viewer")
    assert started(to, viewer).status == "incomplete"
    settle_constraints()


def test_a_gift_is_paid_by_another_and_not_renewed() -> None:
    giver, viewer, to = payer(), UserFactory(), plan(trial_days=7)
    gift = subscription_gift(
        giver=giver,
        viewer_id=viewer.pk,
        plan_id=to.pk,
        country="DE",
        currency="EUR",
        idempotency_key="gift",
        actor=giver,
    )
    answered(gift.periods.get())
    assert Order.objects.get().user_id == giver.pk
    assert Entitlement.objects.get().user_id == viewer.pk
    with pytest.raises(SubscriptionRefused, match="gift"):
        subscription_resume(subscription_id=gift.pk, actor=None, reason="more")
    with acting(Role.VIEWER, user_id=viewer.pk):
        assert Subscription.objects.count() == 1
        assert SubscriptionPeriod.objects.count() == 1
        assert not Order.objects.exists()
    with acting(Role.VIEWER, user_id=giver.pk):
        assert Subscription.objects.count() == 1
    to_its_end(gift)
    assert subscriptions_renew()["ended"] == 1
    assert again(gift).end_reason == "gift_over"
    with pytest.raises(SubscriptionRefused, match="somebody else"):
        subscription_gift(
            giver=giver,
            viewer_id=giver.pk,
            plan_id=to.pk,
            country="DE",
            currency="EUR",
            idempotency_key="self",
            actor=giver,
        )
    settle_constraints()


def test_who_may_not_subscribe_gives_nothing_either() -> None:
    giver, to = payer(), plan()
    RestrictionFactory(user=giver, kind=RestrictionKind.SIGN_IN)
    with pytest.raises(SubscriptionRefused, match="may not give"):
        subscription_gift(
            giver=giver,
            viewer_id=UserFactory().pk,
            plan_id=to.pk,
            country="DE",
            currency="EUR",
            idempotency_key="gift",
            actor=None,
        )
    assert not Subscription.objects.exists()


def test_what_cannot_be_subscribed_to() -> None:
    to, viewer = plan(), payer()
    with pytest.raises(SubscriptionRefused, match="yourself|themselves"):
        started(to, to.performer.user)
    with pytest.raises(SubscriptionRefused, match="nothing to pay by"):
        started(to, UserFactory())
    assert not Subscription.objects.exists()
    subscription = started(to, viewer, idempotency_key="once")
    assert started(to, viewer, idempotency_key="once") == subscription
    with pytest.raises(SubscriptionRefused, match="already"):
        started(to, viewer)
    plan_close(plan_id=to.pk, actor=None, reason="no longer")
    with pytest.raises(PlanRefused, match="not offered"):
        started(to, payer())
    hidden = plan(PerformerFactory(status="expired"))
    with pytest.raises(SubscriptionRefused, match="no such performer"):
        started(hidden)


def test_a_plan_is_not_ordered_like_a_pack() -> None:
    to, viewer = plan(), payer()
    with pytest.raises(OrderRefused, match="subscribes"):
        order_place(
            user=viewer,
            items=[OrderItem(to.product_id)],
            country="DE",
            currency="EUR",
            idempotency_key="pack",
            actor=viewer,
        )


def test_nobody_pays_for_a_time_in_which_nobody_could_watch() -> None:
    subscription = to_its_end(active())
    pass_time(subscription, timedelta(days=40))
    assert subscriptions_renew()["ended"] == 1
    assert again(subscription).end_reason == "lapsed"
    assert Order.objects.count() == 1


def test_it_is_not_renewed_when_the_performer_is_gone() -> None:
    subscription = to_its_end(active())
    PerformerProfile.objects.filter(pk=subscription.performer_id).update(status="expired")
    subscriptions_renew()
    assert again(subscription).end_reason == "performer"


def test_a_whole_refund_ends_it_and_mirrors_the_split() -> None:
    subscription = active()
    payment = Payment.objects.get()
    clerk = refunder()
    for part in (300, 290):
        refund(payment, part, clerk)
        told(payment, FactKind.REFUND_SETTLED, part, amount=part, refund_reference=f"re_{part}")
    assert again(subscription).status == "active"
    refund(payment, 600, clerk)
    told(payment, FactKind.REFUND_SETTLED, 9, amount=600, refund_reference="re_rest")
    subscription = again(subscription)
    assert (subscription.status, subscription.end_reason) == ("ended", "refunded")
    assert last(subscription).status == "refunded"
    assert Entitlement.objects.get().revocation == "refund"
    assert balance(f"earnings:{subscription.performer_id}:EUR") == 0
    assert balance("platform_share:EUR") == 0
    assert balance("tax_payable:DE:EUR") == 0
    settle_constraints()
    assert_books_prove()


def test_a_whole_refund_ends_what_lives_on_its_credit() -> None:
    subscription = active(plan(amount=10 * PRICE))
    owner = PerformerProfile.objects.get(pk=subscription.performer_id)
    payment = Payment.objects.get()
    cheaper = plan(owner, amount=PRICE, rank=2)
    subscription_plan_change(
        subscription_id=subscription.pk, plan_id=cheaper.pk, actor=None, at_period_end=False
    )
    assert subscription_renew(subscription_id=to_its_end(subscription).pk) is not None
    assert again(subscription).credit > PRICE
    told(payment, FactKind.REFUND_SETTLED, 9, amount=10 * PRICE, refund_reference="re_1")
    subscription = again(subscription)
    assert (subscription.status, subscription.end_reason) == ("ended", "refunded")
    entitled = Entitlement.objects.filter(valid__endswith__gt=Now())
    assert not entitled.exists()
    settle_constraints()
    assert_books_prove()


def test_a_whole_refund_of_an_earlier_period_ends_nothing_that_was_paid_since() -> None:
    subscription = active()
    payment = Payment.objects.get()
    period = subscription_renew(subscription_id=to_its_end(subscription).pk)
    assert period is not None
    answered(period)
    told(payment, FactKind.REFUND_SETTLED, 9, amount=PRICE, refund_reference="re_1")
    assert again(subscription).status == "active"
    assert subscription.periods.get(number=1).status == "refunded"
    settle_constraints()


def test_money_for_what_was_let_go_waits_in_suspense() -> None:
    subscription = started()
    period = last(subscription)
    subscription_end(subscription_id=subscription.pk, actor=staff(Role.FINANCE), reason="a mistake")
    assert last(subscription).status == "void"
    payment = answered(period)
    assert payment.fulfilled == payment.amount
    assert balance("suspense:subscriptions:EUR") == NET
    assert ReconciliationException.objects.filter(subject_id=payment.pk).exists()
    assert not Entitlement.objects.exists()
    refund(payment, PRICE, refunder())
    told(payment, FactKind.REFUND_SETTLED, 1, amount=PRICE, refund_reference="re_1")
    assert balance("suspense:subscriptions:EUR") == 0
    assert_books_prove()


def test_people_decide_about_their_own_alone() -> None:
    subscription, stranger = active(), UserFactory()
    for role, user_id in (
        (Role.VIEWER, stranger.pk),
        (Role.PERFORMER, subscription.performer_id),
    ):
        with acting(role, user_id=user_id), pytest.raises(NotThere):
            subscription_cancel(
                subscription_id=subscription.pk, actor=User.objects.get(pk=user_id), reason="mine"
            )
    with (
        acting(Role.FINANCE, user_id=subscription.viewer_id),
        pytest.raises(SubscriptionRefused, match="own"),
    ):
        subscription_cancel(subscription_id=subscription.pk, actor=subscription.viewer, reason="mine")
    with acting(Role.VIEWER, user_id=subscription.viewer_id):
        subscription_cancel(subscription_id=subscription.pk, actor=subscription.viewer, reason="mine")


def test_subscribers_meet_the_rule_for_subscribers_and_not_for_tickets() -> None:
    subscription = active()
    owner = PerformerProfile.objects.get(pk=subscription.performer_id)
    for audience, allowed in (("ticket", False), ("subscribers", True)):
        stream = make_stream(owner, status="live")
        demand(stream, audience)
        with acting(Role.VIEWER, user_id=subscription.viewer_id):
            decision = watch_decision(viewer_id=subscription.viewer_id, stream_id=stream.pk, country="PT")
        assert decision.allowed is allowed, audience
        move_stream(stream, "ended")
