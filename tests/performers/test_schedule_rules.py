"""Rules of calendars, studios and settings, attacked by raw SQL in the roles that act."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerProfile
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
    status_set,
)
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

OCCURRENCE = (
    "INSERT INTO performers_scheduleoccurrence (performer_id, original_day, original_start, during, time_zone, title, "
    "status, reason, is_public) VALUES (%s, '2027-01-01', %s, tstzrange(%s, %s), 'UTC', 'Show', %s, '', true)"
)


@pytest.fixture
def anna(db: None) -> PerformerProfile:
    return PerformerFactory()


def insert(
    performer: PerformerProfile, status: str = "scheduled", start: Any = SOON, length: int = 60
) -> None:
    run(OCCURRENCE, [performer.pk, start, start, start + timedelta(minutes=length), status])


def test_a_performer_cannot_contradict_herself(anna: PerformerProfile) -> None:
    OccurrenceFactory(performer=anna)
    TimeOffFactory(performer=anna, during=hours(SOON + timedelta(days=3), 24))
    with acting(Role.PERFORMER, user_id=anna.pk):
        run("SELECT set_config('pgtrigger.ignore', '{performers_scheduleoccurrence:50_plan}', true)")
        with refused("during_excl"):
            insert(anna, start=SOON + timedelta(minutes=119))
        with refused("time off"):
            insert(anna, start=SOON + timedelta(days=3, hours=23))
        insert(anna, start=SOON + timedelta(hours=2))
        insert(anna, "conflicting")
        with refused("cannot begin as cancelled"):
            insert(anna, "cancelled", SOON + timedelta(days=1))
        with refused("during_excl|time off"):
            run("UPDATE performers_scheduleoccurrence SET status = 'scheduled' WHERE status = 'conflicting'")
        with refused("time off"):
            run(
                "UPDATE performers_scheduleoccurrence SET moved_at = now(), during = tstzrange(lower(during) + "
                "interval '3 days', upper(during) + interval '3 days') WHERE status = 'scheduled' AND starts_at = %s",
                [SOON],
            )
        columns = "performers_timeoff (performer_id, during, time_zone)"
        time_off = f"INSERT INTO {columns} VALUES (%s, tstzrange(%s, %s), 'UTC')"
        with refused("Broadcasts are scheduled in this time"):
            run(time_off, [anna.pk, SOON, SOON + timedelta(days=1)])
        with refused("during_excl"):
            run(time_off, [anna.pk, SOON + timedelta(days=3), SOON + timedelta(days=4)])
        with refused("during_check"):
            run(time_off, [anna.pk, SOON, SOON])
        with refused("length_check"):
            run(time_off, [anna.pk, SOON + timedelta(days=30), SOON + timedelta(days=430)])
        run("UPDATE performers_timeoff SET withdrawn_at = now()")
        insert(anna, start=SOON + timedelta(days=3, hours=23))
        with refused("Broadcasts are scheduled in this time"):
            run("UPDATE performers_timeoff SET withdrawn_at = NULL")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("during = 'empty'", "during_check"),
        ("during = tstzrange(lower(during), NULL)", "during_check"),
        ("during = tstzrange(lower(during), lower(during) + interval '25 hours')", "length_check"),
        ("during = tstzrange(lower(during) - interval '1 hour', upper(during))", "moved_at_check"),
        ("cancelled_at = now()", "cancelled_at_check"),
        ("status = 'cancelled'", "cancelled_at_check"),
        ("status = 'conflicting'", "cannot move from scheduled to conflicting"),
        ("original_start = now()", "cannot be changed"),
        ("original_day = '2020-01-01'", "cannot be changed"),
        ("title = E'a\\u202Eb'", "title_format_check"),
        ("time_zone = '../etc'", "time_zone_format_check"),
        ("reason = repeat('x', 2001)", "reason_length_check"),
    ],
)
def test_rules_of_an_occurrence(anna: PerformerProfile, change: str, words: str) -> None:
    OccurrenceFactory(performer=anna)
    with refused(words):
        run(f"UPDATE performers_scheduleoccurrence SET {change}")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("rule = 'FREQ=DAILY'", "rule_format_check"),
        ("rule = 'FREQ=SECONDLY;COUNT=3'", "rule_format_check"),
        ("rule = 'FREQ=DAILY;BYHOUR=3;COUNT=3'", "rule_format_check"),
        ("duration_minutes = -30", "duration_minutes_check"),
        ("duration_minutes = 2000", "duration_minutes_check"),
        ("last_day = first_day - 1", "last_day_check"),
        ("last_day = first_day + 732", "last_day_check"),
        ("time_zone = 'Europe/'", "time_zone_format_check"),
        ("performer_id = uuidv7()", "cannot be changed"),
        ("title = ''", "title_(length|format)_check"),
    ],
)
def test_rules_of_a_series(change: str, words: str) -> None:
    SeriesFactory()
    with refused(words):
        run(f"UPDATE performers_scheduleseries SET {change}")


def test_one_occurrence_a_day_and_start_in_a_series(anna: PerformerProfile) -> None:
    series = SeriesFactory(performer=anna)
    row = OccurrenceFactory(performer=anna, series=series)
    with refused("original_(day|start)_key"):
        OccurrenceFactory(performer=anna, series=series, status="conflicting")
    later = hours(SOON + timedelta(hours=5))
    with refused("original_day_key"):
        OccurrenceFactory(performer=anna, series=series, during=later, original_day=row.original_day)
    run("UPDATE performers_scheduleoccurrence SET status = 'withdrawn'")
    OccurrenceFactory(performer=anna, series=series)
    with refused("Nothing|cannot move from withdrawn"):
        run("UPDATE performers_scheduleoccurrence SET status = 'scheduled' WHERE id = %s", [row.pk])


@pytest.mark.parametrize(
    ("factory", "statement", "words"),
    [
        (MembershipFactory, "UPDATE performers_studiomembership SET studio_share = 1.5", "cannot be changed"),
        (
            MembershipFactory,
            "UPDATE performers_studiomembership SET valid = 'empty'",
            "valid_check|since_check",
        ),
        (StudioFactory, "UPDATE performers_studio SET country = 'pt'", "country_format_check"),
        (
            StreamingDefaultFactory,
            "UPDATE performers_streamingdefault SET bit_rate_kbit = -1",
            "bit_rate_kbit_check",
        ),
        (
            StreamingDefaultFactory,
            "UPDATE performers_streamingdefault SET private_show_rate = 0",
            "private_show_rate",
        ),
        (
            StreamingDefaultFactory,
            "UPDATE performers_streamingdefault SET label_codes = '{A b}'",
            "label_codes_check",
        ),
        (
            StreamingDefaultFactory,
            "UPDATE performers_streamingdefault SET label_codes = array_fill('a'::text, ARRAY[21])",
            "label_count_check",
        ),
        (GeoBlockFactory, "UPDATE performers_geoblock SET country = 'FR'", "cannot be changed"),
        (PayoutPreferenceFactory, "UPDATE performers_payoutpreference SET minimum = -1", "minimum_check"),
        (
            PayoutPreferenceFactory,
            "UPDATE performers_payoutpreference SET currency = 'euro'",
            "currency_format",
        ),
        (MetricFactory, "UPDATE performers_performermetric SET minutes_live = 1441", "counts_check"),
        (MetricFactory, "UPDATE performers_performermetric SET average_viewers = 3", "peak_viewers_check"),
        (PresenceFactory, "UPDATE performers_presence SET state = 'asleep'", "state_check"),
    ],
)
def test_rules_of_settings(factory: Any, statement: str, words: str) -> None:
    factory()
    with refused(words):
        run(statement)


def test_rules_of_rows_that_come(anna: PerformerProfile) -> None:
    MembershipFactory(performer=anna)
    with refused("valid_excl"):
        MembershipFactory(performer=anna)
    with refused("studio_share_check"):
        MembershipFactory(studio_share=Decimal("1.0000000001"))
    GeoBlockFactory(performer=anna, subdivision=None)
    with refused("performer_country_subdivision_key"):
        GeoBlockFactory(performer=anna, subdivision=None)
    for values, words in (
        ({"country": "Germany", "subdivision": None}, "country_format"),
        ({"country": "FR"}, "subdivision_country_check"),
        ({"subdivision": "Bavaria"}, "subdivision"),
    ):
        with refused(words):
            GeoBlockFactory(performer=anna, **values)
    MetricFactory(performer=anna)
    with refused("performer_day_key"):
        MetricFactory(performer=anna)
    with refused("Only a verified performer"):
        PresenceFactory(performer=PerformerFactory(status="paused"))


def test_presence_goes_when_the_performer_is_not_verified(anna: PerformerProfile) -> None:
    PresenceFactory(performer=anna)
    status_set(anna.pk, "paused")
    assert run("SELECT count(*) FROM performers_presence") == [(0,)]
