"""Erasing somebody who disputed: what stays is told, and what is open objects."""

import pytest

from accounts.models import User
from billing.dispute_choices import DisputeReason
from billing.models import RiskReview
from billing.services.dispute_erasure import survey
from billing.services.risk_reviews import risk_review_clear
from core.db.context import acting
from core.db.roles import Role
from core.vetoes import erasure_requested
from tests.accounts.factories import UserFactory, staff
from tests.billing.disputes_data import LOST, disputed, evidence, opened
from tests.billing.factories_wallets import performer, tip
from tests.billing.paying import paid

pytestmark = pytest.mark.django_db


def objections(user: User) -> str:
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        return " ".join(veto.reason for veto in erasure_requested.ask(sender=User, user=user))


def test_what_is_open_objects_and_what_stays_is_counted() -> None:
    user, star, clerk = UserFactory(), performer(), staff(Role.FINANCE)
    payment = paid(user)
    tip(user, star, 60)
    dispute = opened(payment, reason=DisputeReason.FRAUD)
    evidence(dispute, clerk)
    assert "is disputed" in objections(user)
    assert "being reviewed" in objections(user)
    disputed(payment, LOST, 20)
    risk_review_clear(risk_review_id=RiskReview.objects.get().pk, actor=clerk, reason="seen with the bank")
    assert "disputed" not in objections(user)
    assert "reviewed" not in objections(user)
    with acting(Role.COMPLIANCE, user_id=UserFactory().pk):
        mine = {line.table: line.rows for line in survey(user.pk).kept}
        hers = {line.table: line.rows for line in survey(star.pk).kept}
    assert mine == {
        "billing_dispute": 1,
        "billing_disputeevidence": 1,
        "billing_earninghold": 0,
        "billing_riskreview": 1,
    }
    assert hers["billing_earninghold"] == 2
