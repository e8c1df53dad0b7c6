"""Funnels: how far those who signed up in a week came, counted by hand, once, and by whoever may read them."""

import csv
import datetime as dt
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.choices import SignUpSource
from accounts.models import User
from analytics.audience_choices import ConversionWindow
from analytics.models import ConversionFunnel
from analytics.models.rotating_salt import SALT_BYTES
from analytics.rollups.engine import NO_SUBJECT, Grain
from analytics.selectors.conversion import STAGES, Funnel, conversion_funnels
from analytics.services.audience import audience_settle
from audit.models import Event
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.models.identity import uuid7
from tests.analytics.audience.audience_data import TODAY, UserFactory, compute, erased, instant
from tests.analytics.audience.cohort_data import here
from tests.analytics.plans import RAW_TABLES, tables_read
from tests.browser import Browser
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
SEVEN, FOUR_WEEKS = ConversionWindow.WEEK, ConversionWindow.FOUR_WEEKS
MONDAY = Grain.WEEK.floor(TODAY - 7 * WEEK).date()
"""The week of sign-up: both windows of everybody are over for long."""

RECENT = Grain.WEEK.floor(TODAY - 3 * WEEK).date()
"""A week of which only the shorter window is over: its last day was at least a week ago."""

NUMBERS = count(1)
INSERT = (
    "INSERT INTO analytics_conversionfunnel "
    "(id, week, within_days, source, signed_up, here, bought, bought_again)"
)
PAID = """
INSERT INTO billing_order (id, user_id, status, currency, net, tax, total, discount, country, idempotency_key, paid_at)
VALUES (%s, %s, 'paid', 'EUR', 100, 0, 100, 0, 'DE', %s, %s)
"""


