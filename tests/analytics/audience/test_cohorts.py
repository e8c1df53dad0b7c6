"""Cohorts, counted by hand: who began when, and who of them was there later."""

import datetime as dt

import pytest

from accounts.models import User
from analytics.audience_choices import CohortKind, CohortSegment, CohortStep
from analytics.models import RetentionCohort
from analytics.rollups.engine import Grain
from analytics.selectors.cohorts import cohort_grid
from analytics.services.audience import audience_settle
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from tests.analytics.audience.audience_data import TODAY, UserFactory, erased, instant
from tests.analytics.audience.cohort_data import FIRST, WEEKS, cells, count, here, lasted
from tests.billing.subscriptions_data import active, plan, started
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
VIEWERS, SUBSCRIPTIONS = CohortKind.VIEWERS, CohortKind.SUBSCRIPTIONS
WEEK, MONTH = CohortStep.WEEK, CohortStep.MONTH
ONE, TWO, THREE, FOUR = WEEKS


@pytest.fixture
def four() -> dict[str, User]:
    """Four people and the days on which they were here.

    ========  =================  ============  ========  ==============
    person    first week         second        third     fourth
    ========  =================  ============  ========  ==============
    Ann       Monday, Wednesday  Tuesday                 Friday
    Ben       Sunday             Monday
    Cleo      Tuesday
    Dan                          Wednesday     Thursday  Monday
    ========  =================  ============  ========  ==============
    """
    people = {name: UserFactory.create() for name in ("Ann", "Ben", "Cleo", "Dan")}
    here(people["Ann"], ONE, ONE + 2 * DAY, TWO + DAY, FOUR + 4 * DAY)
    here(people["Ben"], ONE + 6 * DAY, TWO)
    here(people["Cleo"], ONE + DAY)
    here(people["Dan"], TWO + 2 * DAY, THREE + 3 * DAY, FOUR)
    return people


def test_viewers_by_week_as_counted_by_hand(four: dict[str, User]) -> None:
    count(WEEK, *WEEKS)
    # Three began in the first week; Ann and Ben were there in the second, nobody in the third, Ann in the fourth.
    # Dan began in the second, and was there in the third and the fourth.
    assert cells(VIEWERS, WEEK) == {
        (ONE, 0): (3, 0),
        (ONE, 1): (2, 0),
        (ONE, 3): (1, 0),
        (TWO, 0): (1, 0),
        (TWO, 1): (1, 0),
        (TWO, 2): (1, 0),
    }
    with acting(Role.ANALYST):
        grid = cohort_grid(
            kind=VIEWERS, step=WEEK, segment=CohortSegment.ALL, since=ONE, until=FOUR + 6 * DAY, now=TODAY
        )
    assert [(cohort.start, dict(cohort.there)) for cohort in grid.cohorts] == [
        (ONE, {0: 3, 1: 2, 2: 0, 3: 1}),
        (TWO, {0: 1, 1: 1, 2: 1}),
    ]
    first = grid.cohorts[0]
    assert [first.share(age) for age in grid.ages] == [1.0, 2 / 3, 0.0, 1 / 3]
    assert grid.cohorts[1].share(3) is None


def test_a_period_in_which_somebody_was_here_is_counted_once(four: dict[str, User]) -> None:
    """Also one without any play, in which people wrote and tipped, and that nobody settles by its days."""
    touched = (
        "SELECT (start AT TIME ZONE 'UTC')::date FROM analytics_rolluptouch WHERE rollup = 'retention_week' "
        "AND start < %s ORDER BY start"
    )
    long_ago = [TODAY - 14 * DAY]
    audience_settle()
    assert run(touched, long_ago) == [(week,) for week in WEEKS]
    count(WEEK, *WEEKS)
    audience_settle()
    assert run(touched, long_ago) == [(week,) for week in WEEKS]


def test_viewers_by_month_as_counted_by_hand() -> None:
    last = Grain.MONTH.floor(TODAY).date()
    second = Grain.MONTH.floor(instant(last) - DAY).date()
    first = Grain.MONTH.floor(instant(second) - DAY).date()
    ann, ben, cleo = (UserFactory.create() for _ in range(3))
    here(ann, first, second)
    here(ben, second - DAY, last)
    here(cleo, second, last)
    count(MONTH, first, second, last)
    assert cells(VIEWERS, MONTH) == {
        (first, 0): (2, 0),
        (first, 1): (1, 0),
        (first, 2): (1, 0),
        (second, 0): (1, 0),
        (second, 1): (1, 0),
    }


def test_the_turn_of_a_year_is_one_month_and_one_week() -> None:
    ages = run(
        "INSERT INTO analytics_retentioncohort (id, kind, step, segment, cohort, period, people, erased) VALUES "
        "(uuidv7(), 'viewers', 'month', 'all', '2025-12-01', '2026-01-01', 1, 0), "
        "(uuidv7(), 'viewers', 'month', 'all', '2024-11-01', '2026-02-01', 1, 0), "
        "(uuidv7(), 'viewers', 'week', 'all', '2025-12-29', '2026-01-05', 1, 0) RETURNING age"
    )
    assert ages == [(1,), (15,), (1,)]


