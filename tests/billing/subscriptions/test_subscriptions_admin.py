"""The rooms of plans, subscriptions and further attempts to collect."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from billing.models import DunningAttempt, Plan, Subscription
from billing.services.subscription_renewals import subscription_renew
from core.db.roles import Role
from performers.models import PerformerProfile
from tests.billing.factories_wallets import performer
from tests.billing.subscriptions_data import (
    PRICE,
    active,
    again,
    answered,
    declined,
    last,
    plan,
    shop,
    to_its_end,
)
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
REASON = "the viewer asked support for it"
READERS = (Role.FINANCE, Role.FINANCE_APPROVER, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)


def page_of(row: Any) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_action", args=[row.pk, name])


def past_due() -> Subscription:
    subscription = to_its_end(active())
    subscription_renew(subscription_id=subscription.pk)
    declined(last(subscription))
    return again(subscription)


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_ask_the_same_number_of_queries(
    staff_client: StaffClient, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(rows):
        past_due()
    finance = staff_client(Role.FINANCE)
    for model in (Plan, Subscription, DunningAttempt):
        name = model._meta.model_name
        with django_assert_max_num_queries(14):
            response = finance.get(reverse(f"admin:billing_{name}_changelist"))
        assert response.status_code == 200, name


@pytest.mark.parametrize("periods", [1, 6])
def test_the_page_asks_the_same_however_long_the_history(
    staff_client: StaffClient, periods: int, django_assert_max_num_queries: Any
) -> None:
    subscription = active()
    for _ in range(periods - 1):
        subscription_renew(subscription_id=to_its_end(subscription).pk)
        answered(last(subscription))
    finance = staff_client(Role.FINANCE)
    finance.get(page_of(subscription))
    with django_assert_max_num_queries(24):
        assert finance.get(page_of(subscription)).status_code == 200


@pytest.mark.parametrize("role", READERS)
def test_the_page_tells_the_history(staff_client: StaffClient, role: Role) -> None:
    subscription = past_due()
    browser = staff_client(role)
    page = browser.get(page_of(subscription)).content.decode()
    for words in (
        "History",
        "Periods",
        "Further attempts to collect",
        "Payments",
        "A charge failed",
        "First payment came",
        "€11.90",
        "the system",
    ):
        assert words in page, words
    assert ("Cancel at the end" in page) == (role == Role.FINANCE)
    for row in (subscription.plan, DunningAttempt.objects.first()):
        assert browser.get(page_of(row)).status_code == 200


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ANALYST, Role.SUPPORT])
def test_nobody_else_looks(staff_client: StaffClient, role: Role) -> None:
    assert staff_client(role).get(page_of(active())).status_code == 403


def test_finance_cancels_resumes_and_ends(staff_client: StaffClient) -> None:
    subscription, finance = active(), staff_client(Role.FINANCE)
    for name, expected in (("cancel", True), ("resume", False)):
        assert finance.do(action_on(subscription, name), reason=REASON).status_code == 302
        assert (again(subscription).cancels_at is not None) is expected
    finance.do(action_on(subscription, "end"), reason=REASON)
    assert again(subscription).end_reason == "staff"
    page = finance.get(page_of(subscription)).content.decode()
    assert REASON in page


def test_finance_moves_a_subscription_to_another_plan(staff_client: StaffClient) -> None:
    subscription, finance = active(), staff_client(Role.FINANCE)
    owner = PerformerProfile.objects.get(pk=subscription.performer_id)
    plan(owner, rank=2, amount=2 * PRICE)
    page = finance.do(action_on(subscription, "change-plan"), reason=REASON, rank=7, when="")
    assert "offers no plan of this rank" in page.content.decode()
    finance.do(action_on(subscription, "change-plan"), reason=REASON, rank=2, when="end")
    assert again(subscription).next_plan is not None
    finance.do(action_on(subscription, "keep-plan"), reason=REASON)
    assert again(subscription).next_plan is None


def test_finance_has_a_failed_charge_tried_again(staff_client: StaffClient) -> None:
    subscription, finance = past_due(), staff_client(Role.FINANCE)
    finance.do(action_on(subscription, "charge"), reason=REASON)
    assert last(subscription).order.payments.count() == 2
    home = finance.get(reverse("admin:index")).content.decode()
    assert "Subscriptions past due" in home


def test_finance_opens_changes_and_closes_a_plan(staff_client: StaffClient) -> None:
    shop()
    owner, finance = performer(), staff_client(Role.FINANCE)
    said = {
        "performer_name": str(owner.pk),
        "name": "Gold",
        "description": "",
        "rank": 1,
        "interval": "month",
        "trial_days": 7,
        "currency": "eur",
        "amount": "9.99",
        "tax_behaviour": "inclusive",
        "benefits": "watch: Everything for subscribers\nchat_badge: A golden badge",
        "days": "2, 4",
    }
    add = reverse("admin:billing_plan_add")
    for wrong in ({"days": "4, 2"}, {"days": "soon"}, {"benefits": "gold"}, {"amount": "9,99"}, {"rank": 0}):
        finance.send(add, {**said, **wrong})
        assert not Plan.objects.exists(), wrong
    finance.send(add, said)
    found = Plan.objects.get()
    assert (found.trial_days, found.dunning_days, found.benefits.count()) == (7, [2, 4], 2)
    assert found.product.prices.get().amount == 999
    finance.do(action_on(found, "change"), reason=REASON, trial_days=0, dunning_days="1")
    finance.do(action_on(found, "close"), reason=REASON)
    found.refresh_from_db()
    assert (found.trial_days, found.dunning_days, found.closed_at is not None) == (0, [1], True)
