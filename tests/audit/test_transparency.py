"""The yearly numbers, their page and file, and statements that are handed to the transparency database."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.errors import TransparencyRefused
from audit.models import Event, StatementOfReasons
from audit.moderation_choices import EffectKind
from audit.selectors_transparency import Table, transparency_report
from audit.services.transparency import records_waiting, statements_submitted
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_decisions import (
    appeal,
    make_case,
    make_policy,
    make_report,
    no_violation,
    violation,
)
from tests.audit.factories_decisions import (
    reverse as reverse_decision,
)
from tests.audit.factories_moderation import make_archive
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
PAGE = "admin:transparency"


def today() -> date:
    return timezone.now().astimezone(UTC).date()


def tables(**days: Any) -> dict[str, Table]:
    """The tables of today, by their codes, as compliance reads them."""
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        report = transparency_report(days.get("first", today()), days.get("last", today()))
    return {table.code: table for table in report.tables}


def column(table: Table, name: str) -> list[Any]:
    """The cells of a column."""
    place = table.columns.index(name)
    return [row[place] for row in table.rows]


def test_what_came_in_and_what_became_of_it() -> None:
    lead = staff(Role.LEAD_MODERATOR)
    by_terms, by_law = make_case(category="harassment"), make_case(category="fraud")
    violation(by_terms, lead, role=Role.LEAD_MODERATOR)
    law = make_policy(ground="law", legal_reference="Penal Code, section 263")
    violation(by_law, lead, EffectKind.BAR_CHAT, role=Role.LEAD_MODERATOR, wording=law)
    no_violation(make_case(category="fraud"), lead, role=Role.LEAD_MODERATOR)
    make_report(category="fraud")
    notices = tables()["notices"]
    rows = {row[0]: dict(zip(notices.columns, row, strict=True)) for row in notices.rows}
    fraud, harassment = rows["Fraud or scam"], rows["Harassment"]
    assert (fraud["Received"], fraud["Decided"]) == (3, 2)
    assert (fraud["Acted on: the law"], fraud["Acted on: the terms"]) == (1, 0)
    assert (harassment["Acted on: the law"], harassment["Acted on: the terms"]) == (0, 1)
    assert timedelta(0) <= fraud["Median time"] < timedelta(minutes=5)
    assert notices.totals[:3] == ("", 4, 0)
    assert tables()["orders"].rows == []


def test_restrictions_complaints_automation_and_suspensions() -> None:
    lead, other = staff(Role.LEAD_MODERATOR), staff(Role.LEAD_MODERATOR)
    archive = make_archive()
    wrong = violation(
        make_case(archive, "archive"), lead, EffectKind.ARCHIVE_REMOVE, role=Role.LEAD_MODERATOR
    )
    twice = UserFactory()
    for kind in (EffectKind.BAR_UPLOAD, EffectKind.BAR_STREAM):
        violation(make_case(twice), lead, kind, role=Role.LEAD_MODERATOR)
    appeal(wrong, archive.performer.user)
    found = tables()
    measures = found["measures"]
    assert sorted(row[:2] for row in measures.rows) == [
        ("Illegal or harmful speech", "Provision of the service"),
        ("Illegal or harmful speech", "Visibility of content"),
    ]
    assert sum(column(measures, "After a notice")) == 3
    complaints = found["complaints"]
    assert [row[:6] for row in complaints.rows] == [("The person decided about", 1, 0, 0, 0, 1)]
    assert column(complaints, "Median time") == [None]
    assert found["suspensions"].rows == [("Bar from streaming", 1, 1), ("Bar from uploading", 1, 1)]
    reverse_decision(wrong, other)
    automation = tables()["automation"]
    assert automation.rows == [("Not automated", 3, 3, 0, 1)]


def test_days_are_those_of_utc_and_both_belong_to_it() -> None:
    make_report()
    yesterday, tomorrow = today() - timedelta(days=1), today() + timedelta(days=1)
    assert tables(first=yesterday, last=yesterday)["notices"].rows == []
    assert tables(first=yesterday, last=tomorrow)["notices"].totals[1] == 1


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (1, 0, "lies before"),
        (-366, 0, "a year at most"),
        (1, 2, "have not begun"),
        (-36_500, -36_400, "before 1970-01-01"),
    ],
)
def test_days_that_make_no_report(first: int, last: int, words: str) -> None:
    with pytest.raises(TransparencyRefused, match=words):
        transparency_report(today() + timedelta(days=first), today() + timedelta(days=last))


def test_six_queries_whatever_there_is() -> None:
    lead = staff(Role.LEAD_MODERATOR)
    for _ in range(3):
        violation(make_case(), lead, role=Role.LEAD_MODERATOR)
    with acting(Role.COMPLIANCE, user_id=lead.pk), CaptureQueriesContext(connection) as asked:
        transparency_report(today() - timedelta(days=1), today())
    # The clock of the database, and one for each table.
    assert len(asked) == 7


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.COMPLIANCE, 200), (Role.AUDITOR, 200), (Role.LEAD_MODERATOR, 403), (Role.FINANCE, 403)],
)
def test_who_sees_the_page(staff_client: StaffClient, role: Role, status: int) -> None:
    browser = staff_client(role)
    assert browser.get(reverse(PAGE)).status_code == status
    assert (reverse(PAGE) in browser.get(reverse("admin:index")).content.decode()) == (status == 200)


def test_the_page_and_its_file(staff_client: StaffClient) -> None:
    browser = staff_client(Role.COMPLIANCE)
    violation(make_case(category="fraud"), staff(Role.LEAD_MODERATOR), role=Role.LEAD_MODERATOR)
    url = f"{reverse(PAGE)}?first={today()}&last={today()}"
    page = browser.get(url).content.decode()
    assert "Fraud or scam" in page
    assert "Article 15(1)(b)" in page
    answer = browser.get(f"{url}&file=csv")
    assert answer["Content-Disposition"] == f'attachment; filename="transparency-{today()}-{today()}.csv"'
    lines = list(csv.reader(answer.content.decode().splitlines()))
    assert [
        "article 15(1)(b)",
        "Notices of users and trusted flaggers",
        "Fraud or scam",
        "Received",
        "1",
    ] in lines
    assert Event.objects.filter(action="transparency_report_exported").count() == 1
    wrong = browser.get(f"{reverse(PAGE)}?first={today()}&last=2000-01-01").content.decode()
    assert "Turn them round." in wrong
    ancient = browser.get(f"{reverse(PAGE)}?first=0001-01-01&last=0001-01-02").content.decode()
    assert "Choose a later first day." in ancient
    assert "Enter a valid date." in browser.get(f"{reverse(PAGE)}?first=soon").content.decode()


def test_records_are_handed_over_once(tmp_path: Path) -> None:
    lead = staff(Role.LEAD_MODERATOR)
    for _ in range(2):
        violation(make_case(), lead, EffectKind.BAR_CHAT, role=Role.LEAD_MODERATOR)
    file = tmp_path / "records.json"
    call_command("transparency_records", str(file), limit=1, verbosity=0)
    (record,) = json.loads(file.read_text())["statements"]
    oldest = StatementOfReasons.objects.order_by("pk").first()
    assert oldest is not None
    assert record["puid"] == oldest.platform_identifier
    for _ in range(2):
        call_command("transparency_records", str(file), taken=True, verbosity=0)
    assert StatementOfReasons.objects.filter(submitted_at__isnull=False).get() == oldest
    assert Event.objects.filter(action="statement_submitted").count() == 1
    with acting(Role.WORKER):
        assert len(records_waiting().records) == 1


def test_a_statement_that_the_database_would_refuse_is_left_out_and_named() -> None:
    lead = staff(Role.LEAD_MODERATOR)
    violation(make_case(), lead, EffectKind.BAR_CHAT, role=Role.LEAD_MODERATOR, territories=("US",))
    with acting(Role.WORKER):
        waiting = records_waiting()
    assert (waiting.records, len(waiting.refused)) == ([], 1)
    assert "European Economic Area" in str(next(iter(waiting.refused.values())))


def test_what_would_be_refused_stands_in_nobodys_way() -> None:
    lead = staff(Role.LEAD_MODERATOR)
    for _ in range(2):
        violation(make_case(), lead, EffectKind.BAR_CHAT, role=Role.LEAD_MODERATOR, territories=("US",))
    for _ in range(2):
        violation(make_case(), lead, EffectKind.BAR_CHAT, role=Role.LEAD_MODERATOR)
    newest = StatementOfReasons.objects.order_by("-pk").values_list("platform_identifier", flat=True)
    with acting(Role.WORKER):
        waiting = records_waiting(limit=1)
    assert [record["puid"] for record in waiting.records] == [newest[1]]
    assert set(waiting.refused) == {newest[2], newest[3]}


def test_nothing_is_kept_of_a_file_with_an_unknown_statement(tmp_path: Path) -> None:
    lead = staff(Role.LEAD_MODERATOR)
    violation(make_case(), lead, EffectKind.BAR_CHAT, role=Role.LEAD_MODERATOR)
    known = StatementOfReasons.objects.get().platform_identifier
    with acting(Role.WORKER), pytest.raises(TransparencyRefused, match="no statement nobody"):
        statements_submitted(identifiers=[known, "nobody"], actor=None)
    assert not StatementOfReasons.objects.filter(submitted_at__isnull=False).exists()
    for content in ("[", "{}", '{"statements": [1]}'):
        file = tmp_path / "wrong.json"
        file.write_text(content)
        with pytest.raises(CommandError, match="no file of records"):
            call_command("transparency_records", str(file), taken=True)
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("transparency_records", str(tmp_path / "none" / "file.json"))
    with pytest.raises(CommandError, match="1 to 100"):
        call_command("transparency_records", str(file), limit=0)
