"""Breakdowns of days: what is published when, what is withheld whole, who reads, and what subtraction learns."""

import datetime as dt
from collections import Counter
from uuid import UUID, uuid4

import pytest

from analytics.audience.suppression import Verdict
from analytics.models import AudienceDay
from analytics.rollups.engine import NO_SUBJECT
from analytics.selectors.audience import audience_breakdowns, audience_cells
from analytics.services.audience import audience_settle
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.models.identity import uuid7
from streams.models import Stream
from tests.analytics.audience.attack import learned
from tests.analytics.audience.audience_data import (
    LONG_AGO,
    YESTERDAY,
    compute,
    crowd,
    performer,
    play,
    stream,
)
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

INSERT = (
    "INSERT INTO analytics_audienceday (id, day, performer_id, dimension, value, people) "
    "VALUES (%s, %s, %s, %s, %s, %s)"
)


def shown(day: dt.date, of: Stream | None, dimension: str = "country") -> dict[str | None, int | None]:
    """What is stored of a breakdown, by value; {None: None}: it is withheld."""
    rows = AudienceDay.objects.filter(
        day=day, performer_id=of.performer_id if of else None, dimension=dimension
    )
    return dict(rows.values_list("value", "people"))


def publish(day: dt.date) -> None:
    compute("audience_day", (NO_SUBJECT, day))


def test_people_are_counted_once_by_what_they_were_first() -> None:
    one, other = stream(), stream()
    both = crowd(one, LONG_AGO, 12, clock="10:00", country="DE")
    for key in both:
        # Later, elsewhere and from another country: the same person, who is what the first session said.
        play(other, key, LONG_AGO, clock="11:00", country="FR", device_class="desktop")
        play(one, key, LONG_AGO, clock="13:00", country="PL")
    crowd(other, LONG_AGO, 15, country="FR")
    play(one, uuid4(), LONG_AGO, seconds=0, country="PL")
    publish(LONG_AGO)
    assert shown(LONG_AGO, None) == {"DE": 12, "FR": 15}
    assert shown(LONG_AGO, one) == {"DE": 12}
    assert shown(LONG_AGO, other) == {"DE": 12, "FR": 15}
    assert shown(LONG_AGO, other, "device") == {"mobile": 27}


def test_a_breakdown_with_a_small_cell_is_stored_as_nothing_but_withheld() -> None:
    one, other, third = stream(), stream(), stream()
    crowd(one, LONG_AGO, 40, country="DE")
    crowd(one, LONG_AGO, 3, country="FR")
    crowd(other, LONG_AGO, 20, country="DE")
    crowd(other, LONG_AGO, 12, country="FR")
    crowd(third, LONG_AGO, 30, country="DE")
    crowd(third, LONG_AGO, 30, country="FR")
    publish(LONG_AGO)
    assert shown(LONG_AGO, None) == {"DE": 90, "FR": 45}
    assert shown(LONG_AGO, one) == {None: None}
    # Not small by itself: without it, the platform less the others would be the three.
    assert shown(LONG_AGO, other) == {None: None}
    assert shown(LONG_AGO, third) == {"DE": 30, "FR": 30}
    # By device nobody could be found.
    assert shown(LONG_AGO, one, "device") == {"mobile": 43}


def test_what_nobody_knows_is_a_value_like_others() -> None:
    one = stream()
    crowd(one, LONG_AGO, 12, country=None)
    crowd(one, LONG_AGO, 11, country="DE")
    publish(LONG_AGO)
    assert shown(LONG_AGO, one) == {"": 12, "DE": 11}
    with acting(Role.ANALYST):
        (countries, *_) = audience_breakdowns(since=LONG_AGO, until=LONG_AGO, performer_id=one.performer_id)
    assert countries.people == {"not known": 12, "DE": 11}


def test_whoever_has_every_table_learns_no_small_number() -> None:
    """The tables as they are read, of a day on which nobody watched two, against the sessions themselves."""
    truth: dict[UUID, Counter[str]] = {}
    numbers = [(40, 3, 0), (20, 12, 10), (30, 30, 11), (10, 0, 10), (2, 0, 0), (25, 10, 9)]
    for row in numbers:
        watched = stream()
        truth[watched.performer_id] = Counter(dict(zip(("DE", "FR", "PL"), row, strict=True)))
        for country, count in truth[watched.performer_id].items():
            crowd(watched, LONG_AGO, count, country=country)
    publish(LONG_AGO)
    platform: Counter[str] = sum(truth.values(), Counter())
    with acting(Role.ANALYST):
        cells = list(
            AudienceDay.objects.published()
            .filter(dimension="country")
            .values_list("performer_id", "value", "people")
        )
    assert cells and min(people for _, _, people in cells) >= 10
    for performer_id, value, people in cells:
        assert people == (platform if performer_id is None else truth[performer_id])[value]
    verdict = Verdict(
        platform=any(performer_id is None for performer_id, _, _ in cells),
        performers=frozenset(performer_id for performer_id, _, _ in cells if performer_id is not None),
    )
    assert verdict.platform and verdict.performers
    assert learned(platform, truth, verdict) == []