def test_the_erased_stay_as_a_number(four: dict[str, User]) -> None:
    count(WEEK, *WEEKS)
    before = {key: people for key, (people, _) in cells(VIEWERS, WEEK).items()}
    ann = four["Ann"]
    erased(ann)
    with acting(Role.COMPLIANCE, user_id=ann.pk):
        run("SELECT * FROM analytics_audience_erase(%s)", [ann.pk])
    after = {
        (ONE, 0): (2, 1),
        (ONE, 1): (1, 1),
        (ONE, 3): (0, 1),
        (TWO, 0): (1, 0),
        (TWO, 1): (1, 0),
        (TWO, 2): (1, 0),
    }
    assert cells(VIEWERS, WEEK) == after
    assert {key: sum(pair) for key, pair in after.items()} == before
    # Nothing of her is left to count, and counting again changes nothing.
    assert run("SELECT count(*) FROM analytics_vieweractivityday WHERE user_id = %s", [ann.pk]) == [(0,)]
    with acting(Role.COMPLIANCE, user_id=ann.pk):
        run("SELECT * FROM analytics_audience_erase(%s)", [ann.pk])
    count(WEEK, *WEEKS)
    assert cells(VIEWERS, WEEK) == after


def test_who_is_erased_before_a_period_is_counted_is_counted_in_it(four: dict[str, User]) -> None:
    count(WEEK, ONE, TWO)
    ann = four["Ann"]
    erased(ann)
    with acting(Role.COMPLIANCE, user_id=ann.pk):
        run("SELECT * FROM analytics_audience_erase(%s)", [ann.pk])
    touched = run(
        "SELECT (start AT TIME ZONE 'UTC')::date FROM analytics_rolluptouch WHERE rollup = 'retention_week' "
        "ORDER BY start"
    )
    assert touched == [(ONE,), (TWO,), (FOUR,)]
    count(WEEK, *WEEKS)
    assert cells(VIEWERS, WEEK)[ONE, 3] == (0, 1)


def test_a_viewer_who_is_gone_from_the_rows_leaves_the_cell(four: dict[str, User]) -> None:
    count(WEEK, *WEEKS)
    run("DELETE FROM analytics_vieweractivityday WHERE user_id = %s", [four["Dan"].pk])
    count(WEEK, *WEEKS)
    found = cells(VIEWERS, WEEK)
    assert [found[TWO, age] for age in (0, 1, 2)] == [(0, 0)] * 3
    assert found[ONE, 0] == (3, 0)


def test_subscriptions_by_week_as_counted_by_hand() -> None:
    """One runs from Wednesday on, a gift from Sunday to the Tuesday after next, one from midnight to Friday."""
    offered = plan()
    own, given, short = (active(offered) for _ in range(3))
    started(offered)
    lasted(own, instant(ONE + 2 * DAY))
    lasted(given, instant(ONE + 6 * DAY, "23:59:59"), instant(THREE + DAY), giver=UserFactory.create())
    lasted(short, instant(TWO, "00:00"), instant(TWO + 4 * DAY))
    count(WEEK, *WEEKS)
    assert cells(SUBSCRIPTIONS, WEEK) == {
        (ONE, 0): (2, 0),
        (ONE, 1): (2, 0),
        (ONE, 2): (2, 0),
        (ONE, 3): (1, 0),
        (TWO, 0): (1, 0),
    }
    assert cells(SUBSCRIPTIONS, WEEK, CohortSegment.GIFT) == {(ONE, age): (1, 0) for age in range(3)}
    assert cells(SUBSCRIPTIONS, WEEK, CohortSegment.OWN) == {
        **{(ONE, age): (1, 0) for age in range(4)},
        (TWO, 0): (1, 0),
    }
    assert cells(SUBSCRIPTIONS, MONTH) == {}


def test_a_period_that_is_not_over_is_left_out() -> None:
    person = UserFactory.create()
    present = Grain.WEEK.floor(TODAY).date()
    before = present - 7 * DAY
    here(person, before, present)
    count(WEEK, before, present, present + 7 * DAY)
    with acting(Role.ANALYST):

        def there(now: dt.datetime) -> list[dict[int, int]]:
            grid = cohort_grid(
                kind=VIEWERS, step=WEEK, segment=CohortSegment.ALL, since=before, until=present, now=now
            )
            return [dict(cohort.there) for cohort in grid.cohorts]

        # Until two days after its end a week can still change.
        assert there(instant(present + DAY)) == [{}]
        assert there(instant(present + 2 * DAY)) == [{0: 1}]
        assert there(instant(present + 9 * DAY)) == [{0: 1, 1: 1}]


def test_who_reads_cohorts(four: dict[str, User]) -> None:
    count(WEEK, *WEEKS)
    readers = (
        Role.ANALYST,
        Role.FINANCE,
        Role.FINANCE_APPROVER,
        Role.COMPLIANCE,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
    )
    for role in (*ACTING_ROLES, Role.APP):
        with acting(role, user_id=four["Ann"].pk):
            if role in (*readers, Role.WORKER):
                assert RetentionCohort.objects.count() == 6
            else:
                with refused("permission denied"):
                    run("SELECT FROM analytics_retentioncohort")
            with refused("permission denied"):
                run("UPDATE analytics_retentioncohort SET people = 7")


def test_what_no_grid_has() -> None:
    insert = (
        "INSERT INTO analytics_retentioncohort (id, kind, step, segment, cohort, period, people, erased) "
        "VALUES (uuidv7(), %s, %s, %s, %s, %s, %s, 0)"
    )
    right = ["viewers", "week", "all", FIRST, FIRST, 1]
    wrong: dict[int, tuple[object, str]] = {
        0: ("planets", "kind_check"),
        1: ("day", "step_check|begins_check"),
        2: ("gift", "segment_of_check"),
        3: (FIRST + 7 * DAY, "period_check"),
        4: (FIRST + DAY, "begins_check"),
        5: (-1, "counts_check"),
    }
    for place, (value, name) in wrong.items():
        with refused(name):
            run(insert, [*right[:place], value, *right[place + 1 :]])
    run(insert, right)
    with refused("analytics_retentioncohort"):
        run(insert, right)
