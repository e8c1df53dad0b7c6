"""The rooms of providers: what they show, what they hide, what they offer, and how often they ask."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.admin.provider_messages import LONGEST_SHOWN, masked, shown
from billing.models import ProviderAccount, ProviderCall, ProviderEvent, ReconciliationException
from billing.services.provider_events import provider_event_receive
from core.db.roles import Role
from tests.billing.providers.house import Books, ask, body_of, signed
from tests.billing.providers.test_reconciliation_exceptions import raised
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]


def list_of(model: str, query: str = "") -> str:
    return reverse(f"admin:billing_{model}_changelist") + query


def page_of(row: Any) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_action", args=[row.pk, name])


def take(account: ProviderAccount, **changed: Any) -> ProviderEvent:
    body = body_of(**changed)
    return provider_event_receive(account=account, body=body, headers=signed(body)).event


@pytest.mark.parametrize(
    ("text", "shown_text"),
    [
        ("4242424242424242", "••••••••••••4242"),
        ('"number":"4242 4242 4242 4242"', '"number":"••••••••••••4242"'),
        ("3782-822463-10005", "•••••••••••0005"),
        ("sim_pay_4242424242424242x", "sim_pay_••••••••••••4242x"),
        ("1790000000", "1790000000"),
        ("12345678901234567890", "12345678901234567890"),
        ("2026-11-26T02:00:00", "2026-11-26T02:00:00"),
    ],
)
def test_what_could_be_the_number_of_a_card_is_masked(text: str, shown_text: str) -> None:
    assert masked(text) == shown_text


def test_a_message_is_shown_escaped_and_cut() -> None:
    html = shown(b"<script>alert(1)</script>\x00\xff" + b"a" * 50_000)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert len(html) < LONGEST_SHOWN + 300
    assert "50027 bytes altogether" in html


def test_the_inbox_from_the_list_to_the_replay(staff_client: StaffClient, simulated: ProviderAccount) -> None:
    browser = staff_client(Role.FINANCE)
    event = take(
        simulated, event_id="sim_evt_moon", type="simulator.moon_rose", note="<b>4111111111111111</b>"
    )
    take(simulated, event_id="sim_evt_sun")
    page = browser.get(list_of("providerevent", "?status__exact=ignored")).content.decode()
    assert "sim_evt_moon" in page
    assert "sim_evt_sun" not in page
    for query in ("?q=sim_evt_moon", "?verdict__exact=valid&account=simulator", "?type=simulator.moon_rose"):
        assert "sim_evt_moon" in browser.get(list_of("providerevent", query)).content.decode()
    page = browser.get(page_of(event)).content.decode()
    assert "••••••••••••1111" in page
    assert "4111111111111111" not in page
    assert "&lt;b&gt;" in page
    assert browser.do(action_on(event, "replay")).status_code == 302
    event.refresh_from_db()
    assert event.status == "received"
    assert browser.get(action_on(event, "replay")).status_code == 302, (
        "it waits already: there is nothing to do"
    )


def test_support_looks_and_does_nothing(staff_client: StaffClient, simulated: ProviderAccount) -> None:
    browser = staff_client(Role.SUPPORT)
    event = take(simulated, type="simulator.moon_rose")
    assert browser.get(page_of(event)).status_code == 200
    assert browser.get(action_on(event, "replay")).status_code == 403


def test_moderators_have_no_such_rooms(staff_client: StaffClient, simulated: ProviderAccount) -> None:
    browser = staff_client(Role.MODERATOR)
    for model in ("providerevent", "providercall", "provideraccount", "reconciliationexception"):
        assert browser.get(list_of(model)).status_code == 403


def test_the_queue_of_exceptions(staff_client: StaffClient, simulated: ProviderAccount) -> None:
    browser = staff_client(Role.FINANCE)
    found = raised(simulated)
    page = browser.get(list_of("reconciliationexception")).content.decode()
    assert "Three thousand were reported" in page
    assert "30.00" in page
    assert browser.do(action_on(found, "take")).status_code == 302
    assert "Three thousand" in browser.get(list_of("reconciliationexception", "?work=mine")).content.decode()
    assert browser.do(action_on(found, "resolve"), resolution="accepted").status_code == 302
    found.refresh_from_db()
    assert (found.status, found.resolved_by_id) == ("resolved", browser.user.pk)
    assert "Three thousand" not in browser.get(list_of("reconciliationexception")).content.decode()
    assert (
        "Three thousand" in browser.get(list_of("reconciliationexception", "?work=resolved")).content.decode()
    )
    assert str(found.subject_id) in browser.get(page_of(found)).content.decode()


def test_calls_and_accounts_have_pages(
    staff_client: StaffClient, simulated: ProviderAccount, books: Books
) -> None:
    browser = staff_client(Role.FINANCE)
    call = ask(simulated, "sim_ok")
    assert "29.99" in browser.get(page_of(call)).content.decode()
    page = browser.get(page_of(simulated)).content.decode()
    assert "/webhooks/simulator" in page
    assert "simulated secret of messages" not in page


def test_an_administrator_names_other_secrets_and_closes(
    staff_client: StaffClient, simulated: ProviderAccount
) -> None:
    browser = staff_client(Role.ADMINISTRATOR)
    done = browser.do(action_on(simulated, "secrets"), webhook_secrets="simulator_new simulator_messages")
    assert done.status_code == 302
    refused = browser.do(action_on(simulated, "secrets"), webhook_secrets="whsec_abcdefgh")
    assert "named here by its file" in refused.content.decode()
    assert browser.do(action_on(simulated, "close")).status_code == 302
    simulated.refresh_from_db()
    assert simulated.webhook_secrets == ["simulator_new", "simulator_messages"]
    assert simulated.closed_at is not None


def test_the_search_box_finds_messages_and_exceptions(
    staff_client: StaffClient, simulated: ProviderAccount
) -> None:
    browser = staff_client(Role.FINANCE)
    event = take(simulated)
    raised(simulated, reference="sim_pay_1")
    found = browser.get(reverse("admin:search"), {"q": "sim_evt_1"})
    assert found.status_code == 302
    assert found["Location"] == page_of(event)
    page = browser.get(reverse("admin:search"), {"q": "sim_pay_1"}).content.decode()
    assert "sim_evt_1" in page
    assert "Another amount than was asked for" in page


def rows_of(account: ProviderAccount, count: int) -> None:
    for number in range(count):
        take(account, event_id=f"sim_evt_{number}")
        ask(account, "sim_ok")
    for number, call in enumerate(ProviderCall.objects.all()):
        raised(account, kind="dispute" if number == 0 else "unknown_payment") if number < 2 else None
        ReconciliationException.objects.get_or_create(
            kind="dispute", subject_type="billing.providercall", subject_id=call.pk, words="disputed"
        )


@pytest.mark.parametrize(
    "model", ["providerevent", "providercall", "reconciliationexception", "provideraccount"]
)
def test_lists_ask_the_same_number_of_queries(
    staff_client: StaffClient, simulated: ProviderAccount, books: Books, model: str
) -> None:
    browser = staff_client(Role.FINANCE)
    counts = []
    for rows in (1, 20):
        rows_of(simulated, rows)
        browser.get(list_of(model))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert browser.get(list_of(model)).status_code == 200
        counts.append(len(asked))
        assert not any("COUNT(*)" in query["sql"].upper() for query in asked)
    assert counts[0] == counts[1]


def test_lists_leave_the_bodies_where_they_are(staff_client: StaffClient, simulated: ProviderAccount) -> None:
    browser = staff_client(Role.FINANCE)
    take(simulated)
    with CaptureQueriesContext(connection) as asked:
        browser.get(list_of("providerevent"))
    assert not any('"billing_providerevent"."body"' in query["sql"] for query in asked)


def test_the_home_page_has_the_cards_of_finance(
    staff_client: StaffClient, simulated: ProviderAccount
) -> None:
    raised(simulated)
    page = staff_client(Role.FINANCE).get(reverse("admin:index")).content.decode()
    for title in ("Exceptions unresolved", "Messages of providers unsettled", "Calls given up"):
        assert title in page
