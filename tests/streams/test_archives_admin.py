"""The rooms of archives, recordings and clips: what they show, what they offer, and how often they ask."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from core.admin.panels import fill
from core.admin.site import backoffice
from core.db.roles import Role
from performers.models import PerformerProfile
from streams.models import Archive, Clip, Stream
from tests.browser import Browser
from tests.streams.factories_archives import make_archive, make_clip, make_performer, make_recording
from tests.streams.test_recordings import take

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]


def list_of(model: str, query: str = "") -> str:
    return reverse(f"admin:streams_{model}_changelist") + query


def page_of(row: Any) -> str:
    return reverse(f"admin:streams_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:streams_{row._meta.model_name}_action", args=[row.pk, name])


def done(browser: Browser, row: Any, name: str) -> None:
    response = browser.do(action_on(row, name))
    assert response.status_code == 302, response.context["form"].errors


def status_of(archive: Archive) -> str:
    return Archive.all_objects.get(pk=archive.pk).status


def test_a_review_from_the_queue_to_the_reversal(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    first, second = (
        make_archive(status="pending", title="Elder"),
        make_archive(status="pending", title="Younger"),
    )
    make_archive(title="Long out")
    page = browser.get(list_of("archive")).content.decode()
    assert page.index("Elder") < page.index("Younger")
    assert "Long out" not in page
    assert "Watch it, then approve or remove" in page
    for action, status in (
        ("approve", "approved"),
        ("restrict", "restricted"),
        ("approve", "approved"),
        ("remove", "removed"),
        ("restore", "approved"),
    ):
        done(browser, first, action)
        assert status_of(first) == status
    page = browser.get(page_of(first)).content.decode()
    assert "Restored: a removal reversed" in page
    assert "seen by a colleague" in page
    bulk = browser.send(
        list_of("archive"), {"action": "approve", "_selected_action": [str(second.pk)], "select_across": "0"}
    )
    assert bulk.status_code == 200
    assert "Younger" in bulk.content.decode()


def test_ones_own_is_refused_in_words(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    own = make_archive(make_performer(browser.user), status="pending")
    response = browser.do(action_on(own, "approve"))
    assert response.status_code == 200
    assert "Nobody decides about their own archives" in response.content.decode()
    assert status_of(own) == "pending"


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.COMPLIANCE, Role.AUDITOR, Role.ANALYST])
def test_who_only_reads_is_offered_nothing(staff_client: StaffClient, role: Role) -> None:
    browser, archive = staff_client(role), make_archive(status="pending")
    assert browser.get(page_of(archive)).context["object_actions"] == []
    assert browser.get(action_on(archive, "approve")).status_code == 403


def test_filters_and_search(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    archive, other = make_archive(title="Wanted"), make_archive(title="Other one")
    slug = archive.performer.slug
    for query in (
        f"?status=all&performer={slug}",
        f"?status=all&q={archive.pk}",
        f"?status=approved&q={slug}",
    ):
        page = browser.get(list_of("archive", query)).content.decode()
        assert "Wanted" in page, query
        assert "Other one" not in page, query
    assert (
        "No performer has the slug" in browser.get(list_of("archive", "?performer=nobody")).content.decode()
    )
    Archive.objects.filter(pk=other.pk).update(deleted_at="2026-03-01T00:00Z")
    assert "Other one" in browser.get(list_of("archive", "?status=deleted")).content.decode()


def test_recordings_that_need_somebody(staff_client: StaffClient) -> None:
    browser = staff_client(Role.SUPPORT)
    failed = make_recording(status="failed", error_words="The disk is full.")
    overdue = make_recording(status="active", heard_at="2026-03-01T00:00Z")
    fine = make_recording()
    take(overdue, "active", 9)
    overdue = make_recording(status="active", heard_at="2026-03-01T00:00Z")
    page = browser.get(list_of("recording", "?attention=failed")).content.decode()
    assert failed.provider_reference in page and fine.provider_reference not in page
    page = browser.get(list_of("recording", "?attention=overdue")).content.decode()
    assert overdue.provider_reference in page and failed.provider_reference not in page
    assert "The disk is full." in browser.get(page_of(failed)).content.decode()
    found = browser.get(reverse("admin:search"), {"q": fine.provider_reference})
    assert found.status_code == 302 and found["Location"] == page_of(fine)
    home = browser.get(reverse("admin:index")).content.decode()
    assert "Recordings that failed this week" in home


def test_a_clip_is_removed(staff_client: StaffClient) -> None:
    browser, clip = staff_client(Role.LEAD_MODERATOR), make_clip(make_archive())
    assert "The best of it" in browser.get(list_of("clip", f"?archive={clip.archive_id}")).content.decode()
    done(browser, clip, "remove")
    assert Clip.objects.get().removed_by == browser.user


def fuller(rows: int) -> Archive:
    """That many of everything: archives that wait, and one of them with as many clips."""
    archives = [make_archive(status="pending") for _ in range(rows)]
    for archive in archives:
        make_clip(archive, author=User.objects.get(pk=archive.performer_id))
    for number in range(rows - 1):
        make_clip(
            archives[0], author=User.objects.get(pk=archives[0].performer_id), start=number, end=number + 9
        )
    take(archives[0].recording, "complete", 1, event=f"EV_{archives[0].pk}")
    return archives[0]


def test_pages_ask_as_often_for_one_row_as_for_twenty(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    asked = []
    for rows in (1, 20):
        archive = fuller(rows)
        addresses = [
            *(list_of(model) for model in ("archive", "recording", "clip")),
            *(page_of(row) for row in (archive, archive.recording, archive.clips.all()[0])),
        ]
        counts = []
        for address in addresses:
            browser.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(address).status_code == 200, address
            counts.append(len(queries))
        asked.append(counts)
    assert asked[0] == asked[1]
    assert max(asked[0]) <= 21


def test_panels_for_performers_and_streams(staff_client: StaffClient, rf: Any) -> None:
    archive = make_archive(title="On both pages")
    request = rf.get("/")
    request.user = User.objects.get(pk=archive.performer_id)
    for row in (
        PerformerProfile.objects.get(pk=archive.performer_id),
        Stream.objects.get(pk=archive.stream_id),
    ):
        (panel,) = [panel for panel in backoffice.panels_of(type(row)) if panel.title == "Archives"]
        filled = fill(request, panel, row)
        assert filled.rows[0][1][0] == "On both pages"
    (panel,) = [panel for panel in backoffice.panels_of(Stream) if panel.title == "Recordings"]
    assert fill(request, panel, row).rows[0][1][1] == "Complete"
