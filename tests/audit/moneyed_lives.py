"""Somebody with a row in each table of billing that a legal hold keeps: who buys, disputes, is paid and examined."""

from accounts.models import User
from billing.dispute_choices import RiskCause
from billing.services.kyc_cases import kyc_case_open
from billing.services.risk_reviews import risk_review_open
from billing.services.sanctions_screenings import sanctions_screening_record
from core.db.roles import Role
from tests.accounts.factories import staff
from tests.billing.disputes_data import opened
from tests.billing.invoice_data import company, form_of, gone_back
from tests.billing.paying import paid
from tests.billing.payouts_data import payable


def moneyed_life() -> User:
    """A performer who also buys: two payments, of which one went back in part and one is disputed."""
    company()
    star = payable()
    user, officer, clerk = star.user, staff(Role.COMPLIANCE), staff(Role.FINANCE)
    gone_back(paid(user), 1000)
    opened(paid(user))
    form_of(star)
    sanctions_screening_record(user_id=user.pk, sanctions_list="eu", list_version="1", actor=officer)
    kyc_case_open(user_id=user.pk, actor=officer, cause="periodic", reason="a year has passed")
    risk_review_open(user_id=user.pk, cause=RiskCause.STAFF, words="Many disputes at once.", actor=clerk)
    return user
