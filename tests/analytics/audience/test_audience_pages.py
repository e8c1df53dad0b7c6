"""Pages of the audience and of cohorts: pictures with tables, files on record, sentences, and who may."""

import csv
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.audience_choices import AudienceDimension, CohortStep
from analytics.models import AudienceDay, RetentionCohort
from audit.models import Event
from core.db.roles import Role
from core.models.identity import uuid7
from tests.analytics.audience.audience_data import LONG_AGO, performer
from tests.analytics.audience.cohort_data import WEEKS
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
RANGE = f"?since={LONG_AGO}&until={LONG_AGO}"
COHORTS = f"?since={WEEKS[0]}&until={WEEKS[3]}"


def published(star: Any = None, values: int = 1) -> None:
    """A day's breakdowns: as many values as told, and age bands withheld."""
    AudienceDay.objects.bulk_create(
        AudienceDay(
            id=uuid7(),
            day=LONG_AGO,
            performer=star,
            dimension=dimension,
            value=f"v{number}",
            people=10 + number,
        )
        for dimension in (AudienceDimension.COUNTRY, AudienceDimension.DEVICE)
        for number in range(values)
    )
    AudienceDay.objects.create(day=LONG_AGO, performer=star, dimension=AudienceDimension.AGE_BAND)


def grid(cohorts: int = 1) -> None:
    """Cohorts, each with all weeks after it."""
    RetentionCohort.objects.bulk_create(
        RetentionCohort(
            id=uuid7(),
            kind="viewers",
            step=CohortStep.WEEK,
            segment="all",
            cohort=start,
            period=period,
            people=8,
            erased=2,
        )
        for start in WEEKS[:cohorts]
        for period in WEEKS
        if period >= start
    )


def test_the_audience_is_shown_with_tables_and_says_what_is_withheld(staff_client: StaffClient) -> None:
    published(values=3)
    page = staff_client(Role.ANALYST).get(reverse("admin:insight_audience") + RANGE)
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count('role="img"') == 2
    assert "Average of the days on which it is published on 1 days, withheld on 0." in text
    assert "No day has a breakdown that names nobody (published on 0 days, withheld on 1)." in text
    assert "withheld" in text


def test_the_audience_of_a_performer_is_hers(staff_client: StaffClient) -> None:
    star, other = performer(), performer()
    published(star, values=2)
    client = staff_client(Role.AUDITOR)
    shown = client.get(reverse("admin:insight_audience_of", args=[star.pk]) + RANGE)
    assert shown.status_code == 200 and "v1" in shown.content.decode()
    empty = client.get(reverse("admin:insight_audience_of", args=[other.pk]) + RANGE).content.decode()
    assert "v1" not in empty and "Nothing of these days is final yet." in empty
    assert client.get(reverse("admin:insight_audience_of", args=[uuid7()])).status_code == 404


def test_the_file_has_ten_people_in_every_cell_and_is_on_record(staff_client: StaffClient) -> None:
    published(values=2)
    client = staff_client(Role.ANALYST)
    response = client.send(
        reverse("admin:insight_audience"), {"part": "cells", "since": f"{LONG_AGO}", "until": f"{LONG_AGO}"}
    )
    rows = list(csv.reader(response.content.decode().splitlines()))
    assert rows[0] == ["Day (UTC)", "Breakdown", "Value", "People"]
    assert sorted(rows[1:]) == sorted(
        [
            [f"{LONG_AGO}", name, f"v{n}", f"{10 + n}"]
            for name in ("Country", "Kind of device")
            for n in (0, 1)
        ]
        + [[f"{LONG_AGO}", "Age band", "withheld", ""]]
    )
    assert Event.objects.filter(action="insight_exported").count() == 1


def test_the_grid_is_a_map_with_its_numbers_beside(staff_client: StaffClient) -> None:
    grid(cohorts=2)
    text = staff_client(Role.ANALYST).get(reverse("admin:insight_cohorts") + COHORTS).content.decode()
    assert text.count('role="img"') == 1 and "<title" in text and "<desc" in text
    assert "Weeks since" in text and "100.0%" in text
    assert "Of them erased since" in text
    assert "A viewer begins with the first day here" in text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("&zone=Mars/Olympus", "is no time zone of the IANA database"),
        ("&zone=Europe/Berlin", "by days of UTC, and not of any other zone"),
        ("&kind=viewers&segment=gift", "Viewers have no such segment"),
        ("&kind=planets", "planets"),
        ("&since=2014-01-01", "Choose at most 400"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(
    staff_client: StaffClient, asked: str, words: str
) -> None:
    page = staff_client(Role.ANALYST).get(reverse("admin:insight_cohorts") + COHORTS + asked)
    assert page.status_code == 200
    assert words in page.content.decode()


@pytest.mark.parametrize("page", ["insight_audience", "insight_cohorts"])
def test_who_may(staff_client: StaffClient, page: str) -> None:
    for role in (Role.ANALYST, Role.FINANCE, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR):
        assert staff_client(role).get(reverse(f"admin:{page}")).status_code == 200, role
    for role in (Role.SUPPORT, Role.MODERATOR):
        assert staff_client(role).get(reverse(f"admin:{page}")).status_code == 403, role


def test_pages_read_published_figures_alone(staff_client: StaffClient) -> None:
    client = staff_client(Role.ANALYST)
    for page, figures in (("insight_audience", "audienceday"), ("insight_cohorts", "retentioncohort")):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(f"admin:{page}")).status_code == 200
        read = {
            table
            for query in queries
            for table in re.findall(r"\b(?:analytics|billing|engagement)_\w+", query["sql"])
        }
        assert {name.split("_")[1] for name in read if "_" in name} == {figures}, read


@pytest.mark.parametrize("rows", [1, 20])
def test_pages_ask_the_same_number_of_queries(
    staff_client: StaffClient, rows: int, django_assert_max_num_queries: Any
) -> None:
    published(values=rows)
    grid(cohorts=min(rows, 4))
    client = staff_client(Role.ANALYST)
    with django_assert_max_num_queries(20):
        assert client.get(reverse("admin:insight_audience") + RANGE + "&compare=on").status_code == 200
    with django_assert_max_num_queries(20):
        assert client.get(reverse("admin:insight_cohorts") + COHORTS).status_code == 200