def test_sums_over_days_are_sums_of_published_days() -> None:
    """A range less a range is a day that is published, or nothing."""
    one = stream()
    before = LONG_AGO - dt.timedelta(days=1)
    crowd(one, before, 20, country="DE")
    crowd(one, LONG_AGO, 15, country="DE")
    crowd(one, LONG_AGO, 4, country="FR")
    publish(before)
    publish(LONG_AGO)
    with acting(Role.ANALYST):
        two_days = audience_breakdowns(since=before, until=LONG_AGO)[0]
        one_day = audience_breakdowns(since=before, until=before)[0]
        cells = [cell for cell in audience_cells(since=before, until=LONG_AGO) if cell.dimension == "country"]
    assert two_days.people == one_day.people == {"DE": 20}
    assert (two_days.published, two_days.withheld) == (1, 1)
    assert [(cell.day, cell.value, cell.people) for cell in cells] == [
        (before, "DE", 20),
        (LONG_AGO, None, None),
    ]


def test_a_day_is_published_when_it_is_final_and_not_before() -> None:
    one = stream()
    crowd(one, YESTERDAY, 12)
    crowd(one, LONG_AGO, 12)
    publish(YESTERDAY)
    assert shown(YESTERDAY, one) == {}
    assert audience_settle().days == (LONG_AGO,)
    publish(LONG_AGO)
    assert audience_settle().days == ()
    assert shown(LONG_AGO, one) == {"DE": 12}


def test_computing_it_again_gives_the_same() -> None:
    one = stream()
    crowd(one, LONG_AGO, 12)
    crowd(one, LONG_AGO, 2, language="fr")
    publish(LONG_AGO)
    fields = ("performer_id", "dimension", "value", "people")
    first = sorted(map(str, AudienceDay.objects.values_list(*fields)))
    publish(LONG_AGO)
    assert sorted(map(str, AudienceDay.objects.values_list(*fields))) == first
    assert shown(LONG_AGO, one, "language") == {None: None}


def test_the_database_takes_no_small_number_and_no_half_withheld_breakdown() -> None:
    star = performer()
    with acting(Role.WORKER):
        for value, people in (("DE", 9), ("DE", 0), ("DE", None), (None, 10)):
            with refused("analytics_audienceday_people_check"):
                run(INSERT, [uuid7(), LONG_AGO, star.pk, "country", value, people])
        run(INSERT, [uuid7(), LONG_AGO, star.pk, "country", "DE", 10])
        with refused("analytics_audienceday_withheld_excl"):
            run(INSERT, [uuid7(), LONG_AGO, star.pk, "country", None, None])
        run(INSERT, [uuid7(), LONG_AGO, None, "country", None, None])
        with refused("analytics_audienceday_withheld_excl"):
            run(INSERT, [uuid7(), LONG_AGO, None, "country", "DE", 10])
        with refused("permission denied"):
            run("UPDATE analytics_audienceday SET people = 11")


def test_who_reads_what() -> None:
    one, other = stream(), stream()
    for watched in (one, other):
        crowd(watched, LONG_AGO, 12)
    publish(LONG_AGO)
    own = AudienceDay.objects.filter(performer_id=one.performer_id).count()
    assert own == 4
    with acting(Role.PERFORMER, user_id=one.performer_id):
        assert run("SELECT count(*), count(DISTINCT performer_id) FROM analytics_audienceday") == [(own, 1)]
        with refused("permission denied"):
            run("INSERT INTO analytics_audienceday (id) VALUES (uuidv7())")
    with acting(Role.ANALYST):
        assert AudienceDay.objects.count() == 3 * own
    for role in (Role.VIEWER, Role.SUPPORT, Role.MODERATOR, Role.APP):
        with acting(role, user_id=one.performer_id), refused("permission denied"):
            run("SELECT FROM analytics_audienceday")


@pytest.mark.parametrize("role", [role for role in (*ACTING_ROLES, Role.APP) if role is not Role.WORKER])
def test_what_is_not_published_nobody_but_the_worker_can_count(role: Role) -> None:
    one = stream()
    crowd(one, LONG_AGO, 3)
    with acting(role, user_id=one.performer_id):
        for statement in (
            "SELECT FROM analytics_viewersession",
            "SELECT FROM analytics_playbackviewer",
            "SELECT FROM analytics_rotatingsalt",
            "SELECT * FROM analytics_days_unpublished(1)",
            "SELECT analytics_viewer_days_compute('{}', '{}')",
            "SELECT analytics_cohorts_compute('week', '{}')",
        ):
            with refused("permission denied"):
                run(statement)
