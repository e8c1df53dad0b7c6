"""Who reads and writes calendars, studios and settings: every role, by raw SQL."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from performers.models import PerformerProfile
from tests.accounts.factories import UserFactory
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
    TimeOffFactory,
    hours,
)
from tests.sql import affected, refused, run

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


EVERYBODY = frozenset(ACTING_ROLES)
WATCH = {
    Role.SUPPORT,
    Role.MODERATOR,
    Role.LEAD_MODERATOR,
    Role.COMPLIANCE,
    Role.ANALYST,
    Role.AUDITOR,
    Role.WORKER,
}
AGREEMENTS = {Role.FINANCE, Role.FINANCE_APPROVER, Role.SUPPORT, Role.COMPLIANCE, Role.AUDITOR}
FIGURES = {
    Role.SUPPORT, Role.LEAD_MODERATOR, Role.FINANCE, Role.FINANCE_APPROVER, Role.ANALYST, Role.AUDITOR, Role.WORKER,
}  # fmt: skip
ALL_ROWS, OWN, NONE = "all", "own", "none"
READERS: dict[str, tuple[set[Role], str, str]] = {
    # table: who reads every row, what a performer reads, what a viewer reads
    "scheduleseries": (WATCH, OWN, NONE),
    "scheduleoccurrence": (WATCH, ALL_ROWS, ALL_ROWS),
    "timeoff": ({Role.SUPPORT, Role.AUDITOR, Role.WORKER}, OWN, NONE),
    "studio": (AGREEMENTS, NONE, NONE),
    "studiomembership": ({*AGREEMENTS, Role.WORKER}, OWN, NONE),
    "streamingdefault": ({Role.SUPPORT, Role.AUDITOR, Role.WORKER}, OWN, NONE),
    "presence": (WATCH, ALL_ROWS, ALL_ROWS),
    "geoblock": (WATCH, ALL_ROWS, ALL_ROWS),
    "payoutpreference": ({Role.FINANCE, Role.FINANCE_APPROVER, Role.AUDITOR, Role.WORKER}, OWN, NONE),
    "performermetric": (FIGURES, OWN, NONE),
}
FACTORIES: dict[str, Any] = {
    "scheduleseries": SeriesFactory,
    "scheduleoccurrence": OccurrenceFactory,
    "timeoff": TimeOffFactory,
    "studiomembership": MembershipFactory,
    "streamingdefault": StreamingDefaultFactory,
    "presence": PresenceFactory,
    "geoblock": GeoBlockFactory,
    "payoutpreference": PayoutPreferenceFactory,
    "performermetric": MetricFactory,
}


def test_who_reads_what(anna: PerformerProfile) -> None:
    for factory in FACTORIES.values():
        when = {"during": hours(SOON + timedelta(days=5), 24)} if factory is TimeOffFactory else {}
        factory(performer=anna, **when)
        factory(**when)
    for table, (staff, performer, viewer) in READERS.items():
        for role in EVERYBODY:
            expected = performer if role is Role.PERFORMER else viewer if role is Role.VIEWER else None
            expected = expected or (ALL_ROWS if role in staff else NONE)
            with acting(role, user_id=anna.pk):
                count = f"SELECT count(*) FROM performers_{table}"
                if expected == NONE:
                    with refused("permission denied"):
                        run(count)
                else:
                    assert run(count) == [(1 if expected == OWN else 2,)], (table, role)
    with acting(Role.PERFORMER, user_id=uuid4()):
        for table in (
            "scheduleseries",
            "timeoff",
            "studiomembership",
            "payoutpreference",
            "streamingdefault",
        ):
            assert run(f"SELECT count(*) FROM performers_{table}") == [(0,)], table


def test_what_is_not_news_is_seen_by_the_performer_alone(anna: PerformerProfile) -> None:
    OccurrenceFactory(performer=anna, status="conflicting")
    withdrawn = OccurrenceFactory(performer=anna)
    run("UPDATE performers_scheduleoccurrence SET status = 'withdrawn' WHERE id = %s", [withdrawn.pk])
    OccurrenceFactory(performer=PerformerFactory(status="expired"))
    for role, person, expected in (
        (Role.VIEWER, uuid4(), 0),
        (Role.PERFORMER, uuid4(), 0),
        (Role.VIEWER, anna.pk, 0),
        (Role.PERFORMER, anna.pk, 2),
        (Role.SUPPORT, uuid4(), 3),
    ):
        with acting(role, user_id=person):
            assert run("SELECT count(*) FROM performers_scheduleoccurrence") == [(expected,)]


def test_nobody_writes_for_another_one(anna: PerformerProfile) -> None:
    row, other = OccurrenceFactory(performer=anna), PerformerFactory()
    SeriesFactory(performer=anna)
    MembershipFactory(performer=anna)
    GeoBlockFactory(performer=anna)
    PresenceFactory(performer=anna)
    with acting(Role.PERFORMER, user_id=other.pk):
        with refused("row-level security"):
            insert(anna, start=SOON + timedelta(days=1))
        for statement in (
            "UPDATE performers_scheduleoccurrence SET title = 'Mine'",
            "UPDATE performers_scheduleseries SET title = 'Mine'",
            "UPDATE performers_presence SET state = 'away'",
            "DELETE FROM performers_presence",
            "DELETE FROM performers_geoblock",
        ):
            assert affected(statement) == 0, statement
        with refused("row-level security"):
            run("INSERT INTO performers_geoblock (performer_id, country) VALUES (%s, 'FR')", [anna.pk])
        for statement in (
            "UPDATE performers_scheduleoccurrence SET is_public = true",
            "UPDATE performers_scheduleoccurrence SET performer_id = performer_id",
            "DELETE FROM performers_scheduleoccurrence",
            "UPDATE performers_studiomembership SET valid = tstzrange(now(), NULL)",
            "INSERT INTO performers_performermetric (performer_id, day) VALUES (uuidv7(), '2026-01-01')",
        ):
            with refused("permission denied"):
                run(statement)
    with acting(Role.SUPPORT, user_id=anna.pk):
        assert affected("UPDATE performers_scheduleoccurrence SET reason = 'mine'") == 0
    with acting(Role.FINANCE, user_id=anna.pk):
        assert affected("UPDATE performers_studiomembership SET valid = tstzrange(lower(valid), now())") == 0
        with refused("row-level security"):
            run(
                "INSERT INTO performers_studiomembership (performer_id, studio_id, studio_share, valid) "
                "SELECT performer_id, studio_id, 0, tstzrange(now() - interval '9 years', now() - interval '8 years') "
                "FROM performers_studiomembership"
            )
    for role in EVERYBODY - {Role.WORKER}:
        with acting(role, user_id=uuid4()), refused("permission denied"):
            run(
                "INSERT INTO performers_performermetric (performer_id, day) VALUES (%s, '2026-01-01')",
                [anna.pk],
            )
    with acting(Role.WORKER):
        assert affected("UPDATE performers_scheduleoccurrence SET status = 'cancelled'") == 0
        assert row.pk


def test_nothing_is_written_about_an_erased_person() -> None:
    erased: User = UserFactory()
    performer = PerformerFactory(user=erased, status="offboarded")
    run("ALTER TABLE accounts_user DISABLE TRIGGER USER")
    run("UPDATE accounts_user SET status = 'erased', erased_at = now(), closed_at = now(), handle = NULL WHERE id = %s",
        [erased.pk])  # fmt: skip
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE accounts_user ENABLE TRIGGER USER")
    for name, factory in FACTORIES.items():
        if name != "presence":
            with refused("This person was erased"):
                factory(performer=performer)
