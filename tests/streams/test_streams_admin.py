"""Live now, the page of a stream, and what the page of a performer shows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from core.db.context import acting
from core.db.roles import STAFF_ROLES, Role
from performers.models import PerformerProfile
from streams.admin.performer_page import find_streams
from streams.choices import StreamEnd, StreamStatus
from streams.models import IngestKey, Participant, PrivateShow, Release, Stream
from streams.services.ingest_keys import ingest_key_make
from streams.services.viewer_counts import ViewerCount, viewer_counts_record
from tests.accounts.factories import UserFactory
from tests.browser import Browser
from tests.performers.factories_admission import PerformerFactory
from tests.streams.factories_broadcasting import as_performer, live, named, released, scheduled, verified
from tests.streams.test_private_shows import running

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
MODELS = ("stream", "participant", "release", "ingestkey", "privateshow")
CLOSED = {
    "participant": {Role.COMPLIANCE, Role.AUDITOR},
    "release": {Role.COMPLIANCE, Role.AUDITOR},
    "ingestkey": {Role.MODERATOR, Role.LEAD_MODERATOR, Role.AUDITOR},
    "privateshow": set(STAFF_ROLES) - {Role.ANALYST, Role.ADMINISTRATOR},
    "stream": set(STAFF_ROLES),
}


def list_of(model: str) -> str:
    return reverse(f"admin:streams_{model}_changelist")


def page_of(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def on_air(count: int) -> None:
    """Streams on air with somebody watching, written as the owner."""
    for _ in range(count):
        performer = PerformerFactory(status="verified")
        stream = Stream.objects.create(performer=performer, title="On air")
        move = {"status": "starting", "lease": stream.pk, "last_heartbeat_at": timezone.now()}
        Stream.objects.filter(pk=stream.pk).update(**move)
        Stream.objects.filter(pk=stream.pk).update(
            status="live", started_at=timezone.now() - timedelta(minutes=1)
        )
        with acting(Role.WORKER):
            viewer_counts_record(counts=[ViewerCount(stream_id=stream.pk, at=timezone.now(), viewers=7)])


@pytest.mark.parametrize("rows", [1, 20])
def test_live_now_asks_the_same_number_of_queries(
    staff_client: StaffClient, rows: int, django_assert_max_num_queries: Any
) -> None:
    on_air(rows)
    browser = staff_client(Role.MODERATOR)
    with django_assert_max_num_queries(12):
        page = browser.get(list_of("stream"))
    assert page.status_code == 200
    assert len(page.context["cl"].result_list) == rows
    text = page.content.decode()
    assert "s ago" in text
    assert ">7<" in text


def test_who_may_open_which_room(staff_client: StaffClient) -> None:
    performer = verified()
    stream = scheduled(performer)
    released(named(stream, verified()))
    with as_performer(performer):
        ingest_key_make(performer_id=performer.pk, actor=performer.user)
    running(performer, UserFactory())
    for role in (Role.MODERATOR, Role.COMPLIANCE, Role.ANALYST, Role.SUPPORT):
        browser = staff_client(role)
        for model in MODELS:
            assert browser.get(list_of(model)).status_code == (200 if role in CLOSED[model] else 403), (
                role,
                model,
            )
        for row in (
            *Participant.objects.all(),
            *Release.objects.all(),
            *IngestKey.objects.all(),
            *PrivateShow.objects.all(),
        ):
            allowed = role in CLOSED[row._meta.model_name or ""]
            assert browser.get(page_of(row)).status_code == (200 if allowed else 403), (role, row)
        assert browser.get(page_of(stream)).status_code == 200


@pytest.mark.parametrize("rows", [1, 20])
def test_the_page_of_a_stream(
    staff_client: StaffClient, rows: int, django_assert_max_num_queries: Any
) -> None:
    performer = verified(stage_name="Nova")
    stream = scheduled(performer)
    for number in range(rows):
        released(named(stream, verified()))
        Stream.objects.filter(pk=stream.pk).update(title=f"Title {number}")
    browser = staff_client(Role.COMPLIANCE)
    with django_assert_max_num_queries(25):
        text = browser.get(page_of(stream)).content.decode()
    for words in ("What happened", "What it was called", "Title 0", "Participants", "Being shown live"):
        assert words in text
    assert "Participants" not in staff_client(Role.MODERATOR).get(page_of(stream)).content.decode()


def test_the_curve_is_drawn_within_the_policy_of_the_site(staff_client: StaffClient) -> None:
    stream, _ = live(verified())
    with acting(Role.WORKER):
        viewer_counts_record(counts=[ViewerCount(stream_id=stream.pk, at=timezone.now(), viewers=42)])
    page = staff_client(Role.MODERATOR).get(page_of(stream))
    text = page.content.decode()
    assert 'role="img"' in text
    assert "Peak: 42" in text
    assert "<td>42</td>" in text
    assert "script" not in page.headers["Content-Security-Policy"]
    picture = text[text.index("<svg") : text.index("</svg>")]
    assert "<script" not in picture


def test_a_moderator_ends_a_stream_with_a_reason(staff_client: StaffClient) -> None:
    stream, _ = live(verified())
    browser = staff_client(Role.MODERATOR)
    url = reverse("admin:streams_stream_action", args=[stream.pk, "end"])
    assert staff_client(Role.SUPPORT).get(url).status_code == 403
    assert browser.do(url, reason="shows somebody who did not consent").status_code == 302
    ended = Stream.objects.get(pk=stream.pk)
    assert (ended.status, ended.end_reason) == (StreamStatus.ENDED, StreamEnd.STAFF)
    assert "shows somebody who did not consent" in browser.get(page_of(stream)).content.decode()


def test_found_by_title_stage_name_and_id(staff_client: StaffClient) -> None:
    stream = scheduled(verified(stage_name="Nova Star"), title="Éveil du matin")
    other = scheduled(verified(stage_name="Someone"), title="Nothing like it")
    browser = staff_client(Role.SUPPORT)
    for query in ("éveil", "nova s", str(stream.pk)):
        found = browser.get(list_of("stream"), {"q": query}).context["cl"].result_list
        assert [row.pk for row in found] == [stream.pk], query
        assert [hit.title for hit in find_streams(query)] == ["Éveil du matin"]
    assert browser.get(list_of("stream")).context["cl"].result_list == []
    everything = browser.get(list_of("stream"), {"status": "all"}).context["cl"].result_list
    assert {row.pk for row in everything} == {stream.pk, other.pk}


def test_the_page_of_a_performer_shows_streams(staff_client: StaffClient) -> None:
    performer: PerformerProfile = verified()
    scheduled(performer, title="Tomorrow at nine")
    page = staff_client(Role.MODERATOR).get(page_of(performer)).content.decode()
    assert "Tomorrow at nine" in page
    assert "Ingest keys" in page


def test_the_home_page_counts_what_is_on_air(staff_client: StaffClient) -> None:
    live(verified())
    assert "What viewers can watch now" in staff_client(Role.MODERATOR).get("/").content.decode()
