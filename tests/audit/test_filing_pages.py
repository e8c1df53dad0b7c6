"""The rooms of filings and access reviews: what they show, what they offer, and how often they ask."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import RoleGrant
from audit.admin.access_reviews import find_reviews
from audit.models import AccessReview, AccessReviewItem, ComplianceFiling, SensitiveRead
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import RoleGrantFactory, UserFactory, staff
from tests.audit.factories_moderation import make_case, without_triggers
from tests.audit.filing_steps import SECRET, approved, filed, opened, prepared, submitted
from tests.browser import Browser
from tests.sql import run

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
ADD = "admin:audit_compliancefiling_add"
FORM = {
    "filing_kind": "child_safety",
    "to": "",
    "basis": "",
    "aware": "",
    "year": "",
    "due": "",
    "whom": "",
    "which_case": "",
    "which_notice": "",
    "text": SECRET,
    "why": "reported by a moderator",
}


def list_of(model: str, query: str = "") -> str:
    return reverse(f"admin:audit_{model}_changelist") + query


def page_of(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:audit_{row._meta.model_name}_action", args=[row.pk, name])


def done(browser: Browser, row: Any, name: str, **answers: Any) -> None:
    response = browser.do(action_on(row, name), **answers)
    assert response.status_code == 302, response.context["form"].errors


def said(browser: Browser, row: Any, name: str, **answers: Any) -> str:
    response = browser.do(action_on(row, name), **answers)
    assert response.status_code == 200
    return response.content.decode()


def text(browser: Browser, url: str, data: Any = None) -> str:
    response = browser.get(url, data)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def an_hour_ago() -> str:
    return f"{timezone.now() - timedelta(hours=1):%Y-%m-%dT%H:%M}"


class TestFilings:
    def test_from_the_form_to_the_answer(self, staff_client: StaffClient) -> None:
        person = UserFactory(handle="reported_one")
        author, approver = staff_client(Role.COMPLIANCE), staff_client(Role.COMPLIANCE)
        values = {**FORM, "whom": "reported_one", "aware": an_hour_ago()}
        assert author.send(reverse(ADD), values).status_code == 302
        filing = ComplianceFiling.objects.get()
        assert (filing.person, filing.prepared_by) == (person, author.user)
        page = text(author, page_of(filing))
        assert "18 U.S.C. 2258A" in page and "Due in 2" in page and SECRET not in page
        done(author, filing, "submit")
        assert "does not decide about it" in said(author, filing, "approve")
        shown = approver.do(action_on(filing, "reveal"), case_reference="")
        assert SECRET in shown.content.decode()
        assert SensitiveRead.objects.get().actor == approver.user
        done(approver, filing, "approve")
        asked = text(author, action_on(filing, "file"))
        assert "A legal hold over the person is placed with it, for 365 days" in asked
        done(author, filing, "file", authority_reference="CT-77", filed_at="")
        done(author, filing, "answer", outcome="acknowledged", outcome_at="")
        done(author, filing, "amend", words="More of it.", aware_at="")
        page = text(author, page_of(filing))
        assert "CT-77" in page and "Acknowledged" in page
        assert ComplianceFiling.objects.get(amends=filing).reference in page
        assert filing.reference in text(author, page_of(person))

    @pytest.mark.parametrize(
        ("answers", "words"),
        [
            ({"filing_kind": ""}, "This field is required"),
            ({"whom": "nobody_here"}, "Nobody has the handle nobody_here"),
            ({"which_case": "C-1"}, "Give the id that stands on the page of the case"),
            ({"which_case": "018bcfe6-0c10-7000-8000-00000000002a"}, "There is no such case"),
            ({"which_notice": "TD-1"}, "There is no copyright notice TD-1"),
            ({"aware": "2199-01-01T00:00"}, "lies in the future"),
            ({"due": "2001-01-01T00:00"}, "lies in the past"),
            ({"why": "short"}, "at least 10"),
            ({"year": "12"}, "greater than or equal to 2000"),
        ],
    )
    def test_what_the_form_says_to_bad_input(
        self, staff_client: StaffClient, answers: dict[str, str], words: str
    ) -> None:
        response = staff_client(Role.COMPLIANCE).send(reverse(ADD), {**FORM, **answers})
        assert response.status_code == 200 and words in response.content.decode()
        assert not ComplianceFiling.objects.exists()

    def test_what_the_service_refuses_is_said(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.COMPLIANCE)
        response = browser.send(reverse(ADD), {**FORM, "aware": an_hour_ago()}, follow=True)
        assert "Name the person or the case that it is about. Nothing was saved." in response.content.decode()
        whom = {"whom": str(browser.user.pk), "aware": an_hour_ago()}
        response = browser.send(reverse(ADD), {**FORM, **whom}, follow=True)
        assert "This is about yourself" in response.content.decode()

    def test_the_queue_shows_the_longest_overdue_first(self, staff_client: StaffClient) -> None:
        browser, now = staff_client(Role.COMPLIANCE), timezone.now()
        soon = prepared(aware_at=now - timedelta(hours=2))
        later = prepared(kind="suspicious_transaction", aware_at=now - timedelta(hours=2))
        worst, overdue = (prepared(aware_at=now - timedelta(days=days)) for days in (9, 3))
        out = filed(aware_at=now - timedelta(days=3))
        page = text(browser, list_of("compliancefiling"))
        places = [page.index(row.reference) for row in (worst, overdue, soon, later)]
        assert places == sorted(places) and out.reference not in page
        assert "8 days overdue" in page
        for query, wanted, other in (
            ("?clock=overdue", worst, soon),
            ("?clock=soon", soon, later),
            ("?clock=late", out, worst),
            ("?clock=all&status__exact=filed", out, worst),
            (f"?clock=all&person={out.person.handle}", out, worst),
            (f"?clock=all&q={worst.reference.lower()}", worst, soon),
            ("?clock=all&q=CT-1", out, worst),
            (f"?clock=all&q={soon.person.handle}", soon, worst),
            (f"?clock=all&q={soon.pk}", soon, worst),
            (f"?clock=all&q={soon.person_id}", soon, worst),
        ):
            page = text(browser, list_of("compliancefiling", query))
            assert wanted.reference in page and other.reference not in page, query
        home = text(browser, reverse("admin:index"))
        assert "Filings overdue" in home and "Filings due within two days" in home
        found = browser.get(reverse("admin:search"), {"q": worst.reference})
        assert found.status_code == 302 and found["Location"] == page_of(worst)
        # The hold that was placed with it has the same file number: both are found.
        assert out.reference in text(browser, reverse("admin:search"), {"q": "CT-1"})

    def test_auditors_look_and_others_do_not(self, staff_client: StaffClient) -> None:
        filing = submitted()
        auditor = staff_client(Role.AUDITOR)
        page = auditor.get(page_of(filing))
        assert page.context["object_actions"] == []
        for name in ("approve", "reveal", "file"):
            assert auditor.get(action_on(filing, name)).status_code == 403
        assert auditor.get(reverse(ADD)).status_code == 403
        for role in (Role.ADMINISTRATOR, Role.SUPPORT, Role.LEAD_MODERATOR, Role.FINANCE, Role.ANALYST):
            browser = staff_client(role)
            assert browser.get(list_of("compliancefiling")).status_code == 403, role
            assert browser.get(page_of(filing)).status_code == 403, role
        support = staff_client(Role.SUPPORT)
        assert "Filings to authorities" not in text(support, page_of(filing.person))
        concerned = staff_client(Role.COMPLIANCE)
        about = prepared(person_id=concerned.user.pk)
        assert about.reference not in text(concerned, list_of("compliancefiling"))
        assert concerned.get(page_of(about)).status_code == 404, "as if it were not there"

    def test_a_case_is_named_by_its_id(self, staff_client: StaffClient) -> None:
        browser, case = staff_client(Role.COMPLIANCE), make_case()
        values = {**FORM, "which_case": str(case.pk), "aware": an_hour_ago()}
        assert browser.send(reverse(ADD), values).status_code == 302
        filing = ComplianceFiling.objects.get()
        assert filing.person_id == case.person_id and case.reference in text(browser, page_of(filing))


class TestReviews:
    def test_an_administrator_decides_and_compliance_signs_off(self, staff_client: StaffClient) -> None:
        admin, other = staff_client(Role.ADMINISTRATOR), staff_client(Role.ADMINISTRATOR)
        officer = staff_client(Role.COMPLIANCE)
        mona, fin = staff(Role.MODERATOR), staff(Role.FINANCE)
        review = opened()
        items = {item.holder_id: item for item in AccessReviewItem.objects.all()}
        assert "Roles to recertify" in text(admin, reverse("admin:index"))
        page = text(admin, list_of("accessreviewitem"))
        assert mona.handle in page and "not within a year" in page
        assert "their own role" in said(admin, items[admin.user.pk], "keep")
        done(admin, items[mona.pk], "keep")
        assert "loses the role" in text(admin, action_on(items[fin.pk], "withdraw"))
        done(admin, items[fin.pk], "withdraw")
        assert not RoleGrant.objects.in_force().filter(user=fin).exists()
        assert "3 grants are undecided" in said(officer, review, "close")
        chosen = [str(items[officer.user.pk].pk), str(items[other.user.pk].pk)]
        asked = admin.send(
            list_of("accessreviewitem"), {"action": "keep", "_selected_action": chosen, "index": "0"}
        )
        assert asked.status_code == 200
        done(admin, items[officer.user.pk], "keep")
        done(admin, items[other.user.pk], "keep")
        done(other, items[admin.user.pk], "keep")
        done(officer, review, "close")
        assert AccessReview.objects.get().closed_by == officer.user
        grant = RoleGrant.objects.get(user=mona)
        assert review.name in text(admin, page_of(grant))

    def test_who_only_looks_is_offered_nothing(self, staff_client: StaffClient) -> None:
        staff(Role.MODERATOR)
        review = opened()
        item = AccessReviewItem.objects.first()
        for role, rows in (
            (Role.AUDITOR, (review, item)),
            (Role.COMPLIANCE, (item,)),
            (Role.ADMINISTRATOR, (review,)),
        ):
            browser = staff_client(role)
            for row in rows:
                assert browser.get(page_of(row)).context["object_actions"] == [], (role, row)
        assert staff_client(Role.AUDITOR).get(action_on(item, "keep")).status_code == 403
        for role in (Role.SUPPORT, Role.MODERATOR, Role.FINANCE):
            browser = staff_client(role)
            assert browser.get(list_of("accessreview")).status_code == 403
            assert browser.get(page_of(item)).status_code == 403

    def test_filters_search_and_what_is_overdue(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.AUDITOR)
        mona, fin = staff(Role.MODERATOR), staff(Role.FINANCE)
        review = opened()
        for query in (
            "?role__exact=vbl_moderator",
            f"?holder={mona.handle}",
            f"?q={mona.handle}",
            f"?review={review.pk}&holder={mona.pk}",
        ):
            page = text(browser, list_of("accessreviewitem", query))
            assert mona.handle in page and fin.handle not in page, query
        assert mona.handle not in text(browser, list_of("accessreviewitem", "?decided=keep"))
        assert fin.handle in text(browser, list_of("accessreviewitem", f"?decided=all&q={review.name}"))
        assert page_of(review) not in text(browser, list_of("accessreview", "?clock=overdue"))
        with without_triggers("audit_accessreview"):
            run(
                "UPDATE audit_accessreview SET cut_off = now() - interval '32 days', "
                "due_at = now() - interval '49 hours'"
            )
        page = text(browser, list_of("accessreview", "?clock=overdue"))
        assert page_of(review) in page and "2 days overdue" in page
        assert "Access reviews overdue" in text(browser, reverse("admin:index"))
        found = browser.get(reverse("admin:search"), {"q": review.name.lower()})
        assert found.status_code == 302 and found["Location"] == page_of(review)
        with acting(Role.AUDITOR, user_id=browser.user.pk):
            assert [hit.title for hit in find_reviews(mona.handle)] == [f"Moderator of {mona.handle}"]


def test_pages_ask_as_often_for_one_row_as_for_twenty(staff_client: StaffClient) -> None:
    officer, admin = staff_client(Role.COMPLIANCE), staff_client(Role.ADMINISTRATOR)
    person, asked = UserFactory(), []
    holder = UserFactory()
    RoleGrantFactory(user=holder, role="vbl_support")
    review = opened()
    for rows in (1, 20):
        for number in range(rows):
            prepared(person_id=person.pk)
            filing = approved(kind="data_breach", authority=f"Authority {rows} {number}")
        if rows > 1:
            # More of what the review froze, as if it had been opened later.
            for _ in range(rows):
                RoleGrantFactory(user=UserFactory(), role="vbl_support")
            with without_triggers("audit_accessreviewitem"):
                run(
                    "INSERT INTO audit_accessreviewitem (review_id, grant_id, holder_id, role, granted_at) "
                    "SELECT %s, g.id, g.user_id, g.role, now() FROM accounts_rolegrant g WHERE NOT EXISTS "
                    "(SELECT FROM audit_accessreviewitem i WHERE i.grant_id = g.id) AND g.role = 'vbl_support'",
                    [review.pk],
                )
        item = AccessReviewItem.objects.get(holder=holder)
        counts = []
        for browser, address in (
            (officer, list_of("compliancefiling")),
            (officer, list_of("compliancefiling", "?clock=all")),
            (officer, page_of(filing)),
            (officer, page_of(person)),
            (admin, list_of("accessreview")),
            (admin, page_of(review)),
            (admin, list_of("accessreviewitem")),
            (admin, page_of(item)),
            (admin, page_of(item.grant)),
        ):
            browser.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(address).status_code == 200, address
            counts.append(len(queries))
        asked.append(counts)
    assert asked[0] == asked[1]
    without_person = asked[0][:3] + asked[0][4:]
    assert max(without_person) <= 20, asked[0]
