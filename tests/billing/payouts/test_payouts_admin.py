"""The rooms of payouts: what they show, what they offer to whom, and how often they ask."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import (
    Debt,
    Payout,
    PayoutBatch,
    PayoutDestination,
    PayoutReturn,
    ReserveHold,
    TokenValue,
)
from billing.services.token_values import token_value_set
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import RoleGrantFactory
from tests.billing.payouts_data import (
    EUR,
    approved,
    approver,
    built,
    charged,
    kept_back,
    maker,
    only,
    payable,
    provider,
    returned,
    submitted,
    valued,
    work,
)
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
READERS = (Role.FINANCE, Role.FINANCE_APPROVER, Role.COMPLIANCE, Role.AUDITOR)
WHY = "The monthly payouts of everybody."


def page_of(row: Any) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_action", args=[row.pk, name])


def list_of(model: str, query: str = "") -> str:
    return reverse(f"admin:billing_{model}_changelist") + query


def asked(browser: Browser, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        response = browser.get(url)
    assert response.status_code == 200
    return len(queries)


@pytest.mark.parametrize("role", READERS)
def test_the_page_of_a_batch(staff_client: StaffClient, role: Role) -> None:
    browser, batch = staff_client(role), submitted(payable(), payable())
    page = browser.get(page_of(batch)).content.decode()
    for words in (
        "€77.00",
        batch.hash_words,
        "Outcomes",
        "Payouts",
        "Prepared",
        only_reference(batch),
        "3000",
    ):
        assert words in page, words
    assert "DE8937040044" not in page


def only_reference(batch: PayoutBatch) -> str:
    return str(Payout.objects.filter(batch=batch).first().reference)  # type: ignore[union-attr]


def test_the_page_of_a_payout_shows_everything_that_became_of_it(staff_client: StaffClient) -> None:
    browser, batch = staff_client(Role.FINANCE), approved(payable(token="sim_payout_returned"))
    work()
    page = browser.get(page_of(only(batch))).content.decode()
    for words in ("Timeline", "Came back", "no_account", "payout_reserve:", "exchange_clearing:", "Messages"):
        assert words in page, words
    assert browser.get(list_of("payoutreturn")).status_code == 200


def test_prepared_submitted_and_approved_by_hand(staff_client: StaffClient) -> None:
    payable()
    browser = staff_client(Role.FINANCE)
    account, currency = provider(), EUR
    add = reverse("admin:billing_payoutbatch_add")
    form = browser.get(add)
    assert form.status_code == 200
    from billing.models import Currency

    euro = Currency.objects.get(code=currency)
    answer = browser.send(
        add, {"provider_account": account.pk, "currency": euro.code, "reason": WHY, "performer": ""}
    )
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    batch = PayoutBatch.objects.get()
    assert browser.do(action_on(batch, "submit"), reason=WHY).status_code == 302
    batch.refresh_from_db()
    assert batch.status == "submitted"
    assert action_on(batch, "approve") not in browser.get(page_of(batch)).content.decode()
    other = staff_client(Role.FINANCE_APPROVER)
    assert batch.hash_words in other.get(action_on(batch, "approve")).content.decode()
    assert other.do(action_on(batch, "approve"), reason=WHY).status_code == 302
    batch.refresh_from_db()
    assert batch.status == "approved"


def test_below_the_minimum_by_hand_says_so_and_leaves_nothing(staff_client: StaffClient) -> None:
    anna = payable(tokens=100)
    browser = staff_client(Role.FINANCE)
    answer = browser.send(
        reverse("admin:billing_payoutbatch_add"),
        {"provider_account": provider().pk, "currency": EUR, "reason": WHY, "performer": str(anna.pk)},
        follow=True,
    )
    assert "at least €20.00 is paid at once" in answer.content.decode()
    assert not PayoutBatch.objects.exists()


def test_its_maker_is_offered_no_approval_and_refused_one(staff_client: StaffClient) -> None:
    browser = staff_client(Role.FINANCE_APPROVER)
    person = browser.user
    RoleGrantFactory(user=person, role=Role.FINANCE)
    batch = submitted(payable(), by=person)
    assert action_on(batch, "approve") not in browser.get(page_of(batch)).content.decode()
    answer = browser.get(action_on(batch, "approve"))
    assert (answer.status_code, answer["Location"]) == (302, page_of(batch))
    batch.refresh_from_db()
    assert batch.status == "submitted"


def test_the_queue_shows_what_is_open(staff_client: StaffClient) -> None:
    browser = staff_client(Role.FINANCE)
    done = approved(payable())
    work()
    draft = built(payable())
    page = browser.get(list_of("payoutbatch")).content.decode()
    assert page_of(draft) in page
    assert page_of(done) not in page
    assert page_of(done) in browser.get(list_of("payoutbatch", "?stands=all")).content.decode()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MODERATOR, Role.ADMINISTRATOR, Role.ANALYST])
def test_others_see_none_of_it(staff_client: StaffClient, role: Role) -> None:
    browser, batch = staff_client(role), built(payable())
    for url in (page_of(batch), list_of("payout"), list_of("payoutdestination"), list_of("debt")):
        assert browser.get(url).status_code == 403, url


def test_a_destination_is_masked_and_revealed_to_compliance_alone(staff_client: StaffClient) -> None:
    payable()
    place = PayoutDestination.objects.masked().get()
    browser = staff_client(Role.FINANCE)
    page = browser.get(page_of(place)).content.decode()
    assert "···· 3000" in page
    assert "3704004405320130" not in page
    assert browser.get(action_on(place, "reveal")).status_code == 403
    shown = staff_client(Role.COMPLIANCE).do(
        action_on(place, "reveal"), reason="A bank asks whose account it is.", case_reference=""
    )
    assert shown.status_code == 200


def test_a_destination_is_paused_and_set_going_again(staff_client: StaffClient) -> None:
    payable()
    place = PayoutDestination.objects.masked().get()
    browser = staff_client(Role.FINANCE)
    for name, status in (("pause", "paused"), ("resume", "active"), ("retire", "retired")):
        assert browser.do(action_on(place, name), reason=WHY).status_code == 302
        assert PayoutDestination.objects.masked().get().status == status


def test_debts_reserves_and_values_by_hand(staff_client: StaffClient) -> None:
    anna = payable()
    browser = staff_client(Role.FINANCE_APPROVER)
    common = {"payee_performer": str(anna.pk), "payee_studio": "", "currency": EUR, "reason": WHY}
    debt = {**common, "what": "charged", "how_much": "8.50"}
    assert browser.send(reverse("admin:billing_debt_add"), debt).status_code == 302
    assert Debt.objects.get().amount == 850
    reserve = {**common, "how_much": "10.00", "release_on": ""}
    assert browser.send(reverse("admin:billing_reservehold_add"), reserve).status_code == 302
    hold = ReserveHold.objects.get()
    assert browser.do(action_on(hold, "release"), reason=WHY).status_code == 302
    value = {
        "currency": EUR,
        "per_token": "6.25",
        "reason": WHY,
        "starts_at_0": "",
        "starts_at_1": "",
        "starts_at": "",
    }
    assert browser.send(reverse("admin:billing_tokenvalue_add"), value).status_code == 302
    assert TokenValue.objects.count() == 2


def one_of_everything(number: int) -> None:
    """Somebody who was paid and to whom it came back, is charged and of whom something is kept back; a token value."""
    anna = payable()
    returned(anna)
    charged(anna)
    kept_back(anna)
    person = approver()
    with acting(Role.FINANCE_APPROVER, user_id=person.pk):
        token_value_set(currency=EUR, per_token=5 + Decimal(number), actor=person, reason=WHY)


@pytest.mark.parametrize(
    "model", [PayoutBatch, Payout, PayoutReturn, PayoutDestination, Debt, ReserveHold, TokenValue]
)
def test_lists_ask_as_often_for_one_row_as_for_many(staff_client: StaffClient, model: type[Model]) -> None:
    browser = staff_client(Role.FINANCE)
    url = list_of(model._meta.model_name or "", "?stands=all" if model is PayoutBatch else "")
    one_of_everything(1)
    one = asked(browser, url)
    for number in range(2, 6):
        one_of_everything(number)
    assert asked(browser, url) == one
    assert one <= 14
    keys = list(model._base_manager.values_list("pk", flat=True))
    page = browser.get(url).content.decode()
    assert len(keys) >= 5
    for key in keys:
        assert reverse(f"admin:billing_{model._meta.model_name}_change", args=[key]) in page


def test_the_page_of_a_batch_asks_as_often_for_many(staff_client: StaffClient) -> None:
    browser, person = staff_client(Role.FINANCE), maker()
    small = built(payable(), by=person)
    one = asked(browser, page_of(small))
    large = built(*(payable() for _ in range(8)), by=person)
    assert asked(browser, page_of(large)) == one
    assert one <= 22


def test_the_home_page_says_what_waits(staff_client: StaffClient) -> None:
    valued()
    submitted(payable())
    page = staff_client(Role.FINANCE_APPROVER).get(reverse("admin:index")).content.decode()
    assert "Payouts to approve" in page
