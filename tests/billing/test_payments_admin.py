"""The rooms of finance: what they show, what they find, what they offer, and how often they ask."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import ApprovalRequest, Payment, PaymentAttempt, Refund
from billing.payment_choices import ApprovalStatus, RefundStatus
from billing.provider_choices import FactKind
from core.db.roles import Role
from tests.accounts.contacts import ADDRESS, verified
from tests.accounts.factories import RoleGrantFactory, UserFactory
from tests.billing.paying import PRICE, authorised, fulfilments, ordered, paid, refund, refunder, sent, told
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
READERS = (Role.FINANCE, Role.FINANCE_APPROVER, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def page_of(row: Any) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_action", args=[row.pk, name])


def list_of(model: str, query: str = "") -> str:
    return reverse(f"admin:billing_{model}_changelist") + query


def search(browser: Browser, text: str) -> Any:
    return browser.get(reverse("admin:search"), {"q": text})


def asked(browser: Browser, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = browser.get(url)
    assert response.status_code == 200
    return len(queries)


class TestFinding:
    def test_one_box_finds_by_id_name_refund_and_order(self, staff_client: StaffClient) -> None:
        browser, payment = staff_client(Role.FINANCE), paid()
        told(payment, FactKind.REFUND_SETTLED, 5, amount=100, refund_reference="re_in_the_box")
        attempt = PaymentAttempt.objects.get(payment=payment)
        found = Refund.objects.get()
        for text in (
            payment.pk,
            payment.order_id,
            attempt.pk,
            found.pk,
            payment.provider_reference,
            "re_in_the_box",
        ):
            response = search(browser, str(text))
            assert response.status_code == 302, text
            assert response["Location"] == page_of(payment), text

    def test_last_four_and_the_whole_address_of_a_payer(self, staff_client: StaffClient) -> None:
        browser, payment, other = staff_client(Role.FINANCE), paid(), paid()
        verified(payment.user)
        for text in ("4242", ADDRESS, ADDRESS.upper()):
            page = search(browser, text).content.decode()
            assert page_of(payment) in page, text
            assert (page_of(other) in page) == (text == "4242"), text
        assert page_of(payment) not in search(browser, "anna.example@example.com").content.decode()
        assert page_of(payment) not in search(browser, "4243").content.decode()

    def test_the_room_finds_as_the_box_does(self, staff_client: StaffClient) -> None:
        browser, payment, other = staff_client(Role.FINANCE), paid(), paid()
        for text in (payment.provider_reference, str(payment.pk), str(payment.order_id)):
            page = browser.get(list_of("payment"), {"q": text}).content.decode()
            assert page_of(payment) in page, text
            assert page_of(other) not in page, text
        assert page_of(payment) not in browser.get(list_of("payment"), {"q": "no such"}).content.decode()

    def test_an_order_without_a_payment(self, staff_client: StaffClient) -> None:
        browser, order = staff_client(Role.FINANCE), ordered()
        response = search(browser, str(order.pk))
        assert (response.status_code, response["Location"]) == (302, page_of(order))


class TestPaymentPage:
    @pytest.mark.parametrize("role", READERS)
    def test_shows_moves_attempts_postings_and_messages(self, staff_client: StaffClient, role: Role) -> None:
        browser, payment = staff_client(role), paid()
        refund(payment, 100, refunder())
        page = browser.get(page_of(payment)).content.decode()
        for words in (
            "Timeline",
            "Attempts",
            "Refunds",
            "Postings",
            "Messages of the provider",
            "Calls to the provider",
        ):
            assert words in page, words
        for words in (
            "cash:simulator:EUR",
            "tax_payable:DE:EUR",
            "deferred_revenue:EUR",
            "€29.99",
            "Visa ···· 4242",
        ):
            assert words in page, words
        assert "pm_sim_" not in page

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.MODERATOR, Role.ANALYST])
    def test_nobody_else_looks(self, staff_client: StaffClient, role: Role) -> None:
        assert staff_client(role).get(page_of(paid())).status_code == 403

    @pytest.mark.parametrize("role", [Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR])
    def test_who_only_reads_is_offered_nothing(self, staff_client: StaffClient, role: Role) -> None:
        browser, payment = staff_client(role), paid()
        assert browser.get(page_of(payment)).context["object_actions"] == []
        assert browser.get(action_on(payment, "refund")).status_code == 403

    def test_nothing_is_added_changed_or_deleted(self, staff_client: StaffClient) -> None:
        browser, payment = staff_client(Role.FINANCE), paid()
        for model, row in (
            ("payment", payment),
            ("order", payment.order),
            ("paymentmethod", payment.payment_method),
        ):
            assert browser.get(reverse(f"admin:billing_{model}_add")).status_code == 403
            assert browser.get(reverse(f"admin:billing_{model}_delete", args=[row.pk])).status_code == 403
            assert browser.send(page_of(row), {"amount": "1"}).status_code == 403


class TestActions:
    def test_a_refund_shows_the_maximum_and_the_limit(self, staff_client: StaffClient) -> None:
        clerk = refunder(per_item=1000, per_day=1500)
        browser, payment = staff_client(Role.FINANCE, user=browsing(clerk)), paid()
        page = browser.get(action_on(payment, "refund")).content.decode()
        assert "At most €29.99 can be refunded" in page
        assert "You may refund €10.00 more alone" in page
        response = browser.do(action_on(payment, "refund"), amount="10.00")
        assert response.status_code == 302, response.context["form"].errors
        assert Refund.objects.get().status == RefundStatus.SENT
        page = browser.get(action_on(payment, "refund")).content.decode()
        assert "You may refund €5.00 more alone" in page

    @pytest.mark.parametrize(
        ("amount", "words"),
        [
            ("0", "out of bounds"),
            ("-1", "out of bounds"),
            ("30.00", "At most €29.99"),
            ("10000000000000000", "more than anybody pays"),
            ("1,50", "is no amount"),
            ("1.505", "too exact"),
            ("abc", "is no amount"),
        ],
    )
    def test_amounts_that_nobody_can_mean_are_told_in_words(
        self, staff_client: StaffClient, amount: str, words: str
    ) -> None:
        clerk = refunder()
        browser, payment = staff_client(Role.FINANCE, user=browsing(clerk)), paid()
        response = browser.do(action_on(payment, "refund"), amount=amount)
        assert response.status_code == 200
        assert words in response.content.decode()
        assert not Refund.objects.exists()

    def test_above_the_limit_a_colleague_approves_and_never_oneself(self, staff_client: StaffClient) -> None:
        clerk = refunder(per_item=1, per_day=1)
        RoleGrantFactory(user=clerk, role=Role.FINANCE_APPROVER.value)
        browser, payment = staff_client(Role.FINANCE, user=browsing(clerk)), paid()
        assert browser.do(action_on(payment, "refund"), amount="5.00").status_code == 302
        request = ApprovalRequest.objects.get()
        browser.choose(Role.FINANCE_APPROVER)
        browser.role = Role.FINANCE_APPROVER
        page = browser.get(page_of(request))
        assert page.context["object_actions"] == []
        assert browser.get(action_on(request, "approve")).status_code == 302
        colleague = staff_client(Role.FINANCE_APPROVER)
        assert page_of(request) in colleague.get(list_of("approvalrequest")).content.decode()
        assert "Approvals waiting" in colleague.get(reverse("admin:index")).content.decode()
        assert colleague.do(action_on(request, "approve")).status_code == 302
        request.refresh_from_db()
        assert (request.status, request.checker_id) == (ApprovalStatus.APPROVED, colleague.user.pk)
        assert Refund.objects.get().status == RefundStatus.SENT
        assert page_of(request) not in colleague.get(list_of("approvalrequest")).content.decode()

    def test_capture_void_and_cancel(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.FINANCE)
        first, second, order = authorised(), authorised(), ordered()
        assert browser.do(action_on(first, "capture"), amount="").status_code == 302
        assert Payment.objects.get(pk=first.pk).capture_requested == PRICE
        assert browser.do(action_on(second, "void")).status_code == 302
        assert second.attempts.filter(kind="void").count() == 1
        assert browser.do(action_on(order, "cancel")).status_code == 302
        order.refresh_from_db()
        assert order.status == "cancelled"

    def test_asking_again_says_when_there_is_nothing(self, staff_client: StaffClient) -> None:
        browser, attempt = staff_client(Role.FINANCE), sent()
        response = browser.do(action_on(attempt.payment, "ask-again"))
        assert "the provider is asked until it answers" in response.content.decode()

    def test_a_form_sent_twice_refunds_once(self, staff_client: StaffClient) -> None:
        browser, payment = staff_client(Role.FINANCE, user=browsing(refunder())), paid()
        url = action_on(payment, "refund")
        answers = browser.fill_in(url, amount="1.00")
        assert browser.send(url, answers).status_code == 302
        browser.send(url, answers)
        assert Refund.objects.count() == 1


def browsing(user: Any) -> Any:
    """Somebody with a password, as `staff` makes them."""
    return user


class TestQueries:
    @pytest.mark.parametrize("model", ["payment", "refund", "order", "paymentmethod", "approvalrequest"])
    def test_lists_ask_the_same_with_one_row_and_with_twenty(
        self, staff_client: StaffClient, model: str
    ) -> None:
        browser, user = staff_client(Role.FINANCE_APPROVER), UserFactory()
        clerk = refunder(per_item=1, per_day=1)
        query = "?status=all" if model == "approvalrequest" else ""
        refund(paid(user), 10, clerk)
        one = asked(browser, list_of(model, query))
        for _ in range(19):
            refund(paid(), 10, clerk)
        assert asked(browser, list_of(model, query)) == one
        assert one <= 14, one

    def test_the_page_of_a_payment_asks_the_same_with_one_row_and_with_twenty(
        self, staff_client: StaffClient
    ) -> None:
        browser, payment = staff_client(Role.FINANCE), paid()
        refund(payment, 10, refunder())
        # One row for every panel that gets twenty: a panel without any is not read at all.
        told(payment, FactKind.REFUND_SETTLED, 0, amount=1, refund_reference="re_0")
        one = asked(browser, page_of(payment))
        for number in range(1, 20):
            told(payment, FactKind.REFUND_SETTLED, number, amount=1, refund_reference=f"re_{number}")
        assert asked(browser, page_of(payment)) == one
        assert one <= 32, one


def test_cards_count_what_waits(staff_client: StaffClient) -> None:
    browser, payment = staff_client(Role.FINANCE), paid()
    told(payment, FactKind.PAYMENT_CAPTURED, 5, amount=PRICE + 5, total=PRICE + 5)
    page = browser.get(reverse("admin:index")).content.decode()
    assert "Money in suspense" in page
    assert page_of(payment) in browser.get(list_of("payment", "?suspense=some")).content.decode()
