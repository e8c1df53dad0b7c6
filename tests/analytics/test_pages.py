"""The pages of a stream, of a performer and of the platform: numbers by hand, roles, bad input, cost."""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from analytics.admin.readers import PLATFORM_READERS, STAFF_READERS
from audit.models import Event
from core.db.roles import STAFF_ROLES, Role
from core.models.identity import uuid7
from streams.models import Stream
from tests.analytics.factories_figures import (
    minutes_of,
    performance,
    performer_day,
    platform_day,
)
from tests.browser import Browser
from tests.streams.factories_archives import make_performer, make_stream

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
PLATFORM = "admin:insight_platform"
MARCH = {"since": "2026-03-01", "until": "2026-03-02", "compare": "on"}
START = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
MARCH_1, MARCH_2 = date(2026, 3, 1), date(2026, 3, 2)


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def tiles(answer: Any) -> dict[str, tuple[str, str]]:
    """Each number of the page, and how it differs from before."""
    return {tile.words: (tile.shown, tile.change) for tile in answer.context["insight"].tiles}


def part(answer: Any, code: str) -> Any:
    return next(found for found in answer.context["insight"].parts if found.code == code)


def of_stream(stream: Stream) -> str:
    return reverse("admin:insight_stream", args=[stream.pk])


def of_performer(performer: Any) -> str:
    return reverse("admin:insight_performer", args=[performer.pk])


def test_the_platform_adds_days_up_and_compares(staff_client: StaffClient) -> None:
    platform_day(MARCH_1, 10)
    platform_day(MARCH_2, 30, tokens_reversed=20)
    platform_day(date(2026, 2, 28), 20)
    page = staff_client(Role.ANALYST).get(reverse(PLATFORM), MARCH)
    assert tiles(page) == {
        "Most viewers at once": ("30", "+50.0 % (20)"),
        "Hours watched": ("40", "+100.0 % (20)"),
        "Streams a day, added up": ("2", "+100.0 % (1)"),
        "Minutes on air": ("120", "+100.0 % (60)"),
        "Viewers of a minute on air": ("20", "the same as before (20)"),
        "Lines of chat": ("200", "+100.0 % (100)"),
        "Tokens": ("458", "+92.4 % (238)"),
        "New followers": ("6", "+100.0 % (3)"),
        "Stood still": ("1.0%", "the same as before (1.0%)"),
    }
    assert part(page, "viewers").lines == [
        ("2026-03-01", 10, 0, 0, "2026-02-27"),
        ("2026-03-02", 30, 1, 20, "2026-02-28"),
    ]
    assert part(page, "tokens").lines[1] == ("2026-03-02", 360, -20, 240, "2026-02-28")


def test_months_are_whole_and_the_last_ends_with_the_range(staff_client: StaffClient) -> None:
    for day, size in ((date(2026, 1, 31), 5), (date(2026, 2, 1), 10), (date(2026, 2, 28), 20), (MARCH_2, 15)):
        platform_day(day, size)
    platform_day(date(2026, 3, 3), 1000)
    page = staff_client(Role.ANALYST).get(reverse(PLATFORM), {"since": "2026-03-02", "until": "2026-03-02"})
    assert [line[:5] for line in part(page, "months-table").lines] == [
        ["2026-03", 15.0, "−50.0 %", 1, 15],  # noqa: RUF001
        ["2026-02", 30.0, "+500.0 %", 2, 20],
        ["2026-01", 5.0, "", 1, 5],
    ]
    months = part(page, "months")
    assert (months.labels[0], months.labels[-1], len(months.labels)) == ("2025-03", "2026-03", 13)


def test_the_most_watched_come_first_and_lead_to_their_pages(staff_client: StaffClient) -> None:
    less, more = make_stream(title="Less"), make_stream(title="More")
    for stream, size in ((less, 5), (more, 9)):
        performer_day(stream.performer, MARCH_1, size)
        performance(stream, START, 60, size)
    performer_day(more.performer, MARCH_2, 9)
    page = staff_client(Role.AUDITOR).get(reverse(PLATFORM), MARCH)
    assert [line[:3] for line in part(page, "top-performers").lines] == [
        [f"{more.performer}", 18.0, 9],
        [f"{less.performer}", 5.0, 5],
    ]
    assert [line[0] for line in part(page, "top-streams").lines] == ["More", "Less"]
    assert of_stream(more) in text(page) and of_performer(less.performer) in text(page)


