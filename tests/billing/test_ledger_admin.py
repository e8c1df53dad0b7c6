"""The books in the back office: what they show, to whom, how often they ask, and what leaves them."""

import csv
import io
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from billing import chart
from billing.admin.ledger_exports import cell
from billing.ledger_choices import JournalKind
from billing.models import AccountingPeriod, JournalEntry
from billing.services.journal import balance_of
from core.db.roles import Role
from tests.billing.ledger import bought, entry, opened, post
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
TRIAL_BALANCE = "admin:ledger_trial_balance"


def statement_of(account: UUID) -> str:
    return reverse("admin:ledger_statement", args=[account])


def page_of(model: str, pk: object) -> str:
    return reverse(f"admin:billing_{model}_change", args=[pk])


def list_of(model: str) -> str:
    return reverse(f"admin:billing_{model}_changelist")


def tips(wallet: UUID, performer: User, count: int) -> None:
    earned, share = opened(chart.earnings(performer.pk), chart.platform_share())
    post(*(entry((wallet, -10), (earned, 7), (share, 3), kind=JournalKind.TIP) for _ in range(count)))


def rows_of(response: object) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode())))  # type: ignore[attr-defined]


def test_the_trial_balance_is_even_and_gathers_people(
    staff_client: StaffClient, ann: User, bob: User
) -> None:
    tips(bought(ann.pk, 100), bob, 2)
    bought(bob.pk, 50)
    page = staff_client(Role.FINANCE).get(reverse(TRIAL_BALANCE))
    (balance,) = page.context["balances"]
    assert (balance["debit"], balance["credit"], balance["difference"]) == ("150", "150", 0)
    shown = {row.name: (row.accounts, row.balance) for row, _, _ in balance["rows"]}
    assert shown["wallet"] == (2, 130)
    assert shown["tokens_sold:TOKEN"] == (1, -150)
    assert "Debits and credits differ" not in page.content.decode()


def test_the_trial_balance_as_of_a_day_before_is_empty(staff_client: StaffClient, ann: User) -> None:
    bought(ann.pk, 100)
    finance = staff_client(Role.FINANCE)
    page = finance.get(reverse(TRIAL_BALANCE), {"as_of": "2020-01-01"})
    assert "Nothing is posted until then" in page.content.decode()
    assert finance.get(reverse(TRIAL_BALANCE), {"as_of": "soon"}).context["form"].errors


def test_a_statement_runs_from_opening_to_closing(staff_client: StaffClient, ann: User, bob: User) -> None:
    wallet = bought(ann.pk, 100)
    tips(wallet, bob, 2)
    page = staff_client(Role.AUDITOR).get(statement_of(wallet))
    shown = [(row["debit"], row["credit"], row["balance"]) for row in page.context["lines"]]
    assert shown == [("", "100", "100"), ("10", "", "90"), ("10", "", "80")]
    assert (page.context["opening"], page.context["closing"]) == ("0", "80")
    later = staff_client(Role.AUDITOR).get(
        statement_of(wallet), {"since": "2100-01-01", "until": "2100-01-31"}
    )
    assert (later.context["opening"], later.context["closing"], later.context["lines"]) == ("80", "80", [])
    wrong = staff_client(Role.AUDITOR).get(
        statement_of(wallet), {"since": "2100-01-02", "until": "2100-01-01"}
    )
    assert "The end lies before the beginning" in wrong.content.decode()


def test_an_entry_shows_debits_and_credits(staff_client: StaffClient, ann: User, bob: User) -> None:
    tips(bought(ann.pk, 100), bob, 1)
    tip = JournalEntry.objects.get(kind="tip")
    page = staff_client(Role.FINANCE).get(page_of("journalentry", tip.pk)).content.decode()
    for words in (
        f"wallet:{ann.pk}",
        f"earnings:{bob.pk}:TOKEN",
        "platform_share:TOKEN",
        "This entry stands.",
    ):
        assert words in page
    assert "Reverse</a>" not in page