def paid(person: User, *days: dt.date, clock: str = "12:00") -> None:
    """The person paid an order on each of these days, as fulfilment writes it; nobody could wait for them."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE billing_order DISABLE TRIGGER USER")
    for day in days:
        run(PAID, [uuid7(), person.pk, f"conversion-{next(NUMBERS)}", instant(day, clock)])
    run("ALTER TABLE billing_order ENABLE TRIGGER USER")
    run("SET CONSTRAINTS ALL DEFERRED")


def joined(day: dt.date, source: SignUpSource = SignUpSource.WEB, clock: str = "12:00") -> User:
    """Somebody who signed up on that day."""
    return UserFactory.create(signed_up_at=instant(day, clock), sign_up_source=source)


def settle(*weeks: dt.date) -> None:
    """Have these weeks counted."""
    compute("conversion_week", *((NO_SUBJECT, week) for week in weeks))


def stored() -> dict[tuple[dt.date, int, str], tuple[int, ...]]:
    """Everything that is counted: week, days and source, with the numbers of all stages."""
    return {
        (row.week, row.within_days, row.source): tuple(getattr(row, stage) for stage in STAGES)
        for row in ConversionFunnel.objects.all()
    }


def six() -> dict[str, User]:
    """Six who signed up in one week, and a seventh whom staff added.

    ====== ========= ============================ ================================
    person signed up was here                     paid
    ====== ========= ============================ ================================
    Ann    Monday    the same day                 on days 1 and 2
    Ben    Monday    on day 7                     on day 7; again on day 8
    Cleo   Sunday    on day 2                     on day 28; again on day 29
    Dan    Tuesday   on day 8
    Eve    Friday    never                        on day 1, without being here
    Fay    Sunday    the day before the sign-up
    Gus    Monday    the same day                 (added by staff)
    ====== ========= ============================ ================================
    """
    people = {
        "Ann": joined(MONDAY, clock="00:00"),
        "Ben": joined(MONDAY),
        "Cleo": joined(MONDAY + 6 * DAY, clock="23:59"),
        "Dan": joined(MONDAY + DAY),
        "Eve": joined(MONDAY + 4 * DAY),
        "Fay": joined(MONDAY + 6 * DAY),
        "Gus": joined(MONDAY, SignUpSource.STAFF),
    }
    here(people["Ann"], MONDAY)
    here(people["Ben"], MONDAY + 6 * DAY)
    here(people["Cleo"], MONDAY + 7 * DAY)
    here(people["Dan"], MONDAY + 8 * DAY)
    here(people["Fay"], MONDAY + 5 * DAY)
    here(people["Gus"], MONDAY)
    paid(people["Ann"], MONDAY, MONDAY + DAY)
    paid(people["Ben"], MONDAY + 6 * DAY, clock="23:59")
    paid(people["Ben"], MONDAY + 7 * DAY, clock="00:00")
    paid(people["Cleo"], MONDAY + 33 * DAY, clock="23:59")
    paid(people["Cleo"], MONDAY + 34 * DAY, clock="00:00")
    paid(people["Eve"], MONDAY + 4 * DAY)
    joined(MONDAY - DAY, clock="23:59")
    joined(MONDAY + 7 * DAY, clock="00:00")
    return people


def test_a_funnel_as_counted_by_hand() -> None:
    six()
    settle(MONDAY)
    # In seven days: Ann, Ben and Cleo were here, Ann and Ben bought, Ann twice. Who was never here bought nothing.
    # In 28 days: Dan was here too, Cleo bought on the last day, and Ben again.
    assert stored() == {
        (MONDAY, 7, "web"): (6, 3, 2, 1),
        (MONDAY, 7, "staff"): (1, 1, 0, 0),
        (MONDAY, 28, "web"): (6, 4, 3, 2),
        (MONDAY, 28, "staff"): (1, 1, 0, 0),
    }
    with acting(Role.ANALYST):
        both = conversion_funnels(window=SEVEN, since=MONDAY, until=MONDAY)
        web = conversion_funnels(
            window=SEVEN, since=MONDAY + 3 * DAY, until=MONDAY + 3 * DAY, source=SignUpSource.WEB
        )
    assert both == [Funnel(MONDAY, 7, 4, 2, 1)]
    assert web == [Funnel(MONDAY, 6, 3, 2, 1)]
    assert web[0].share("here") == 0.5
    assert Funnel.total(both + web) == Funnel(None, 13, 7, 4, 2)
    assert Funnel().share("here") is None


def test_windows_that_are_not_final_wait_and_are_settled_when_they_are() -> None:
    joined(MONDAY), joined(RECENT), joined(TODAY.date() - DAY)
    settle(MONDAY, RECENT, Grain.WEEK.floor(TODAY).date(), Grain.WEEK.floor(TODAY).date() + WEEK)
    assert set(stored()) == {(MONDAY, 7, "web"), (MONDAY, 28, "web"), (RECENT, 7, "web")}


def test_a_day_whose_salt_lives_is_not_final() -> None:
    joined(MONDAY)
    last = MONDAY + 12 * DAY
    # What was destroyed does not come back: a salt that nobody destroyed yet.
    run("ALTER TABLE analytics_rotatingsalt DISABLE TRIGGER USER")
    run(
        "INSERT INTO analytics_rotatingsalt (id, scope, day, salt) VALUES (uuidv7(), 'day', %s, %s)",
        [last, b"\1" * SALT_BYTES],
    )
    settle(MONDAY)
    assert set(stored()) == {(MONDAY, 28, "web")}


def test_the_nightly_job_touches_what_is_final_until_it_is_counted() -> None:
    joined(MONDAY), joined(RECENT)
    assert audience_settle().funnels == (MONDAY, RECENT)
    assert run(
        "SELECT DISTINCT (start AT TIME ZONE 'UTC')::date FROM analytics_rolluptouch "
        "WHERE rollup = 'conversion_week' ORDER BY 1"
    ) == [(MONDAY,), (RECENT,)]
    settle(MONDAY)
    assert audience_settle().funnels == (RECENT,)
    settle(RECENT)
    assert audience_settle().funnels == ()


def test_what_is_counted_stays_when_people_are_erased_and_is_not_counted_without_them() -> None:
    people = six()
    settle(MONDAY)
    before = stored()
    erased(people["Ann"])
    with acting(Role.COMPLIANCE, user_id=people["Ann"].pk):
        run("SELECT * FROM analytics_audience_erase(%s)", [people["Ann"].pk])
    settle(MONDAY)
    assert stored() == before


def test_who_is_erased_before_is_in_no_number() -> None:
    people = six()
    erased(people["Ann"])
    settle(MONDAY)
    assert stored()[MONDAY, 7, "web"] == (5, 2, 1, 0)


def test_nobody_signed_up_and_nothing_is_touched_night_after_night() -> None:
    settle(MONDAY)
    assert stored() == {}
    assert audience_settle().funnels == ()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("'2026-11-03', 7, 'web', 1, 1, 0, 0", "week_check"),
        ("'2026-11-02', 8, 'web', 1, 1, 0, 0", "within_days_check"),
        ("'2026-11-02', 7, 'web', 1, 2, 0, 0", "nested_check"),
        ("'2026-11-02', 7, 'web', 2, 1, 1, 2", "nested_check"),
        ("'2026-11-02', 7, 'web', 0, 0, 0, -1", "nested_check"),
        ("'2026-11-02', 7, 'moon', 0, 0, 0, 0", "source_check"),
    ],
)
def test_what_no_funnel_can_be(values: str, words: str) -> None:
    with refused(words):
        run(f"{INSERT} VALUES (uuidv7(), {values})")


def test_a_week_is_counted_once() -> None:
    joined(MONDAY)
    settle(MONDAY)
    with refused("within_days_week_source_key"):
        run(
            f"{INSERT} SELECT uuidv7(), week, within_days, source, 1, 0, 0, 0 FROM analytics_conversionfunnel LIMIT 1"
        )


def test_nobody_writes_but_the_function_and_only_the_worker_calls_it() -> None:
    joined(MONDAY)
    settle(MONDAY)
    for role in ACTING_ROLES:
        with acting(role, user_id=uuid7()):
            for statement in (
                f"{INSERT} SELECT uuidv7(), week + 7, within_days, source, 1, 0, 0, 0 FROM analytics_conversionfunnel",
                "UPDATE analytics_conversionfunnel SET here = 0",
                "DELETE FROM analytics_conversionfunnel",
            ):
                with refused("permission denied"):
                    run(statement)
            if role is not Role.WORKER:
                for call in ("compute(ARRAY[]::date[])", "uncounted()"):
                    with refused("permission denied"):
                        run(f"SELECT analytics_conversion_{call}")


def test_the_page_shows_the_funnel_beside_the_one_before(staff_client: StaffClient) -> None:
    six()
    settle(MONDAY, MONDAY - WEEK)
    asked = {"since": f"{MONDAY}", "until": f"{MONDAY + 6 * DAY}", "compare": "on"}
    client = staff_client(Role.ANALYST)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("admin:insight_conversion"), asked)
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count('role="img"') == 1
    assert "Of 7 people who signed up: was here 4 (57.1%), bought 2 (28.6%), bought again 1 (14.3%)." in text
    assert "In the weeks before" in text
    read = tables_read((query["sql"] for query in queries), Role.ANALYST, None)
    assert "analytics_conversionfunnel" in read
    assert not read & {*RAW_TABLES, "billing_order", "analytics_vieweractivityday"}
    wide = client.get(reverse("admin:insight_conversion"), {**asked, "window": "28", "source": "staff"})
    assert "Of 1 people who signed up: was here 1 (100.0%)" in wide.content.decode()


def test_the_file_is_on_record(staff_client: StaffClient) -> None:
    six()
    settle(MONDAY)
    response = staff_client(Role.FINANCE).send(
        reverse("admin:insight_conversion"), {"part": "weeks", "since": f"{MONDAY}", "until": f"{MONDAY}"}
    )
    lines = list(csv.reader(response.content.decode().splitlines()))
    assert lines[1][1:] == ["7", "4", "2", "1", "28.6%"]
    assert Event.objects.filter(action="insight_exported").count() == 1


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"window": "9"}, "Select a valid choice. 9 is not one"),
        ({"window": "soon"}, "Select a valid choice. soon is not one"),
        ({"source": "moon"}, "Select a valid choice. moon is not one"),
        ({"zone": "Mars/Olympus"}, "is no time zone of the IANA database"),
        ({"since": "2014-01-01"}, "Choose at most 400"),
    ],
)
def test_what_cannot_be_asked_is_said(staff_client: StaffClient, asked: dict[str, str], words: str) -> None:
    page = staff_client(Role.ANALYST).get(
        reverse("admin:insight_conversion"), {"since": f"{MONDAY}", "until": f"{MONDAY}", **asked}
    )
    assert page.status_code == 200
    assert words in page.content.decode()


def test_who_may(staff_client: StaffClient, django_assert_max_num_queries: Any) -> None:
    address = reverse("admin:insight_conversion")
    for role in (Role.ANALYST, Role.FINANCE, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR):
        assert staff_client(role).get(address).status_code == 200, role
    for role in (Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR):
        assert staff_client(role).get(address).status_code == 403, role
    client = staff_client(Role.ANALYST)
    with django_assert_max_num_queries(20):
        assert client.get(address).status_code == 200
