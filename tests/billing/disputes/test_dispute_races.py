"""Two at once, on connections of their own: one dispute, one movement, one submission."""

from collections.abc import Iterator

import pytest

from billing.errors import EvidenceRefused, RefundRefused
from billing.models import Dispute, DisputeMovement, Payment, ProviderCall
from billing.services.dispute_evidence import dispute_evidence_submit
from core.db.context import acting
from core.db.roles import Role
from core.errors import StaleVersion
from tests.accounts.factories import staff
from tests.accounts.test_races import at_once, refusals
from tests.billing.disputes_data import (
    LOST,
    WAITS,
    assert_disputes_prove,
    disputed,
    evidence,
    opened,
    withdrawn,
)
from tests.billing.ledger import assert_books_prove
from tests.billing.paying import PRICE, fulfilments, paid, refund, refunder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def test_the_same_message_by_eight_workers_is_one_dispute_with_one_movement() -> None:
    payment = paid()
    outcomes = at_once(*[lambda: disputed(payment, WAITS, 10, withdrawn())] * 8)
    assert refusals(outcomes) == []
    assert (Dispute.objects.count(), DisputeMovement.objects.count()) == (1, 1)
    assert_disputes_prove()
    assert_books_prove()


def test_opened_and_lost_at_once_end_as_lost_and_taken_back_once() -> None:
    payment = paid()
    outcomes = at_once(
        *[lambda: disputed(payment, LOST, 20)] * 3, *[lambda: disputed(payment, WAITS, 10, withdrawn())] * 3
    )
    assert refusals(outcomes) == []
    found = Payment.objects.get(pk=payment.pk)
    assert (found.charged_back, found.reversed, found.disputed) == (PRICE, PRICE, 0)
    assert DisputeMovement.objects.filter(kind="taken_back").count() == 1
    assert_disputes_prove()
    assert_books_prove()


def test_evidence_is_submitted_by_one_of_two() -> None:
    clerks, dispute = [staff(Role.FINANCE) for _ in range(4)], opened()
    evidence(dispute, clerks[0])

    def submit(number: int) -> Dispute:
        with acting(Role.FINANCE, user_id=clerks[number].pk):
            return dispute_evidence_submit(dispute_id=dispute.pk, actor=clerks[number], reason="all is there")

    outcomes = at_once(*(lambda number=number: submit(number) for number in range(4)))
    assert set(refusals(outcomes)) <= {EvidenceRefused, StaleVersion}
    assert len(refusals(outcomes)) == 3
    assert ProviderCall.objects.filter(subject_id=dispute.pk).count() == 1


def test_a_refund_and_a_dispute_at_once_do_not_both_give_the_money_back() -> None:
    payment, clerk = paid(), refunder()
    outcomes = at_once(
        lambda: refund(payment, PRICE, clerk), lambda: disputed(payment, WAITS, 10, withdrawn())
    )
    assert set(refusals(outcomes)) <= {RefundRefused}
    found = Payment.objects.get(pk=payment.pk)
    assert found.disputed == PRICE
    assert found.refund_requested in (0, PRICE)
    assert (found.refund_requested == 0) == bool(refusals(outcomes))
    assert_books_prove()