def test_what_is_exported_has_totals_and_is_on_record(
    staff_client: StaffClient, ann: User, bob: User
) -> None:
    wallet = bought(ann.pk, 100)
    tips(wallet, bob, 2)
    finance = staff_client(Role.FINANCE)
    statement = rows_of(finance.send(statement_of(wallet), {}))
    assert [row[2:6] for row in statement[1:]] == [
        ["Opening balance", "", "", "0"],
        ["Purchase", "", "100", "100"],
        ["Tip", "10", "", "90"],
        ["Tip", "10", "", "80"],
        ["Totals and closing balance", "20", "100", "80"],
    ]
    balance = rows_of(finance.send(reverse(TRIAL_BALANCE), {}))
    assert balance[-1][1:] == ["Total", "", "", "TOKEN", "100", "100"]
    exported = Event.objects.filter(action__in=("account_statement_exported", "trial_balance_exported"))
    assert {(event.actor_id, event.acting_role) for event in exported} == {
        (finance.user.pk, Role.FINANCE.value)
    }
    assert exported.count() == 2


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+1", "-A1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell("a=1") == "a=1"
    assert cell("-12.50") == "-12.50"


def test_an_adjustment_is_reversed_once_by_an_approver(staff_client: StaffClient, ann: User) -> None:
    wallet, sold = opened(chart.wallet(ann.pk), chart.tokens_sold())
    post(entry((wallet, 5), (sold, -5), description="for a complaint"))
    made = JournalEntry.objects.get()
    action = reverse("admin:billing_journalentry_action", args=[made.pk, "reverse"])
    assert staff_client(Role.FINANCE).get(action).status_code == 403
    approver = staff_client(Role.FINANCE_APPROVER)
    assert approver.do(action).status_code == 302
    assert balance_of(wallet) == 0
    assert "seen by a colleague" in approver.get(page_of("journalentry", made.pk)).content.decode()
    again = approver.do(action)
    assert (balance_of(wallet), JournalEntry.objects.count(), again.status_code) == (0, 2, 302)


def test_a_month_is_closed_softly_by_finance_and_for_good_by_an_approver(
    staff_client: StaffClient, ann: User
) -> None:
    bought(ann.pk, 5)
    period = AccountingPeriod.objects.get()
    soft, close = (
        reverse("admin:billing_accountingperiod_action", args=[period.pk, name])
        for name in ("soft-close", "close")
    )
    finance = staff_client(Role.FINANCE)
    assert finance.do(soft).status_code == 302
    assert finance.get(close).status_code == 403
    refused = staff_client(Role.FINANCE_APPROVER).do(close)
    assert "is not over yet" in refused.content.decode()
    assert AccountingPeriod.objects.get(pk=period.pk).status == "soft_closed"


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MODERATOR, Role.ANALYST])
def test_others_see_nothing(role: Role, staff_client: StaffClient, ann: User) -> None:
    wallet = bought(ann.pk, 5)
    browser = staff_client(role)
    for url in (
        reverse(TRIAL_BALANCE),
        statement_of(wallet),
        list_of("ledgeraccount"),
        list_of("journalentry"),
        list_of("accountingperiod"),
        page_of("ledgeraccount", wallet),
    ):
        assert browser.get(url).status_code == 403


@pytest.mark.parametrize("page", ["statement", "trial", "ledgeraccount", "journalentry", "account"])
def test_pages_ask_the_same_number_of_questions(
    page: str, staff_client: StaffClient, ann: User, bob: User
) -> None:
    wallet = bought(ann.pk, 1000)
    url = {
        "statement": statement_of(wallet),
        "trial": reverse(TRIAL_BALANCE),
        "account": page_of("ledgeraccount", wallet),
    }.get(page) or list_of(page)
    browser = staff_client(Role.FINANCE)
    tips(wallet, bob, 1)
    counts = []
    for _ in range(2):
        browser.get(url)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert browser.get(url).status_code == 200
        counts.append(len(asked))
        tips(wallet, bob, 19)
    assert counts[0] == counts[1] < 20, counts