def test_a_performer_sees_days_without_a_row_as_nothing(staff_client: StaffClient) -> None:
    performer, other = make_performer(), make_performer()
    performer_day(performer, date(2026, 3, 1), 10, followers=100)
    performer_day(performer, date(2026, 3, 4), 20, followers=90)
    performer_day(other, date(2026, 3, 2), 999)
    page = staff_client(Role.SUPPORT).get(
        of_performer(performer), {"since": "2026-02-28", "until": "2026-03-04"}
    )
    assert [line[1] for line in part(page, "live").lines] == [0, 60, 0, 0, 60]
    assert [line[1] for line in part(page, "followers").lines] == [None, 100, 100, 100, 90]
    assert tiles(page)["Followers at the end"] == ("90", "")
    assert tiles(page)["Minutes live"] == ("120", "")
    assert tiles(page)["Most viewers at once"] == ("20", "")


def test_nobody_is_told_that_nothing_happened_where_nothing_is_known(staff_client: StaffClient) -> None:
    page = staff_client(Role.ANALYST).get(of_performer(make_performer()), MARCH)
    assert tiles(page)["Minutes live"] == ("–", "")
    assert text(page).count("There are no figures for these days.") == 9
    assert 'role="img"' not in text(page)


def test_the_curve_has_every_minute_and_counts_those_without_a_row_as_zero(staff_client: StaffClient) -> None:
    stream = make_stream()
    performance(stream, START + timedelta(seconds=30), 5, 8)
    minutes_of(stream, START, [4, 8, 0, 6, 2])
    page = staff_client(Role.MODERATOR).get(of_stream(stream))
    assert part(page, "viewers").lines == [
        ("2026-03-01 22:30", 4),
        ("2026-03-01 22:31", 8),
        ("2026-03-01 22:32", 0),
        ("2026-03-01 22:33", 6),
        ("2026-03-01 22:34", 2),
        ("2026-03-01 22:35", 0),
    ]
    assert [line[1] for line in part(page, "chat").lines] == [2, 4, 0, 3, 1, 0]
    assert [line[1] for line in part(page, "tips").lines] == [25, 0, 0, 0, 0, 0]


def test_the_curve_is_read_by_the_clock_of_any_zone(staff_client: StaffClient) -> None:
    stream = make_stream()
    performance(stream, START, 2, 8)
    minutes_of(stream, START, [4, 8])
    page = staff_client(Role.ANALYST).get(of_stream(stream), {"zone": "Asia/Kolkata"})
    assert part(page, "viewers").header == ["From (Asia/Kolkata)", "Viewers"]
    assert [line[0] for line in part(page, "viewers").lines] == ["2026-03-02 04:00", "2026-03-02 04:01"]
    assert "On air from 2026-03-02 04:00 to 2026-03-02 04:02 (Asia/Kolkata)." in text(page)


def test_a_long_stream_is_cut_into_equal_stretches(staff_client: StaffClient) -> None:
    stream = make_stream()
    performance(stream, START, 1200, 1200)
    minutes_of(stream, START, list(range(1, 1201)))
    viewers = part(staff_client(Role.ANALYST).get(of_stream(stream)), "viewers")
    assert "The most of every 3 minutes" in viewers.words
    assert len(viewers.labels) == 400
    assert [line[1] for line in viewers.lines[:2]] == [3, 6] and viewers.lines[-1][1] == 1200


def test_a_stream_is_compared_with_the_one_before(staff_client: StaffClient) -> None:
    stream = make_stream(title="Second")
    earlier = make_stream(stream.performer, title="First")
    performance(earlier, START - timedelta(days=3), 60, 10)
    performance(stream, START, 60, 15)
    performance(make_stream(), START - timedelta(hours=1), 60, 999)
    page = staff_client(Role.ANALYST).get(of_stream(stream))
    assert tiles(page)["Most at once"] == ("15", "+50.0 % (10)")
    assert tiles(page)["Tokens"] == ("178", "+50.8 % (118)")
    assert "stream before, First, of 2026-02-26 22:30" in text(page)


def test_minutes_that_are_no_longer_kept_are_said_to_be_gone(staff_client: StaffClient) -> None:
    stream = make_stream()
    performance(stream, START, 60, 10)
    page = text(staff_client(Role.ANALYST).get(of_stream(stream)))
    assert "Its minutes are no longer kept" in page and "There are no minutes to show." in page


