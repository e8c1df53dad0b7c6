"""The rooms of disputes, reviews and held earnings: what they show and offer, and how often they ask."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse

from billing.dispute_choices import DisputeReason, RiskStatus, SubmissionStatus
from billing.models import Dispute, EarningHold, RiskReview
from core.db.roles import Role
from tests.accounts.factories import UserFactory
from tests.billing.disputes_data import LOST, WAITS, disputed, evidence, movement, opened, withdrawn
from tests.billing.factories_wallets import performer, tip
from tests.billing.paying import at, fulfilments, paid
from tests.billing.test_payments_admin import action_on, asked, list_of, page_of, search
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
READERS = (Role.FINANCE, Role.FINANCE_APPROVER, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)


def text_of(browser: Browser, url: str) -> str:
    response = browser.get(url)
    assert response.status_code == 200, url
    return str(response.content.decode())


class TestWithTheFulfilmentOfTests:
    @pytest.fixture(autouse=True)
    def _fulfilments(self) -> Iterator[None]:
        with fulfilments():
            yield

    @pytest.mark.parametrize("role", READERS)
    def test_the_page_shows_moves_movements_postings_and_evidence(
        self, staff_client: StaffClient, role: Role
    ) -> None:
        browser, dispute = staff_client(role), opened()
        evidence(dispute, UserFactory())
        disputed(dispute.payment, LOST, 20)
        page = text_of(browser, page_of(dispute))
        for words in (
            "Timeline",
            "Movements",
            "Postings",
            "The receipt was sent by e-mail.",
            "disputed:simulator:EUR",
            "dispute_fees:EUR",
            "Lost: taken back of what was paid for",
            "€29.99",
            "dp_1",
        ):
            assert words in page, words

    def test_the_queue_is_in_the_order_of_deadlines(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.FINANCE)
        late = disputed(paid(), name="dp_late", due=at(10**8))
        soon = disputed(paid(), name="dp_soon", due=at(10**7))
        gone = disputed(paid(), LOST, 20, name="dp_gone")
        page = text_of(browser, list_of("dispute"))
        assert page.index("dp_soon") < page.index("dp_late")
        assert page_of(gone) not in page
        assert page_of(gone) in text_of(browser, list_of("dispute", "?work=lost"))
        assert page_of(late) in text_of(browser, list_of("dispute", "?work=all"))
        assert "Disputes to answer" in text_of(browser, reverse("admin:index"))
        assert page_of(soon) in search(browser, "dp_soon").content.decode()

    def test_evidence_is_written_and_submitted(self, staff_client: StaffClient) -> None:
        browser, dispute = staff_client(Role.FINANCE), opened()
        url = action_on(dispute, "write-evidence")
        assert browser.do(url, kind="receipt", words="The receipt of the second.").status_code == 302
        assert browser.do(action_on(dispute, "submit-evidence")).status_code == 302
        found = Dispute.objects.get(pk=dispute.pk)
        assert (found.submission, found.submitted_by) == (SubmissionStatus.SENT, browser.user)
        assert browser.get(page_of(dispute)).context["object_actions"] == []

    def test_who_reads_only_is_offered_nothing(self, staff_client: StaffClient) -> None:
        dispute = opened(reason=DisputeReason.FRAUD)
        auditor = staff_client(Role.AUDITOR)
        assert auditor.get(page_of(dispute)).context["object_actions"] == []
        assert auditor.get(action_on(dispute, "write-evidence")).status_code == 403
        assert auditor.get(action_on(RiskReview.objects.get(), "clear")).status_code == 403
        assert staff_client(Role.SUPPORT).get(page_of(dispute)).status_code == 403

    def test_the_payment_shows_its_disputes(self, staff_client: StaffClient) -> None:
        browser, dispute = staff_client(Role.FINANCE), opened()
        assert page_of(dispute) in text_of(browser, page_of(dispute.payment))

    def test_a_payment_is_put_up_for_review_and_decided(self, staff_client: StaffClient) -> None:
        browser, payment = staff_client(Role.FINANCE), paid()
        assert browser.do(action_on(payment, "review")).status_code == 302
        review = RiskReview.objects.get()
        assert page_of(review) in text_of(browser, list_of("riskreview"))
        assert browser.do(action_on(review, "take")).status_code == 302
        assert page_of(review) in text_of(browser, list_of("riskreview", "?work=mine"))
        assert browser.do(action_on(review, "confirm")).status_code == 302
        assert RiskReview.objects.get().status == RiskStatus.CONFIRMED
        assert page_of(review) not in text_of(browser, list_of("riskreview"))

    def test_lists_ask_the_same_with_one_row_and_with_twenty(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.FINANCE)
        said: dict[str, Any] = {"reason": DisputeReason.FRAUD}
        opened(**said)
        urls = [list_of("dispute"), list_of("dispute", "?work=all"), list_of("riskreview")]
        ones = [asked(browser, url) for url in urls]
        for number in range(2, 21):
            disputed(paid(), WAITS, number, name=f"dp_{number}", **said)
        assert [asked(browser, url) for url in urls] == ones
        assert max(ones) <= 14, ones

    def test_the_page_asks_the_same_with_one_row_and_with_twenty(self, staff_client: StaffClient) -> None:
        browser, payment = staff_client(Role.FINANCE), paid()
        dispute = disputed(payment, WAITS, 10, withdrawn(100, name="txn_0"))
        evidence(dispute, UserFactory())
        one = asked(browser, page_of(dispute))
        for number in range(1, 20):
            disputed(payment, WAITS, 10 + number, movement(-1, name=f"txn_{number}"))
        assert asked(browser, page_of(dispute)) == one
        assert one <= 30, one


def test_held_earnings_are_listed_and_let_go_of(staff_client: StaffClient) -> None:
    browser, user = staff_client(Role.FINANCE), UserFactory()
    payment = paid(user)
    tip(user, performer(), 60)
    dispute = opened(payment, reason=DisputeReason.FRAUD)
    by_review = EarningHold.objects.get(cause="review")
    page = text_of(browser, list_of("earninghold"))
    assert page_of(by_review) in page
    assert "tokens" in text_of(browser, page_of(dispute)).lower() or "TOKEN" in page
    assert browser.do(action_on(by_review, "release")).status_code == 302
    assert page_of(by_review) not in text_of(browser, list_of("earninghold"))
    assert page_of(by_review) in text_of(browser, list_of("earninghold", "?held=released"))
    one = asked(browser, list_of("earninghold", "?held=all"))
    for _ in range(19):
        tip(user, performer(), 1)
    disputed(payment, WAITS, 12)
    assert asked(browser, list_of("earninghold", "?held=all")) == one
