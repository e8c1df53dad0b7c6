"""Rooms of calendars, studios and settings in the back office."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from core.admin.site import backoffice
from core.db.roles import STAFF_ROLES, Role
from performers.models import PerformerProfile, ScheduleOccurrence, ScheduleSeries, Studio, StudioMembership
from performers.services.expansion import calendar_expand
from tests.browser import Browser
from tests.performers.factories_schedule import (
    SOON,
    GeoBlockFactory,
    MembershipFactory,
    MetricFactory,
    OccurrenceFactory,
    PayoutPreferenceFactory,
    PerformerFactory,
    PresenceFactory,
    SeriesFactory,
    StreamingDefaultFactory,
    StudioFactory,
    TimeOffFactory,
    hours,
)
from tests.performers.test_schedule_rights import READERS

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
REASON = "the performer asked us to by telephone"
FACTORIES: dict[str, Any] = {
    "scheduleoccurrence": OccurrenceFactory,
    "scheduleseries": SeriesFactory,
    "timeoff": TimeOffFactory,
    "studio": StudioFactory,
    "studiomembership": MembershipFactory,
    "geoblock": GeoBlockFactory,
    "streamingdefault": StreamingDefaultFactory,
    "payoutpreference": PayoutPreferenceFactory,
    "performermetric": MetricFactory,
}


def list_of(model: str) -> str:
    return reverse(f"admin:performers_{model}_changelist")


def page_of(row: Any) -> str:
    return reverse(f"admin:performers_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:performers_{row._meta.model_name}_action", args=[row.pk, name])


def done(browser: Browser, row: Any, name: str, **answers: Any) -> str:
    response = browser.do(action_on(row, name), reason=REASON, **answers)
    assert response.status_code == 302, response.context["form"].errors
    page = browser.get(response["Location"])
    assert page.status_code == 200
    return " ".join(str(message) for message in page.context["messages"])


def test_every_room_opens_or_is_closed_to_the_role(staff_client: StaffClient) -> None:
    rows = {model: factory() for model, factory in FACTORIES.items()}
    for role in STAFF_ROLES:
        browser = staff_client(role)
        for model in FACTORIES:
            expected = 200 if role in READERS[model][0] else 403
            assert browser.get(list_of(model)).status_code == expected, (role, model)
            assert browser.get(page_of(rows[model])).status_code == expected, (role, model)


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_ask_the_same_number_of_queries(
    staff_client: StaffClient, rows: int, django_assert_max_num_queries: Any
) -> None:
    browser = staff_client(Role.AUDITOR)
    for model, factory in FACTORIES.items():
        factory.create_batch(rows)
        browser.get(list_of(model))
        with django_assert_max_num_queries(12):
            assert browser.get(list_of(model)).status_code == 200


def test_support_moves_and_cancels(staff_client: StaffClient) -> None:
    browser, row = staff_client(Role.SUPPORT), OccurrenceFactory()
    other = OccurrenceFactory(performer=row.performer, during=hours(SOON + timedelta(days=1)))
    start = (SOON + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    assert "is moved" in done(browser, row, "move", start=start, duration_minutes="30")
    row.refresh_from_db()
    assert (row.starts_at, row.during.upper - row.during.lower) == (
        SOON + timedelta(hours=5),
        timedelta(minutes=30),
    )
    assert row.reason == REASON
    overlap = (SOON + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    response = browser.do(action_on(row, "move"), reason=REASON, start=overlap, duration_minutes="")
    assert "Another broadcast of this performer" in response.content.decode()
    assert "is cancelled" in done(browser, other, "cancel")
    assert "does not apply" in browser.get(action_on(other, "cancel"), follow=True).content.decode()
    page = browser.get(
        list_of("scheduleoccurrence"), {"status__exact": "cancelled", "performer": row.performer.slug}
    )
    assert [found.pk for found in page.context["cl"].result_list] == [other.pk]
    ahead = browser.get(list_of("scheduleoccurrence"), {"when": "ahead", "performer": "nobody-here"})
    assert "No performer has this slug" in ahead.content.decode()
    assert staff_client(Role.MODERATOR).get(action_on(row, "move")).status_code == 403


def test_support_sees_conflicts_and_ends_series(staff_client: StaffClient) -> None:
    series = SeriesFactory()
    TimeOffFactory(performer=series.performer)
    calendar_expand(performer_id=series.performer_id)
    assert ScheduleOccurrence.objects.conflicting().count() in (1, 2)
    browser = staff_client(Role.SUPPORT)
    home = browser.get(reverse("admin:index")).content.decode()
    assert "Broadcasts in conflict" in home
    page = browser.get(page_of(series)).content.decode()
    assert "In conflict" in page
    assert "is ended" in done(browser, series, "end")
    assert ScheduleSeries.objects.get().ended_at is not None
    assert not series.occurrences.exclude(status="withdrawn").exists()


def test_finance_keeps_studios_and_others_look(staff_client: StaffClient) -> None:
    browser, performer = staff_client(Role.FINANCE), PerformerFactory()
    add = reverse("admin:performers_studio_add")
    values = {"name": "Casa", "legal_name": "Casa Lda", "country": "PT", "registration_number": "501234567"}
    assert browser.send(add, values).status_code == 302
    studio = Studio.objects.get()
    refusal = browser.send(add, values | {"country": "ZZ", "registration_number": "7"}, follow=True)
    assert "no country of ISO 3166-1" in refusal.content.decode()
    response = browser.do(action_on(studio, "join"), reason=REASON, performer_id="nobody", studio_share="1.5")
    assert set(response.context["form"].errors) == {"performer_id", "studio_share"}
    assert "belongs to the studio" in done(
        browser, studio, "join", performer_id=performer.slug, studio_share="0.25"
    )
    membership = StudioMembership.objects.get()
    assert "25 %" in browser.get(page_of(studio)).content.decode()
    assert "is ended" in done(browser, membership, "leave")
    assert Studio.objects.count() == 1
    for role in (Role.FINANCE_APPROVER, Role.SUPPORT):
        other = staff_client(role)
        assert other.get(add).status_code == 403
        assert other.get(action_on(studio, "join")).status_code == 403


def test_panels_of_a_performer_are_filled(django_assert_max_num_queries: Any) -> None:
    performer = PerformerFactory()
    for factory in (*FACTORIES.values(), PresenceFactory):
        if factory is TimeOffFactory:
            factory(performer=performer, during=hours(SOON + timedelta(days=40)))
        elif factory is not StudioFactory:
            factory(performer=performer)
    own = {
        "Planned broadcasts", "Series", "Time off", "Studio", "Not shown in", "Presence", "Figures",
    }  # fmt: skip
    panels = {panel.title: panel for panel in backoffice.panels_of(PerformerProfile)}
    assert own <= set(panels)
    with django_assert_max_num_queries(len(own)):
        for title in own:
            (row,) = list(panels[title].rows(performer))
            cells = [cell(row) if callable(cell) else getattr(row, cell) for _, cell in panels[title].columns]
            assert all(cell is not None for cell in cells)