def test_a_stream_on_air_ends_with_what_is_counted(staff_client: StaffClient) -> None:
    stream = make_stream()
    performance(stream, START, 3, 8, ended_at=None)
    minutes_of(stream, START, [4, 8])
    page = staff_client(Role.ANALYST).get(of_stream(stream))
    assert [line[1] for line in part(page, "viewers").lines] == [4, 8, 0]
    assert "it is still on air" in text(page)


def test_a_stream_without_figures_says_why(staff_client: StaffClient) -> None:
    page = staff_client(Role.ANALYST).get(of_stream(make_stream()))
    assert page.status_code == 200
    assert "Nothing is counted yet." in text(page) or "not on air yet" in text(page)


@pytest.mark.parametrize("page", ["insight_stream", "insight_performer"])
def test_an_unknown_id_is_a_sentence(staff_client: StaffClient, page: str) -> None:
    answer = staff_client(Role.ANALYST).get(reverse(f"admin:{page}", args=[uuid7()]))
    assert answer.status_code == 404
    assert "There is no such" in text(answer) and 'role="alert"' in text(answer)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"since": "2016-01-01", "until": "2025-12-31"}, "Choose at most 400"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "The end lies before the beginning."),
        ({**MARCH, "zone": "Mars/Olympus"}, "is no time zone"),
        ({**MARCH, "zone": "Europe/Berlin"}, "by days of UTC"),
    ],
)
def test_bad_input_is_a_sentence(staff_client: StaffClient, query: dict[str, str], words: str) -> None:
    analyst = staff_client(Role.ANALYST)
    for address in (reverse(PLATFORM), of_performer(make_performer())):
        answer = analyst.get(address, query)
        assert answer.status_code == 200 and words in text(answer)
        assert answer.context["insight"] is None


def test_a_zone_that_does_not_exist_is_a_sentence_on_the_page_of_a_stream(staff_client: StaffClient) -> None:
    answer = staff_client(Role.ANALYST).get(of_stream(make_stream()), {"zone": "Mars/Olympus"})
    assert "is no time zone" in text(answer) and answer.context["insight"] is None


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_who_opens_which_page(staff_client: StaffClient, role: Role) -> None:
    stream = make_stream()
    browser = staff_client(role)
    of_all = 200 if role in PLATFORM_READERS else 403
    of_one = 200 if role in STAFF_READERS else 403
    assert browser.get(reverse(PLATFORM)).status_code == of_all
    assert browser.get(of_stream(stream)).status_code == of_one
    assert browser.get(of_performer(stream.performer)).status_code == of_one
    home = text(browser.get(reverse("admin:index")))
    assert (reverse(PLATFORM) in home) == (of_all == 200)
    for model, row, address in (
        ("streams_stream", stream, of_stream(stream)),
        ("performers_performerprofile", stream.performer, of_performer(stream.performer)),
    ):
        answer = browser.get(reverse(f"admin:{model}_change", args=[row.pk]))
        assert answer.status_code == 200, model
        assert (address in text(answer)) == (of_one == 200)


def test_the_home_shows_yesterday_against_the_week_before(staff_client: StaffClient) -> None:
    yesterday = timezone.now().astimezone(UTC).date() - timedelta(days=1)
    platform_day(yesterday, 30)
    platform_day(yesterday - timedelta(days=7), 20)
    ((_, _, numbers),) = staff_client(Role.ANALYST).get(reverse("admin:index")).context["figures"]
    assert [(figure.words, figure.shown, figure.change) for figure in numbers][:2] == [
        ("Most viewers at once", "30", "+50.0 % (20)"),
        ("Hours watched", "30", "+50.0 % (20)"),
    ]
    assert staff_client(Role.MODERATOR).get(reverse("admin:index")).context["figures"] == []


def test_figures_are_saved_and_on_record(staff_client: StaffClient) -> None:
    stream = make_stream()
    performance(stream, START, 2, 8)
    minutes_of(stream, START, [4, 8])
    answer = staff_client(Role.ANALYST).send(of_stream(stream), {"part": "viewers", "zone": "Europe/Berlin"})
    assert list(csv.reader(text(answer).splitlines())) == [
        ["From (Europe/Berlin)", "Viewers"],
        ["2026-03-01 23:30", "4"],
        ["2026-03-01 23:31", "8"],
    ]
    event = Event.objects.get(action="insight_exported")
    assert event.subject_id == stream.pk and event.detail["page"] == "insight_stream"
    assert staff_client(Role.MODERATOR).send(of_stream(stream), {"part": "viewers"}).status_code == 403
