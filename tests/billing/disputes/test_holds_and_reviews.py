"""What disputes and reviews hold, and what a lost dispute takes back of performers."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction

from billing import chart
from billing.dispute_choices import DisputeReason, HoldCause, RiskCause, RiskStatus
from billing.errors import EarningHoldRefused, RiskReviewRefused
from billing.ledger_choices import JournalKind
from billing.models import (
    Earning,
    EarningHold,
    Entitlement,
    Payment,
    ReconciliationException,
    RiskReview,
    SpendReversal,
)
from billing.provider_choices import FactKind
from billing.services.earning_holds import (
    disputed_earnings_hold,
    earning_hold_release,
    earning_holds_place,
    earning_holds_release,
    earnings_of_order,
)
from billing.services.risk_reviews import (
    risk_review_clear,
    risk_review_confirm,
    risk_review_open,
    risk_review_take,
)
from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition
from tests.accounts.factories import UserFactory, staff
from tests.billing.disputes_data import (
    LOST,
    PARTLY,
    WAITS,
    WON,
    assert_disputes_prove,
    disputed,
    movement,
    opened,
    withdrawn,
)
from tests.billing.factories_wallets import assert_proven, balance, left, performer, tip
from tests.billing.factories_wallets import settled as settled_triggers
from tests.billing.ledger import assert_books_prove, entry, post
from tests.billing.ledger import opened as accounts_of
from tests.billing.paying import NET, PRICE, paid, sent, settled, told
from tests.billing.test_fulfilments import order, ticket

pytestmark = pytest.mark.django_db

REFUSED = (IntegrityError, ProgrammingError)


def attack(sql: str, *values: Any, role: Role = Role.WORKER, user_id: Any = None) -> None:
    with acting(role, user_id=user_id), connection.cursor() as cursor:
        cursor.execute(sql, values)


def refused(message: str, sql: str, *values: Any, **context: Any) -> None:
    with pytest.raises(REFUSED, match=message), transaction.atomic():
        attack(sql, *values, **context)


def held() -> set[Any]:
    return set(EarningHold.objects.live().values_list("earning_id", flat=True))


def paid_out(performer_id: Any, amount: int, currency: str = chart.TOKEN) -> None:
    """Let her have been paid what she earned."""
    earned, away = accounts_of(chart.earnings(performer_id, currency), chart.exchange_clearing(currency))
    post(entry((earned, -amount, currency), (away, amount, currency), kind=JournalKind.PAYOUT))


def assert_all_proven() -> None:
    assert_proven()
    assert_disputes_prove()
    assert_books_prove()


class TestTokens:
    def test_what_they_were_spent_on_is_held_and_let_go_of_when_it_is_won(self) -> None:
        user, star = UserFactory(), performer()
        payment = paid(user)
        tip(user, star, 60)
        stranger = UserFactory()
        paid(stranger)
        tip(stranger, star, 10)
        dispute = opened(payment)
        assert held() == set(
            Earning.objects.filter(line__split__spend__viewer=user).values_list("pk", flat=True)
        )
        assert len(held()) == 1
        disputed(payment, WON, 20, movement(PRICE, seconds=20))
        assert held() == set()
        hold = EarningHold.objects.get()
        assert (hold.cause, hold.dispute_id, hold.released_by) == (HoldCause.DISPUTE, dispute.pk, None)
        assert not SpendReversal.objects.exists()
        assert_all_proven()

    def test_what_they_are_spent_on_afterwards_is_held_in_the_night(self) -> None:
        user, star = UserFactory(), performer()
        payment = paid(user)
        stranger = UserFactory()
        paid(stranger)
        tip(stranger, star, 10)
        dispute = opened(payment)
        tip(user, star, 60)
        assert held() == set()
        call_command("disputed_earnings_hold", verbosity=0)
        assert held() == set(
            Earning.objects.filter(line__split__spend__viewer=user).values_list("pk", flat=True)
        )
        assert (len(held()), EarningHold.objects.get().dispute_id) == (1, dispute.pk)
        assert disputed_earnings_hold() == 0
        disputed(payment, WON, 20, movement(PRICE, seconds=20))
        assert disputed_earnings_hold() == 0
        assert held() == set()
        assert_all_proven()

    def test_a_lost_dispute_takes_the_spends_back_and_no_token_is_left(self) -> None:
        user, star = UserFactory(), performer()
        payment = paid(user)
        tip(user, star, 60)
        opened(payment)
        disputed(payment, LOST, 20)
        assert left(user) == [("paid", 0, 0), ("bonus", 0, 0)]
        assert SpendReversal.objects.count() == 1
        assert balance(chart.earnings(star.pk)) == balance(chart.platform_share()) == 0
        assert balance(chart.refund_loss("EUR")) == balance(chart.deferred_revenue("EUR")) == 0
        assert balance(chart.token_revenue("EUR")) == 0
        assert not ReconciliationException.objects.filter(kind="tokens_spent").exists()
        assert held() == set()
        assert_all_proven()

    def test_what_she_was_paid_out_already_she_owes(self) -> None:
        user, star = UserFactory(), performer()
        payment = paid(user)
        tip(user, star, 60)
        earned = balance(chart.earnings(star.pk))
        paid_out(star.pk, earned)
        opened(payment)
        disputed(payment, LOST, 20)
        assert SpendReversal.objects.get().shortfall == earned
        assert balance(chart.receivable(star.pk)) == -earned
        assert_all_proven()

    def test_a_part_takes_the_newest_spends_back_as_many_as_it_needs(self) -> None:
        user, star = UserFactory(), performer()
        payment = paid(user)
        for tokens in (40, 40):
            tip(user, star, tokens)
        assert left(user)[0][1] == 30
        opened(payment)
        disputed(payment, PARTLY, 20, movement(PRICE - 1000, seconds=20), lost=1000)
        # 30 of 110 tokens are left, bonus tokens were burned first: 840 net are covered after one of the two tips.
        assert SpendReversal.objects.count() == 1
        assert Payment.objects.get(pk=payment.pk).reversed == 1000
        assert balance(chart.refund_loss("EUR")) == 0
        assert_all_proven()


class TestTickets:
    def test_held_taken_back_and_owed(self) -> None:
        offer, product = ticket()
        payment = settled(sent(order(product)))
        disputed(payment, WAITS, 10, withdrawn(2_380), amount=2_380)
        assert len(held()) == 1
        paid_out(offer.performer_id, 1_000, "EUR")
        disputed(payment, LOST, 20, amount=2_380)
        assert balance(chart.earnings(offer.performer_id, "EUR")) == 0
        assert balance(chart.receivable(offer.performer_id, "EUR")) == -1_000
        assert balance(chart.platform_share("EUR")) == balance(chart.tax_payable("DE", "EUR")) == 0
        assert Entitlement.objects.get().revocation == "refund"
        assert sorted(Earning.objects.values_list("amount", flat=True)) == [-1_400, 1_400]
        assert held() == set()
        assert_all_proven()

    def test_disputed_before_the_money_came_is_held_when_it_comes(self) -> None:
        _, product = ticket()
        attempt = sent(order(product))
        payment = attempt.payment
        told(payment, FactKind.PAYMENT_PENDING, 1, reference="pay_1", idempotency_key=str(attempt.pk))
        payment.refresh_from_db()
        dispute = disputed(payment, WAITS, 10, withdrawn(2_380), amount=2_380)
        assert not Earning.objects.exists()
        told(payment, FactKind.PAYMENT_CAPTURED, 2, amount=2_380, total=2_380)
        assert len(held()) == 1
        assert EarningHold.objects.get().dispute_id == dispute.pk
        disputed(payment, WON, 20, movement(2_380, seconds=20), amount=2_380)
        assert held() == set()
        assert_all_proven()

    def test_lost_in_part_takes_each_share_pro_rata(self) -> None:
        offer, product = ticket()
        payment = settled(sent(order(product)))
        disputed(payment, WAITS, 10, withdrawn(2_380), amount=2_380)
        disputed(payment, PARTLY, 20, movement(595, seconds=20), amount=2_380, lost=1_785)
        # Three quarters: 1,500 of the net 2,000, of which she had 1,400 and the platform 600.
        assert balance(chart.earnings(offer.performer_id, "EUR")) == 350
        assert balance(chart.platform_share("EUR")) == 150
        assert Entitlement.objects.get().revocation is None
        assert_all_proven()


class TestHolds:
    def test_several_reasons_hold_until_the_last_is_gone(self) -> None:
        user, star, clerk = UserFactory(), performer(), staff(Role.FINANCE)
        payment = paid(user)
        tip(user, star, 60)
        opened(payment)
        (earning_id,) = held()
        said = {"earning_ids": [earning_id], "cause": HoldCause.STAFF, "actor": clerk, "reason": "looks odd"}
        assert earning_holds_place(**said) == 1
        assert earning_holds_place(**said) == 0
        disputed(payment, WON, 20, movement(PRICE, seconds=20))
        assert held() == {earning_id}
        with pytest.raises(EarningHoldRefused, match="Write a reason"):
            earning_holds_release(earning_ids=[earning_id], actor=clerk, reason=" ")
        with pytest.raises(EarningHoldRefused, match="Say what"):
            earning_holds_release(actor=clerk, reason="all of it")
        assert earning_holds_release(earning_ids=[earning_id], actor=clerk, reason="was fine") == 1
        assert held() == set()

    def test_one_is_let_go_of_by_hand_but_not_what_a_dispute_holds(self) -> None:
        user, star, clerk = UserFactory(), performer(), staff(Role.FINANCE)
        payment = paid(user)
        tip(user, star, 60)
        opened(payment, reason=DisputeReason.FRAUD)
        by_dispute = EarningHold.objects.get(cause=HoldCause.DISPUTE)
        by_review = EarningHold.objects.get(cause=HoldCause.REVIEW)
        with pytest.raises(EarningHoldRefused, match="A dispute holds this"):
            earning_hold_release(earning_hold_id=by_dispute.pk, actor=clerk, reason="let go")
        with pytest.raises(EarningHoldRefused, match="own"):
            earning_hold_release(earning_hold_id=by_review.pk, actor=star.user, reason="let go")
        assert (
            earning_hold_release(earning_hold_id=by_review.pk, actor=clerk, reason="let go").released_by
            == clerk
        )
        with pytest.raises(EarningHoldRefused, match="already"):
            earning_hold_release(earning_hold_id=by_review.pk, actor=clerk, reason="let go")

    def test_the_database_holds_only_what_was_earned_and_while_it_is_open(self) -> None:
        user, star = UserFactory(), performer()
        payment = paid(user)
        tip(user, star, 60)
        dispute = opened(payment)
        (earning_id,) = held()
        with pytest.raises(IntegrityError, match="holds no earnings"), transaction.atomic():
            attack("UPDATE billing_dispute SET status = 'won', decided_at = now() WHERE id = %s", dispute.pk)
            settled_triggers()
        disputed(payment, LOST, 20)
        back = Earning.objects.get(amount__lt=0)
        sql = (
            "INSERT INTO billing_earninghold (earning_id, cause, dispute_id, placed_by_id, reason) "
            "VALUES (%s, %s, %s, %s, 'because')"
        )
        clerk = staff(Role.FINANCE)
        refused("always counts", sql, back.pk, "staff", None, clerk.pk)
        refused("decided holds no", sql, earning_id, "dispute", dispute.pk, None)
        refused("owner_check", sql, earning_id, "staff", None, None)
        refused("stays so", "UPDATE billing_earninghold SET released_at = NULL, release_reason = ''")
        refused("permission denied", "UPDATE billing_earninghold SET reason = 'another'")
        refused("permission denied", "DELETE FROM billing_earninghold")
        refused("permission denied", "SELECT FROM billing_earninghold", role=Role.PERFORMER, user_id=star.pk)

    def test_nothing_held_where_nothing_was_earned(self) -> None:
        payment = paid()
        opened(payment)
        assert earnings_of_order(payment.order_id) == []
        assert not EarningHold.objects.exists()
        assert NET < PRICE


class TestReviews:
    def test_opened_taken_and_cleared(self) -> None:
        user, clerk, colleague = UserFactory(), staff(Role.FINANCE), staff(Role.COMPLIANCE)
        payment = paid(user)
        tip(user, performer(), 60)
        said = {"user_id": user.pk, "cause": RiskCause.STAFF, "words": "paid from three countries"}
        review = risk_review_open(**said, payment_id=payment.pk, actor=clerk)
        assert risk_review_open(**said, payment_id=payment.pk, actor=clerk).pk == review.pk
        assert len(held()) == 1
        assert risk_review_take(risk_review_id=review.pk, actor=clerk, reason="mine").owner == clerk
        with pytest.raises(IllegalTransition):
            risk_review_take(risk_review_id=review.pk, actor=colleague, reason="mine")
        with pytest.raises(RiskReviewRefused, match="colleague looks"):
            risk_review_clear(risk_review_id=review.pk, actor=colleague, reason="fine")
        with pytest.raises(RiskReviewRefused, match="Write a reason"):
            risk_review_clear(risk_review_id=review.pk, actor=clerk, reason=" ")
        cleared = risk_review_clear(risk_review_id=review.pk, actor=clerk, reason="a traveller")
        assert (cleared.status, cleared.decided_by) == (RiskStatus.CLEARED, clerk)
        assert held() == set()
        with pytest.raises(IllegalTransition):
            risk_review_confirm(risk_review_id=review.pk, actor=clerk, reason="after all")
        assert risk_review_open(**said, payment_id=payment.pk, actor=clerk).pk != review.pk

    def test_confirmed_keeps_what_it_holds(self) -> None:
        user, clerk = UserFactory(), staff(Role.FINANCE)
        payment = paid(user)
        tip(user, performer(), 60)
        opened(payment, reason=DisputeReason.FRAUD)
        review = RiskReview.objects.get(cause=RiskCause.FRAUD_REPORTED)
        risk_review_confirm(risk_review_id=review.pk, actor=clerk, reason="a stolen card")
        disputed(payment, WON, 20, movement(PRICE, seconds=20))
        assert len(held()) == 1

    def test_refused(self) -> None:
        user, clerk = UserFactory(), staff(Role.FINANCE)
        said = {"cause": RiskCause.STAFF, "words": "because of this"}
        with pytest.raises(RiskReviewRefused, match="somebody else's"):
            risk_review_open(**said, user_id=user.pk, payment_id=paid().pk, actor=clerk)
        review = risk_review_open(**said, user_id=clerk.pk, actor=None)
        with pytest.raises(RiskReviewRefused, match="own"):
            risk_review_clear(risk_review_id=review.pk, actor=clerk, reason="I am fine")
        sql = "UPDATE billing_riskreview SET status = 'cleared', decision_reason = 'fine' WHERE id = %s"
        refused("not by the one", sql, review.pk, user_id=clerk.pk)
        refused("not by the one", sql, review.pk)
        colleague = staff(Role.FINANCE)
        attack(sql, review.pk, user_id=colleague.pk)
        found = RiskReview.objects.get()
        assert (found.decided_by, found.decided_at is not None) == (colleague, True)
        refused("stays so", "UPDATE billing_riskreview SET decision_reason = 'another'")
