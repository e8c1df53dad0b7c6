"""What the demo shows of filings and access reviews, run twice; and what an erasure leaves of them."""

import pytest

from accounts.choices import UserStatus
from accounts.models import RoleGrant, User
from audit.demo_filings import load_access_review, load_filings
from audit.models import AccessReviewItem, ComplianceFiling
from audit.services.access_reviews import access_review_item_keep
from audit.services.filing_erasure import _erase, _survey
from core.db.roles import STAFF_ROLES, Role
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_moderation import without_triggers
from tests.audit.filing_steps import WHY, as_administrator, as_compliance, filed, opened
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


def test_the_demo_run_twice_changes_nothing() -> None:
    assert "nobody to show it with" in load_filings()
    staff(Role.ADMINISTRATOR, handle="demo_administrator")
    staff(Role.COMPLIANCE, handle="demo_compliance")
    second = staff(*STAFF_ROLES, handle="demo_every_role")
    UserFactory()
    assert "filed and answered, 3 waiting" in load_filings()
    assert "there before" in load_filings()
    assert ComplianceFiling.objects.count() == 4
    assert ComplianceFiling.objects.overdue().count() == 1
    assert "grants wait for administrators" in load_access_review()
    assert "there before" in load_access_review()
    assert AccessReviewItem.objects.filter(verdict="keep").count() == 3
    assert AccessReviewItem.objects.get(verdict="withdraw").holder == second
    assert not RoleGrant.objects.in_force().filter(user=second, role="vbl_analyst").exists()


def test_an_erasure_keeps_filings_and_empties_reasons() -> None:
    admin, officer, mona = staff(Role.ADMINISTRATOR), staff(Role.COMPLIANCE), staff(Role.MODERATOR)
    filing = filed(person_id=mona.pk)
    opened()
    item = AccessReviewItem.objects.get(holder=mona)
    with as_administrator(admin):
        access_review_item_keep(item_id=item.pk, actor=admin, reason=WHY)
    with as_compliance(officer):
        survey = _survey(mona.pk)
        assert survey.as_counts() == {
            "destroyed": {"audit_accessreviewitem": 1},
            "kept": {"audit_compliancefiling": 1, "audit_accessreviewitem": 1},
        }
        with refused("The person is not erased"):
            run("SELECT access_review_words_erase(%s)", [mona.pk])
    with without_triggers("accounts_user"):
        run(
            "UPDATE accounts_user SET status = 'erased', erased_at = now(), closed_at = now(), handle = NULL "
            "WHERE id = %s",
            [mona.pk],
        )
    with as_compliance(officer):
        assert _erase(mona.pk) == survey
        assert _erase(mona.pk).destroyed[0].rows == 0, "twice is as once"
    again = AccessReviewItem.objects.get(pk=item.pk)
    assert (again.reason, again.verdict, again.decided_by) == ("", "keep", admin)
    assert ComplianceFiling.objects.get(pk=filing.pk).status == "filed"
    assert User.objects.get(pk=mona.pk).status == UserStatus.ERASED
