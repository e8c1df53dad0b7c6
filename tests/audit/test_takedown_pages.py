"""The rooms of copyright notices: what they show, what they offer, and how often they ask."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import CounterNotice, TakedownNotice
from audit.takedown_selectors import standing_notices
from core.db.roles import Role
from tests.audit.takedowns import ALL, accepted, answered, carried_out, received, valid_answer
from tests.browser import Browser
from tests.streams.factories_archives import make_archive, make_performer

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]


def list_of(model: str, query: str = "") -> str:
    return reverse(f"admin:audit_{model}_changelist") + query


def page_of(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def done(browser: Browser, row: Any, name: str, **answers: Any) -> None:
    address = reverse(f"admin:audit_{row._meta.model_name}_action", args=[row.pk, name])
    response = browser.do(address, **answers)
    assert response.status_code == 302, response.context["form"].errors


def again(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


@pytest.mark.parametrize("role", [Role.COMPLIANCE, Role.LEAD_MODERATOR])
def test_a_notice_from_the_queue_to_the_restoration(staff_client: StaffClient, role: Role) -> None:
    browser = staff_client(role)
    archive = make_archive()
    notice = received(subjects=(), elements=ALL - {"is_signed"})
    home = browser.get(reverse("admin:index")).content.decode()
    assert "Copyright notices waiting" in home
    page = browser.get(list_of("takedownnotice")).content.decode()
    assert notice.reference in page and "Assess it: in " in page
    page = browser.get(page_of(notice)).content.decode()
    assert "MISSING: a signature" in page and "17 USC 512(c)(1)(C): expeditiously" in page
    done(browser, notice, "name", kind="archive", subject_id=str(archive.pk))
    done(browser, notice, "ask")
    done(browser, notice, "complete", is_signed="on")
    done(browser, notice, "accept")
    done(browser, notice, "act")
    assert again(notice).status == "content_disabled"
    assert notice.reference in browser.get(page_of(archive)).content.decode()
    counter = valid_answer(again(notice), days_ago=40)
    assert "Content to restore" in browser.get(reverse("admin:index")).content.decode()
    done(browser, counter, "restore")
    assert (again(notice).status, again(counter).status) == ("restored", "restored")
    page = browser.get(page_of(notice)).content.decode()
    assert "Counter-noticed" in page and "seen by a colleague" in page


def test_a_counter_notice_is_asked_for_more_and_ends_in_court(staff_client: StaffClient) -> None:
    browser = staff_client(Role.COMPLIANCE)
    counter = answered(carried_out(), elements=frozenset({"is_signed"}))
    done(browser, counter, "ask")
    supplied = ("material_identified", "mistake_sworn", "contact_given", "jurisdiction_consented")
    done(browser, counter, "complete", **dict.fromkeys(supplied, "on"))
    done(browser, counter, "accept")
    offered = browser.get(page_of(counter)).context["object_actions"]
    assert [action.name for action, _ in offered] == ["action-filed"], "too early to restore"
    done(browser, counter, "action-filed", court_reference="S.D.N.Y. 26-cv-1")
    assert again(counter).notice.status == "upheld"
    assert "S.D.N.Y. 26-cv-1" in browser.get(page_of(counter.notice)).content.decode()


def test_rejections_retractions_and_refusals_in_words(staff_client: StaffClient) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    notice, disabled = received(), carried_out()
    done(browser, notice, "reject", ground="licensed")
    assert again(notice).rejected_for == "licensed"
    done(browser, disabled, "retract")
    assert again(disabled).status == "withdrawn"
    own = received(make_archive(make_performer(browser.user)))
    response = browser.do(reverse("admin:audit_takedownnotice_action", args=[own.pk, "accept"]))
    assert "This is about your own content" in response.content.decode()


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_only_reads_is_offered_nothing(staff_client: StaffClient, role: Role) -> None:
    browser, notice = staff_client(role), accepted()
    counter = answered(carried_out())
    for row in (notice, counter):
        assert browser.get(page_of(row)).context["object_actions"] == []
    assert (
        browser.get(reverse("admin:audit_takedownnotice_action", args=[notice.pk, "act"])).status_code == 403
    )


@pytest.mark.parametrize("role", [Role.FINANCE, Role.SUPPORT, Role.ANALYST])
def test_others_do_not_enter(staff_client: StaffClient, role: Role) -> None:
    browser, notice = staff_client(role), received()
    assert browser.get(list_of("takedownnotice")).status_code == 403
    assert browser.get(page_of(notice)).status_code == 403


def test_filters_and_search(staff_client: StaffClient) -> None:
    browser = staff_client(Role.COMPLIANCE)
    archive = make_archive()
    wanted = received(archive, claimant_organisation="Tidewater Films", email="ada@tidewater.example")
    other, over = received(claimant_organisation="Another Label"), carried_out()
    TakedownNotice.objects.filter(pk=wanted.pk).update(due_at=timezone.now() - timedelta(days=2, hours=1))
    performer = archive.performer
    for query in (
        "?clock=overdue",
        f"?clock=all&performer={performer.slug}",
        f"?clock=all&performer={performer.user.handle}",
        f"?clock=all&subject={archive.pk}",
        f"?q={wanted.reference.lower()}",
        "?q=Tidewater+Films",
        f"?q={performer.stage_name}",
        f"?q={archive.pk}",
        f"?q={wanted.pk}",
        "?q=ADA@tidewater.example",
    ):
        page = browser.get(list_of("takedownnotice", query)).content.decode()
        assert wanted.reference in page, query
        assert other.reference not in page, query
    assert "2 days overdue" in browser.get(list_of("takedownnotice", "?clock=overdue")).content.decode()
    assert other.reference in browser.get(list_of("takedownnotice", "?clock=soon")).content.decode() or (
        other.due_at - timezone.now() > timedelta(days=2)
    )
    page = browser.get(list_of("takedownnotice", "?clock=all&status=content_disabled")).content.decode()
    assert over.reference in page and other.reference not in page
    assert (
        "No performer is called"
        in browser.get(list_of("takedownnotice", "?performer=nobody")).content.decode()
    )
    assert "Give the id" in browser.get(list_of("takedownnotice", "?subject=nothing")).content.decode()
    found = browser.get(reverse("admin:search"), {"q": wanted.reference})
    assert found.status_code == 302 and found["Location"] == page_of(wanted)
    reader = staff_client(Role.AUDITOR)
    assert (
        wanted.reference
        not in reader.get(list_of("takedownnotice", "?q=ada@tidewater.example")).content.decode()
    )


def test_repeat_infringers_are_named_with_what_stands(staff_client: StaffClient) -> None:
    browser, performer = staff_client(Role.COMPLIANCE), make_performer()
    notices = [carried_out(make_archive(performer)) for _ in range(3)]
    other = carried_out()
    assert standing_notices([performer.pk, other.performer_ids[0]]) == {
        performer.pk: 3,
        other.performer_ids[0]: 1,
    }
    page = browser.get(page_of(notices[0])).content.decode()
    assert f"{performer.stage_name}: 3 standing, a repeat infringer" in page
    assert notices[1].reference in page, "other notices about the same performer"
    valid_answer(notices[0])
    assert standing_notices([performer.pk]) == {performer.pk: 2}


def test_pages_ask_as_often_for_one_row_as_for_twenty(staff_client: StaffClient) -> None:
    browser, performer = staff_client(Role.COMPLIANCE), make_performer()
    asked = []
    for rows in (1, 20):
        archives = [make_archive(performer) for _ in range(rows)]
        notice = carried_out(*archives)
        counter = answered(notice)
        for archive in archives:
            received(archive)
        addresses = (
            list_of("takedownnotice"),
            list_of("takedownnotice", "?clock=all"),
            list_of("counternotice"),
            page_of(notice),
            page_of(counter),
            page_of(archives[0]),
        )
        counts = []
        for address in addresses:
            browser.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(address).status_code == 200, address
            counts.append(len(queries))
        asked.append(counts)
    assert asked[0] == asked[1]
    assert max(asked[0]) <= 32


def test_the_job_lapses_and_lists(django_db_blocker: Any) -> None:
    late, overdue = received(elements=frozenset()), received()
    past = timezone.now() - timedelta(hours=1)
    TakedownNotice.objects.filter(pk=late.pk).update(status="incomplete", due_at=past)
    TakedownNotice.objects.filter(pk=overdue.pk).update(due_at=past)
    said = StringIO()
    call_command("takedowns_due", "--dry-run", stdout=said)
    assert "1 notices and 0 counter-notices would lapse" in said.getvalue()
    call_command("takedowns_due", stdout=said)
    assert f"{overdue.reference}: Assess it" in said.getvalue()
    assert "1 notices and 0 counter-notices lapsed, 1 overdue" in said.getvalue()
    assert again(late).status == "lapsed"
    assert not CounterNotice.objects.exists()
