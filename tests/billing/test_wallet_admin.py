"""The rooms of wallets, spends, shares, entitlements and earnings."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from billing.models import (
    Earning,
    Entitlement,
    RevenueShareRule,
    SpendReversal,
    TicketOffer,
    TokenLot,
    TokenSpend,
    Wallet,
)
from billing.services.entitlements import entitlement_grant
from core.db.roles import Role
from tests.accounts.factories import staff
from tests.billing.factories_wallets import bought, granted, performer, tip, wallet_of
from tests.billing.tickets import offered, stream_of
from tests.browser import Browser

pytestmark = pytest.mark.django_db

REASON = "the viewer asked support for it"


@pytest.fixture
def finance(staff_client: Callable[..., Browser]) -> Browser:
    return staff_client(Role.FINANCE)


def fill(rows: int) -> None:
    """So many rows in every list."""
    support = staff(Role.SUPPORT)
    for _ in range(rows):
        to = performer()
        viewer = bought(10, bonus=1, cost=10)
        tip(viewer, to, 5)
        offered(to)
        entitlement_grant(user_id=viewer.pk, stream_id=stream_of(to).pk, actor=support, reason="press")
        RevenueShareRule.objects.create(
            performer=to, performer_points=8_000, platform_points=2_000, valid=(to.created_at, None)
        )


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_ask_the_same_number_of_queries(
    finance: Browser, rows: int, django_assert_max_num_queries: Any
) -> None:
    fill(rows)
    for model in (Wallet, TokenSpend, RevenueShareRule, Entitlement, TicketOffer, Earning):
        name = model._meta.model_name
        with django_assert_max_num_queries(14):
            response = finance.get(reverse(f"admin:billing_{name}_changelist"))
        assert response.status_code == 200, name


def test_pages_open(finance: Browser) -> None:
    fill(1)
    for model in (Wallet, TokenSpend, RevenueShareRule, Entitlement, TicketOffer, Earning):
        row = model.objects.order_by("-pk").first()
        url = reverse(f"admin:billing_{model._meta.model_name}_change", args=[row.pk])
        assert finance.get(url).status_code == 200, model


def test_a_spend_is_found_by_who_spent_it_and_on_whom(finance: Browser) -> None:
    to, viewer = performer(), granted(20)
    spend = tip(viewer, to, 7)
    tip(granted(20), performer(), 9)
    url = reverse("admin:billing_tokenspend_changelist")
    for term in (viewer.handle, viewer.handle.upper(), to.slug, str(spend.pk)):
        page = finance.get(url, {"q": term}).content.decode()
        assert str(spend.pk) in page, term
        assert page.count("field-spent_at") == 1, term
    assert "field-spent_at" not in finance.get(url, {"q": "nobody_at_all"}).content.decode()


def act(browser: Browser, model: str, pk: Any, action: str, **fields: Any) -> Any:
    """Open the confirmation page and send it."""
    url = reverse(f"admin:billing_{model}_action", args=[pk, action])
    response = browser.do(url, reason=REASON, **fields)
    assert response.status_code == 302, response.content.decode()[:2000]
    return response


def test_finance_takes_a_spend_back(finance: Browser) -> None:
    viewer = granted(20)
    spend = tip(viewer, performer(), 7)
    act(finance, "tokenspend", spend.pk, "reverse")
    row = SpendReversal.objects.get()
    assert (row.spend, row.reason, row.reversed_by) == (spend, REASON, finance.user)


def test_finance_grants_tokens_and_sets_a_share(finance: Browser) -> None:
    wallet = wallet_of(granted(1))
    act(finance, "wallet", wallet.pk, "grant", tokens="250", good_until="2099-12-31")
    lot = TokenLot.objects.get(quantity=250)
    assert (lot.granted_by, f"{lot.expires_at:%Y-%m-%d}") == (finance.user, "2099-12-31")
    rule, to = RevenueShareRule.objects.get(), performer()
    act(finance, "revenuesharerule", rule.pk, "set", performer_points="7500", kind="tip", performer=to.slug)
    new = RevenueShareRule.objects.get(performer=to)
    assert (new.performer_points, new.kind, new.set_by) == (7_500, "tip", finance.user)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.COMPLIANCE])
def test_others_read_and_do_nothing(staff_client: Callable[..., Browser], role: Role) -> None:
    spend = tip(granted(20), performer(), 7)
    browser = staff_client(role)
    page = browser.get(reverse("admin:billing_tokenspend_change", args=[spend.pk]))
    assert page.status_code == 200
    url = reverse("admin:billing_tokenspend_action", args=[spend.pk, "reverse"])
    assert url not in page.content.decode()
    assert browser.get(url).status_code == 403


def test_moderators_see_no_money(staff_client: Callable[..., Browser]) -> None:
    browser = staff_client(Role.MODERATOR)
    assert browser.get(reverse("admin:billing_wallet_changelist")).status_code == 403
