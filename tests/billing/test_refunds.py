"""Refunds: what is left, limits, four eyes, and what comes back."""

from collections.abc import Iterator

import pytest

from billing import chart
from billing.errors import ApprovalRefused, KeyReused, MoneyRefused, RefundRefused
from billing.models import ApprovalRequest, Order, Payment, ProviderCall, ReconciliationException, Refund
from billing.payment_choices import ApprovalStatus, LimitKind, OrderStatus, PaymentStatus, RefundStatus
from billing.provider_choices import FactKind, ProviderOutcome
from billing.services.approvals import approval_give, approval_refuse
from billing.services.refund_facts import refund_settle
from billing.services.refunds import refund_request
from billing.services.staff_limits import allowance_of, staff_limit_set
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import RoleGrantFactory, staff
from tests.billing.ledger import entry, opened, post
from tests.billing.paying import (
    NET,
    PRICE,
    TAX,
    answer,
    assert_settled,
    balance,
    fulfilments,
    paid,
    refund,
    refunder,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def again(payment: Payment) -> Payment:
    return Payment.objects.get(pk=payment.pk)


def answered(asked: Refund, outcome: ProviderOutcome = ProviderOutcome.SUCCEEDED, **said: object) -> Payment:
    refund_settle(refund_id=asked.pk, answer=answer(outcome, reference=f"re_{asked.pk}", **said))
    return again(asked.payment)


class TestWithinTheLimit:
    def test_a_part_then_the_rest_takes_back_everything(self) -> None:
        payment, clerk = paid(), refunder()
        payment = answered(refund(payment, 1000, clerk))
        assert (payment.status, payment.refundable) == (PaymentStatus.PARTLY_REFUNDED, PRICE - 1000)
        assert Order.objects.get(pk=payment.order_id).status == OrderStatus.PARTLY_REFUNDED
        assert_settled(payment)
        payment = answered(refund(payment, PRICE - 1000, clerk))
        assert (payment.status, payment.refundable, payment.suspended) == (PaymentStatus.REFUNDED, 0, 0)
        line = payment.order.lines.get()
        assert (line.net_reversed, line.tax_reversed) == (NET, TAX)
        for code in ("cash:simulator:EUR", "tax_payable:DE:EUR", "deferred_revenue:EUR"):
            assert balance(code) == 0, code
        assert balance(f"wallet:{payment.user_id}") == 0
        assert_settled(payment)

    @pytest.mark.parametrize("amount", [0, -1, 10**18, PRICE + 1])
    def test_amounts_that_nobody_can_mean(self, amount: int) -> None:
        payment, clerk = paid(), refunder()
        with pytest.raises((MoneyRefused, RefundRefused)):
            refund(payment, amount, clerk)
        assert not Refund.objects.exists()
        assert again(payment).refund_requested == 0

    def test_no_more_than_is_left_while_another_one_is_under_way(self) -> None:
        payment, clerk = paid(), refunder()
        refund(payment, 2000, clerk)
        with pytest.raises(RefundRefused, match="At most €9.99 "):
            refund(payment, 1000, clerk)

    def test_a_failed_refund_can_be_asked_for_again(self) -> None:
        payment, clerk = paid(), refunder()
        payment = answered(refund(payment, PRICE, clerk), ProviderOutcome.DECLINED, decline_code="expired")
        assert (payment.refund_requested, payment.refundable) == (0, PRICE)
        assert balance("cash:simulator:EUR") == -PRICE

    def test_the_same_key_refunds_once(self) -> None:
        payment, clerk = paid(), refunder()
        first = refund(payment, 500, clerk, idempotency_key="once")
        assert refund(payment, 500, clerk, idempotency_key="once").pk == first.pk
        with pytest.raises(KeyReused):
            refund(payment, 501, clerk, idempotency_key="once")
        assert ProviderCall.objects.filter(subject_id=first.pk).count() == 1

    def test_ones_own_payment_is_a_colleagues_matter(self) -> None:
        clerk = refunder()
        with pytest.raises(RefundRefused, match="their own"):
            refund(paid(clerk), 100, clerk)

    def test_nobody_outside_of_staff(self) -> None:
        payment = paid()
        with (
            acting(Role.VIEWER, user_id=payment.user_id),
            pytest.raises(RefundRefused, match="in a role of staff"),
        ):
            refund_request(payment_id=payment.pk, amount=1, actor=payment.user, reason="mine")

    def test_what_was_used_up_is_goodwill(self) -> None:
        payment, clerk = paid(), refunder()
        wallet, sink = opened(chart.wallet(payment.user_id), chart.platform_share())
        post(entry((wallet, -NET), (sink, NET)))
        with pytest.raises(RefundRefused, match="used up"):
            refund(payment, PRICE, clerk)
        payment = answered(refund(payment, PRICE, clerk, is_goodwill=True))
        assert balance("refund_loss:EUR") == -NET
        assert balance("deferred_revenue:EUR") == NET
        assert_settled(payment)


class TestFourEyes:
    def asked(self, payment: Payment | None = None) -> tuple[Refund, ApprovalRequest]:
        clerk = refunder(per_item=1000, per_day=1500)
        asked = refund(payment or paid(), 1001, clerk)
        assert asked.approval is not None
        return asked, asked.approval

    def test_above_the_limit_nothing_is_sent(self) -> None:
        asked, request = self.asked()
        assert (asked.status, request.status) == (RefundStatus.REQUESTED, ApprovalStatus.PENDING)
        assert not ProviderCall.objects.filter(subject_id=asked.pk).exists()
        assert request.limits == {"per_item": 1000, "per_day": 1500, "used_today": 0}
        assert again(asked.payment).refund_requested == 1001

    def test_a_second_person_sends_it(self) -> None:
        asked, request = self.asked()
        checker = staff(Role.FINANCE_APPROVER)
        with acting(Role.FINANCE_APPROVER, user_id=checker.pk):
            approval_give(approvalrequest_id=request.pk, actor=checker, reason="seen the mail")
        asked.refresh_from_db()
        request.refresh_from_db()
        assert (asked.status, request.checker_id) == (RefundStatus.SENT, checker.pk)
        assert ProviderCall.objects.filter(subject_id=asked.pk).count() == 1
        assert_settled(answered(asked))

    def test_refused_it_counts_no_more(self) -> None:
        asked, request = self.asked()
        checker = staff(Role.FINANCE_APPROVER)
        with acting(Role.FINANCE_APPROVER, user_id=checker.pk):
            approval_refuse(approvalrequest_id=request.pk, actor=checker, reason="no reason given")
            with pytest.raises(ApprovalRefused, match="decided before"):
                approval_give(approvalrequest_id=request.pk, actor=checker, reason="after all")
        assert again(asked.payment).refundable == PRICE

    def test_nobody_decides_about_their_own_even_with_both_roles(self) -> None:
        _, request = self.asked()
        maker = request.maker
        RoleGrantFactory(user=maker, role=Role.FINANCE_APPROVER.value)
        with (
            acting(Role.FINANCE_APPROVER, user_id=maker.pk),
            pytest.raises(ApprovalRefused, match="Ask a colleague"),
        ):
            approval_give(approvalrequest_id=request.pk, actor=maker, reason="I know it is fine")

    def test_without_the_role_nobody_decides(self) -> None:
        _, request = self.asked()
        other = staff(Role.FINANCE)
        with acting(Role.FINANCE, user_id=other.pk), pytest.raises(ApprovalRefused, match="hold the role"):
            approval_give(approvalrequest_id=request.pk, actor=other, reason="helping out")

    def test_what_the_provider_gave_back_meanwhile_cannot_be_approved(self) -> None:
        asked, request = self.asked()
        told(asked.payment, FactKind.REFUND_SETTLED, 5, amount=PRICE, total=PRICE, refund_reference="re_x")
        checker = staff(Role.FINANCE_APPROVER)
        with (
            acting(Role.FINANCE_APPROVER, user_id=checker.pk),
            pytest.raises(ApprovalRefused, match="no longer left"),
        ):
            approval_give(approvalrequest_id=request.pk, actor=checker, reason="seen the mail")

    def test_the_day_adds_up(self) -> None:
        payment, clerk = paid(), refunder(per_item=1000, per_day=1500)
        assert refund(payment, 1000, clerk).approval is None
        assert refund(payment, 600, clerk).approval is not None
        allowance = allowance_of(person_id=clerk.pk, role=Role.FINANCE, kind=LimitKind.REFUND, currency="EUR")
        assert (allowance.used_today, allowance.left) == (1000, 500)

    def test_without_a_limit_everything_waits(self) -> None:
        assert refund(paid(), 1, staff(Role.FINANCE)).approval is not None

    def test_a_limit_of_ones_own_stands_before_that_of_the_role(self) -> None:
        clerk = refunder(per_item=0, per_day=0)
        staff_limit_set(
            kind=LimitKind.REFUND,
            currency="EUR",
            per_item=10_000,
            per_day=10_000,
            role=Role.FINANCE,
            actor=None,
            reason="tests",
        )
        assert refund(paid(), 1, clerk).approval is not None
        assert refund(paid(), 1, staff(Role.FINANCE)).approval is None


class TestFacts:
    def test_ours_is_found_by_key_name_and_amount(self) -> None:
        payment, clerk = paid(), refunder()
        by_key, by_amount = refund(payment, 300, clerk), refund(payment, 200, clerk)
        told(payment, FactKind.REFUND_SETTLED, 5, amount=300, idempotency_key=by_key.provider_key)
        told(payment, FactKind.REFUND_SETTLED, 6, amount=200, refund_reference="re_200")
        told(payment, FactKind.REFUND_SETTLED, 6, amount=200, refund_reference="re_200")
        assert Refund.objects.filter(status=RefundStatus.SUCCEEDED).count() == 2
        by_amount.refresh_from_db()
        assert by_amount.provider_reference == "re_200"
        payment = again(payment)
        assert (payment.refunded_settled, payment.refunded_elsewhere) == (500, 0)
        assert not ReconciliationException.objects.exists()
        assert_settled(payment)

    def test_one_that_came_back_stands_in_suspense_and_goes_again(self) -> None:
        payment, clerk = paid(), refunder()
        first = refund(payment, PRICE, clerk)
        payment = answered(first)
        later = first.__class__.objects.get(pk=first.pk).settled_at
        assert later is not None
        seconds = int((later - told.__globals__["START"]).total_seconds()) + 100
        payment = told(
            payment,
            FactKind.REFUND_FAILED,
            seconds,
            amount=PRICE,
            refund_reference=f"re_{first.pk}",
            decline_code="account_closed",
        )
        assert (payment.suspended, payment.refunded_settled, payment.refundable) == (PRICE, 0, PRICE)
        assert ReconciliationException.objects.filter(subject_id=first.pk).exists()
        assert_settled(payment)
        payment = answered(refund(payment, PRICE, clerk, is_goodwill=True))
        assert (payment.suspended, payment.status) == (0, PaymentStatus.REFUNDED)
        assert_settled(payment)

    def test_a_failure_before_the_stale_success_wins(self) -> None:
        payment, clerk = paid(), refunder()
        asked = refund(payment, 100, clerk)
        told(payment, FactKind.REFUND_FAILED, 9, amount=100, idempotency_key=asked.provider_key)
        payment = told(payment, FactKind.REFUND_SETTLED, 5, amount=100, idempotency_key=asked.provider_key)
        asked.refresh_from_db()
        assert (asked.status, payment.refunded_settled) == (RefundStatus.FAILED, 0)
        assert_settled(payment)
