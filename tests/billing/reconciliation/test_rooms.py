"""The rooms of settlement: uploading, what a file shows, matching by hand, exports with totals, number of queries."""

import csv
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from billing.admin import list_exports
from billing.models import ProviderAccount, ReconciliationException, SettlementFile
from billing.models.settlement_file import LARGEST_FILE
from core.db.roles import Role
from tests.billing.paying import PRICE, fulfilments, paid, sent, settled, shop
from tests.billing.reconciliation_data import entry, report, statement, taken
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
READERS = (Role.FINANCE, Role.FINANCE_APPROVER, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)
FILES = "settlementfile"


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def list_of(model: str, query: str = "") -> str:
    return reverse(f"admin:billing_{model}_changelist") + query


def page_of(row: Any) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_action", args=[row.pk, name])


def asked(browser: Browser, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        response = browser.get(url)
    assert response.status_code == 200
    return len(queries)


def upload(browser: Browser, account: ProviderAccount, body: bytes, **changed: Any) -> Any:
    said = {
        "provider_account": account.pk,
        "kind": "provider_csv",
        "file": SimpleUploadedFile("november.csv", body),
        "currency_code": "",
        "opening_text": "",
        "closing_text": "",
    }
    return browser.send(reverse("admin:billing_settlementfile_add"), {**said, **changed}, follow=True)


def exported(browser: Browser, model: str, query: str = "") -> list[list[str]]:
    response = browser.send(reverse(f"admin:billing_{model}_export") + query)
    assert response.status_code == 200, response.content[:300]
    assert response["Content-Type"].startswith("text/csv")
    return list(csv.reader(response.content.decode().splitlines()))


class TestUpload:
    def test_a_file_is_uploaded_and_shows_that_it_foots(self, staff_client: StaffClient) -> None:
        browser, payment = staff_client(Role.FINANCE), paid()
        account, _ = shop()
        body = report([("charge", str(payment.provider_reference), PRICE, 67), ("fee", "", -5, 0)])
        assert upload(browser, account, body).status_code == 200
        file = SettlementFile.objects.get()
        assert (file.name, file.taken_by, file.matched_count) == ("november.csv", browser.user, 1)
        page = browser.get(page_of(file)).content.decode()
        for words in (
            "Yes: opening balance and lines give the closing balance",
            "1 of 2, 1 exceptions",
            "without a reference",
            "€29.27",
            bytes(file.sha256).hex(),
        ):
            assert words in page, words
        assert Event.objects.filter(action="settlement_file_taken", subject_id=file.pk).exists()
        assert page_of(file.lines.first()) in browser.get(page_of(file)).content.decode()
        assert "Settled by" in browser.get(page_of(payment)).content.decode()

    def test_what_was_captured_and_no_file_names_is_shown(self, staff_client: StaffClient) -> None:
        named, forgotten = paid(), paid()
        account, _ = shop()
        today = f"{forgotten.created_at:%Y-%m-%d}"
        file = taken(account, report([("charge", str(named.provider_reference), PRICE, 0)], day=today))
        page = staff_client(Role.FINANCE).get(page_of(file)).content.decode()
        assert page_of(forgotten) in page
        assert page_of(named) not in page

    def test_what_is_refused_is_said_and_nothing_is_kept(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.FINANCE)
        account, _ = shop()
        body = report([("fee", "f", -5, 0)], opening=5)
        for said, words in (
            ({"body": body[:-30]}, "cut off"),
            ({"body": body, "opening_text": "1.00"}, "Balances are in a currency"),
            ({"body": body, "opening_text": "1,00", "currency_code": "EUR"}, "is no amount"),
            ({"body": body, "kind": "bank_camt053"}, "no whole XML"),
            ({"body": b"x" * (LARGEST_FILE + 1)}, "more than 5 MB"),
        ):
            assert words in upload(browser, account, **said).content.decode(), words
        assert not SettlementFile.objects.exists()
        assert upload(browser, account, body).status_code == 200
        assert "This very file was taken already" in upload(browser, account, body).content.decode()
        assert SettlementFile.objects.count() == 1

    def test_who_only_reads_uploads_nothing(self, staff_client: StaffClient) -> None:
        account, _ = shop()
        for role in (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.SUPPORT, Role.MODERATOR):
            browser = staff_client(role)
            assert upload(browser, account, report([])).status_code == 403
            assert browser.get(list_of(FILES)).status_code == (200 if role in READERS else 403)

    def test_quarantine_is_a_card_and_is_decided(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.FINANCE)
        account, _ = shop()
        taken(account, report([("fee", "f0", -1, 0)], opening=100))
        waiting = taken(account, report([("fee", "f2", -1, 0)], opening=98))
        wrong = taken(account, report([("fee", "f3", -1, 0)], opening=1, closing=7))
        home = browser.get(reverse("admin:index"))
        (card,) = [
            card for card in home.context["cards"] if card.card.title == "Settlement files in quarantine"
        ]
        assert card.number == 2
        assert {waiting.name} <= {row.name for row in browser.get(card.url).context["cl"].result_list}
        page = browser.get(page_of(wrong)).content.decode()
        assert "opening balance and lines give €0.07 less than the closing balance" in page
        refusal = browser.do(action_on(waiting, "read-again")).content.decode()
        assert "it opens with -€0.01 more than the last file closed with" in refusal
        taken(account, report([("fee", "f1", -1, 0)], opening=99))
        assert browser.do(action_on(waiting, "read-again")).status_code == 302
        assert browser.do(action_on(wrong, "set-aside")).status_code == 302
        assert not SettlementFile.objects.quarantined().exists()

    def test_what_came_late_is_matched_on_the_page_and_on_record(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.FINANCE)
        account, _ = shop()
        file = taken(account, report([("charge", "pay_late", PRICE, 0)]))
        settled(sent(), reference="pay_late")
        assert browser.do(action_on(file, "match-again")).status_code == 302
        file.refresh_from_db()
        assert (file.matched_count, file.exception_count) == (1, 0)
        event = Event.objects.get(action="settlement_file_matched_again")
        assert (event.subject_id, event.detail) == (file.pk, {"lines": 1})

    def test_a_line_is_found_by_its_reference_and_matched_by_hand(self, staff_client: StaffClient) -> None:
        browser, payment = staff_client(Role.FINANCE), paid()
        account, _ = shop()
        line = taken(account, report([("charge", "pay_misnamed", PRICE, 0)])).lines.get()
        assert (
            page_of(line)
            in browser.get(reverse("admin:search"), {"q": "pay_misnamed"}, follow=True).content.decode()
        )
        refusal = browser.do(action_on(line, "match"), reference="pay_nobody").content.decode()
        assert "Nothing that we hold has this name" in refusal
        done = browser.do(action_on(line, "match"), reference=str(payment.provider_reference))
        assert done.status_code == 302
        assert "seen by a colleague" in browser.get(page_of(line)).content.decode()
        exception = ReconciliationException.objects.get(subject_id=line.pk)
        assert exception.resolution == "processed"
        assert page_of(line) in browser.get(page_of(exception)).content.decode()


class TestExports:
    def test_lines_have_totals_escaped_words_and_a_record(self, staff_client: StaffClient) -> None:
        browser, payment = staff_client(Role.FINANCE), paid()
        account, _ = shop()
        file = taken(
            account,
            report(
                [("charge", str(payment.provider_reference), PRICE, 67), ("refund", "=HYPERLINK(1)", -900, 0)]
            ),
        )
        rows = exported(browser, "settlementline", f"?file={file.pk}")
        assert rows[0][:5] == ["File", "Line", "Day", "What", "Reference"]
        assert [row[4] for row in rows[1:3]] == ["'=HYPERLINK(1)", str(payment.provider_reference)]
        assert rows[-1][0] == "Total of 2 rows"
        assert rows[-1][-4:] == ["20.99", "0.67", "20.32", "EUR"]
        event = Event.objects.get(action="list_exported")
        assert event.detail == {"list": "billing.settlementline", "rows": 2, "is_cut": False}
        assert [row[-1] for row in exported(browser, FILES)[1:]] == ["EUR", "EUR"]

    def test_each_currency_has_its_total(self, staff_client: StaffClient) -> None:
        account, _ = shop()
        taken(account, report([("fee", "f1", -5, 0)], opening=5))
        taken(account, report([("fee", "f2", -500, 0)], opening=500, currency="JPY"))
        rows = exported(staff_client(Role.AUDITOR), "settlementline")
        assert [row[-2:] for row in rows[-2:]] == [["-0.05", "EUR"], ["-500", "JPY"]]

    def test_a_list_is_cut_and_says_so(
        self, staff_client: StaffClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account, _ = shop()
        taken(account, report([("fee", f"f{n}", -1, 0) for n in range(5)], opening=5))
        monkeypatch.setattr(list_exports, "MOST_ROWS", 3)
        rows = exported(staff_client(Role.FINANCE), "settlementline")
        assert len(rows) == 1 + 3 + 1
        assert rows[-1][0].startswith("Total of 3 rows (the first 3 rows; narrow")
        assert rows[-1][-2] == "-0.03"

    def test_the_journal_foots_even_when_it_is_cut(
        self, staff_client: StaffClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        browser = staff_client(Role.FINANCE)
        for _ in range(3):
            paid()
        whole = exported(browser, "journalentry")
        for total in [row for row in whole if row[0].startswith("Total")]:
            assert total[-3] == total[-2] != "0.00"
        monkeypatch.setattr(list_exports, "MOST_ROWS", 7)
        cut = exported(browser, "journalentry")
        assert len(cut) < len(whole)
        for total in [row for row in cut if row[0].startswith("Total")]:
            assert total[-3] == total[-2]
            assert "narrow" in total[0]

    def test_nobody_exports_by_following_a_link_or_without_the_right(self, staff_client: StaffClient) -> None:
        account, _ = shop()
        taken(account, report([("fee", "f", -1, 0)], opening=5))
        url = reverse("admin:billing_settlementfile_export")
        assert staff_client(Role.FINANCE).get(url).status_code == 403
        assert staff_client(Role.SUPPORT).send(url).status_code == 403
        assert staff_client(Role.FINANCE).send(f"{url}?nonsense=1").status_code == 302
        assert not Event.objects.filter(action="list_exported").exists()

    def test_an_empty_list_is_said(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.FINANCE)
        response = browser.send(reverse("admin:billing_settlementfile_export"), follow=True)
        assert "nothing to export" in response.content.decode()


class TestQueries:
    def test_pages_ask_as_often_for_twenty_rows_as_for_one(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.FINANCE)
        account, _ = shop()
        closing = 1000
        file = taken(account, report([("fee", "f", -1, 0), ("transfer", "t0", -1, 0)], opening=closing))
        taken(account, statement([entry(1, "t0")], opening=0, closing=1))
        urls = (list_of(FILES), list_of("settlementline"), page_of(file))
        once = [asked(browser, url) for url in urls]
        for number in range(20):
            closing -= 2
            taken(account, report([("fee", f"f{number}", -2, 0)], opening=closing))
        many = taken(
            account,
            report(
                [("transfer" if n % 2 else "fee", f"m{n}", -1, 0) for n in range(20)], opening=closing - 2
            ),
        )
        assert [asked(browser, url) for url in (*urls[:2], page_of(many))] == once
        assert max(once) <= 15
