"""What the database itself refuses about plans, subscriptions and periods, in SQL and in every role."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from billing.anchoring import anchored_end
from billing.models import (
    DunningAttempt,
    Plan,
    PlanBenefit,
    Subscription,
    SubscriptionEvent,
    SubscriptionPeriod,
)
from billing.services.subscription_renewals import subscription_renew
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from tests.accounts.factories import UserFactory, staff
from tests.billing.subscriptions_data import (
    active,
    declined,
    last,
    payer,
    plan,
    settle_constraints,
    started,
    to_its_end,
)

pytestmark = pytest.mark.django_db

REFUSED = (IntegrityError, ProgrammingError)
TABLES = (Plan, PlanBenefit, Subscription, SubscriptionEvent, SubscriptionPeriod, DunningAttempt)


def run(sql: str, *values: Any, role: Role = Role.WORKER, user_id: UUID | None = None) -> int:
    """One statement in a role, deferred checks made at once; how many rows it reached."""
    with acting(role, user_id=user_id), connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.rowcount
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        return found


def refused(message: str, sql: str, *values: Any, **context: Any) -> None:
    with pytest.raises(REFUSED, match=message), transaction.atomic():
        run(sql, *values, **context)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("status = 'trialing'", "cannot move"),
        ("status = 'past_due'", "told by an event"),
        ("cancels_at = renews_at", "told by an event"),
        ("status = 'ended'", "ended_check|told by an event"),
        ("ended_at = now()", "ended_check"),
        ("renews_at = NULL", "ended_check"),
        ("renews_at = renews_at + interval '1 day'", "when its last period ends"),
        ("credit = 1", "periods gave"),
        ("credit = -1", "credit_check"),
        ("viewer_id = performer_id", "permission denied"),
        ("anchor_day = 3", "permission denied"),
        ("country = 'germany'", "country_format"),
    ],
)
def test_a_subscription_keeps_its_rules(change: str, message: str) -> None:
    subscription = active()
    settle_constraints()
    refused(message, f"UPDATE billing_subscription SET {change} WHERE id = %s", subscription.pk)


def test_one_is_live_and_nobody_subscribes_to_themselves() -> None:
    subscription = active()
    settle_constraints()
    copy = (
        "INSERT INTO billing_subscription (id, viewer_id, performer_id, plan_id, price_id, status, currency, country, "
        "tax_part, anchor_day, anchor_time, renews_at, credit{more}) SELECT uuidv7(), {viewer}, performer_id, plan_id, "
        "price_id, 'incomplete', currency, country, '', anchor_day, anchor_time, renews_at, 0{values} "
        "FROM billing_subscription WHERE id = %s"
    )
    refused("live_key", copy.format(viewer="viewer_id", more="", values=""), subscription.pk)
    refused("viewer_check", copy.format(viewer="performer_id", more="", values=""), subscription.pk)
    stranger = f"'{UserFactory().pk}'"
    refused(
        "gift_check",
        copy.format(viewer=stranger, more=", giver_id", values=", viewer_id"),
        subscription.pk,
    )
    refused("told by an event|last period", copy.format(viewer=stranger, more="", values=""), subscription.pk)
    other = plan()
    refused(
        "plan of its performer",
        "UPDATE billing_subscription SET plan_id = %s WHERE id = %s",
        other.pk,
        subscription.pk,
    )


PERIOD = (
    "INSERT INTO billing_subscriptionperiod (id, subscription_id, viewer_id, number, plan_id, price_id, starts_at, "
    "ends_at, basis, status, currency, charge, credit_used, credit_given) SELECT uuidv7(), subscription_id, {viewer}, "
    "{number}, plan_id, price_id, {starts}, {ends}, 'credit', '{status}', currency, 0, 0, 0 "
    "FROM billing_subscriptionperiod WHERE subscription_id = %s"
)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"number": 3}, "one after another"),
        (
            {"viewer": "(SELECT performer_id FROM billing_subscription s WHERE s.id = subscription_id)"},
            "viewer",
        ),
        ({"starts": "ends_at - interval '1 day'"}, "anchor|as long as|overlap|excl"),
        ({"starts": "ends_at + interval '1 hour'"}, "as long as|when the one before ends|gap"),
        ({"ends": "ends_at + interval '20 days'"}, "anchor"),
        ({"ends": "date_trunc('month', ends_at) + interval '2 months'"}, "anchor|as long as"),
        ({"starts": "ends_at + interval '0.5 second'"}, "whole seconds"),
        ({"status": "paid"}, "cannot begin"),
        ({}, "when its last period ends"),
    ],
)
def test_a_period_follows_its_subscription(said: dict[str, object], message: str) -> None:
    subscription = active()
    settle_constraints()
    period = last(subscription)
    end = anchored_end(period.ends_at, 1, day=subscription.anchor_day, time=subscription.anchor_time)
    words = {
        "viewer": "viewer_id",
        "number": 2,
        "starts": "ends_at",
        "ends": f"'{end.isoformat()}'::timestamptz",
        "status": "free",
        **said,
    }
    refused(message, PERIOD.format(**words), subscription.pk)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("ends_at = ends_at + interval '1 month'", "was to end"),
        ("ends_at = ends_at - interval '1 day'", "when its last period ends"),
        ("starts_at = starts_at - interval '1 day'", "permission denied"),
        ("charge = 0", "permission denied"),
        ("order_id = NULL", "permission denied"),
        ("status = 'open'", "cannot move"),
        ("status = 'void'", "cannot move"),
        ("paid_at = NULL", "paid_at_check"),
    ],
)
def test_a_period_keeps_its_rules(change: str, message: str) -> None:
    period = last(active())
    settle_constraints()
    refused(message, f"UPDATE billing_subscriptionperiod SET {change} WHERE id = %s", period.pk)


def test_a_period_is_paid_by_its_own_order() -> None:
    first, second = started(), started()
    settle_constraints()
    refused(
        "order of a period|order_id_key|starts_at_key|overlap",
        "INSERT INTO billing_subscriptionperiod (id, subscription_id, viewer_id, number, plan_id, price_id, starts_at, "
        "ends_at, basis, status, order_id, currency, charge, credit_used, credit_given) SELECT uuidv7(), "
        "subscription_id, viewer_id, 2, plan_id, price_id, starts_at, ends_at, 'charge', 'open', %s, currency, charge, "
        "0, 0 FROM billing_subscriptionperiod WHERE subscription_id = %s",
        last(second).order_id,
        first.pk,
    )


@pytest.mark.parametrize("days", ["{}", "{0}", "{1,1}", "{3,1}", "{28}", "{1,2,3,4,5,6,7,8,9}", "{NULL}"])
def test_days_of_dunning_rise(days: str) -> None:
    refused("rising days", "UPDATE billing_plan SET dunning_days = %s WHERE id = %s", days, plan().pk)


def test_events_and_attempts_stay_as_they_are() -> None:
    subscription = to_its_end(active())
    subscription_renew(subscription_id=subscription.pk)
    declined(last(subscription))
    settle_constraints()
    refused("permission denied", "UPDATE billing_subscriptionevent SET reason = 'other'")
    refused("permission denied", "DELETE FROM billing_subscriptionevent")
    refused("permission denied", "UPDATE billing_dunningattempt SET due_at = now()")
    refused("cannot move", "UPDATE billing_dunningattempt SET status = 'succeeded', attempted_at = now()")
    refused("intent_check", "UPDATE billing_dunningattempt SET status = 'sent', attempted_at = now()")
    refused(
        "told by an event",
        "INSERT INTO billing_subscriptionevent "
        "(id, subscription_id, number, kind, status, plan_id, reason, happened_at) "
        "SELECT uuidv7(), id, 99, 'ended', 'ended', plan_id, '', now() FROM billing_subscription",
    )


@pytest.mark.parametrize("role", sorted(set(ACTING_ROLES) - {Role.WORKER}))
def test_nobody_but_the_worker_writes(role: Role) -> None:
    subscription = active()
    settle_constraints()
    for table in TABLES:
        refused(
            "permission denied",
            f"DELETE FROM {table._meta.db_table}",
            role=role,
            user_id=subscription.viewer_id,
        )
        refused(
            "permission denied",
            f"UPDATE {table._meta.db_table} SET id = id",
            role=role,
            user_id=subscription.viewer_id,
        )


def test_who_reads_what() -> None:
    mine, other = active(viewer=payer()), active()
    with acting(Role.VIEWER, user_id=mine.viewer_id):
        assert list(Subscription.objects.all()) == [mine]
        assert SubscriptionPeriod.objects.count() == 1
        assert Plan.objects.count() == 2
    with acting(Role.PERFORMER, user_id=mine.performer_id):
        assert list(Subscription.objects.all()) == [mine]
        assert not SubscriptionPeriod.objects.exists()
    with acting(Role.VIEWER):
        assert not Subscription.objects.exists()
    for role in (Role.FINANCE, Role.FINANCE_APPROVER, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR):
        with acting(role, user_id=staff(role).pk):
            assert set(Subscription.objects.all()) == {mine, other}
            assert SubscriptionEvent.objects.count() == 4
    for role in (Role.SUPPORT, Role.MODERATOR, Role.ANALYST):
        with acting(role, user_id=staff(role).pk), pytest.raises(ProgrammingError), transaction.atomic():
            Subscription.objects.exists()
