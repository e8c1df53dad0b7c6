"""Performers with calendars, studios and settings, written as the owner: valid rows, not by the services."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import factory
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from factory.django import DjangoModelFactory

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from performers.choices import PerformerStatus, PresenceState
from performers.models import (
    GeoBlock,
    PayoutPreference,
    PerformerMetric,
    PerformerProfile,
    Presence,
    ScheduleOccurrence,
    ScheduleSeries,
    StreamingDefault,
    Studio,
    StudioMembership,
    TimeOff,
)
from performers.services.series import SeriesPlan
from tests.accounts.factories import UserFactory, letters, period

SOON = (datetime.now(UTC) + timedelta(days=10)).replace(hour=20, minute=0, second=0, microsecond=0)
"""An evening ten days ahead."""

WAY_TO = {
    "draft": (),
    "submitted": ("submitted",),
    "verified": ("submitted", "verified"),
    "paused": ("submitted", "verified", "paused"),
    "expired": ("submitted", "verified", "expired"),
    "offboarded": ("submitted", "verified", "offboarded"),
}


def hours(start: datetime = SOON, length: float = 2) -> DateTimeTZRange:
    """A span of `length` hours from `start` on."""
    return DateTimeTZRange(start, start + timedelta(hours=length), "[)")


def status_set(performer_id: UUID, status: str) -> None:
    """Move a profile on by one step."""
    times = {"submitted": "submitted_at", "verified": "verified_at", "offboarded": "offboarded_at"}
    changes: dict[str, Any] = {"status": status}
    if status in times:
        changes[times[status]] = datetime.now(UTC)
    PerformerProfile.objects.filter(pk=performer_id).update(**changes)


class PerformerFactory(DjangoModelFactory):
    """A verified performer; `status` leads there by legal moves."""

    class Meta:
        model = PerformerProfile

    user = factory.SubFactory(UserFactory)
    id = factory.SelfAttribute("user.pk")
    stage_name = factory.Sequence(lambda number: f"Planner {letters(number)}")
    slug = factory.Sequence(lambda number: f"planner-{letters(number)}")

    @classmethod
    def _create(
        cls, model_class: Any, *args: Any, status: str = PerformerStatus.VERIFIED, **fields: Any
    ) -> PerformerProfile:
        profile = super()._create(model_class, *args, **fields)
        for step in WAY_TO[status]:
            status_set(profile.pk, step)
        return PerformerProfile.objects.get(pk=profile.pk)


class SeriesFactory(DjangoModelFactory):
    """A series of which no occurrence was made yet."""

    class Meta:
        model = ScheduleSeries

    performer = factory.SubFactory(PerformerFactory)
    title = "Evening show"
    time_zone = "Europe/Lisbon"
    first_day = factory.LazyFunction(lambda: datetime.now(UTC).date() + timedelta(days=1))
    local_time = time(20, 30)
    duration_minutes = 120
    rule = "FREQ=DAILY;COUNT=100"
    last_day = factory.LazyAttribute(lambda row: row.first_day + timedelta(days=99))


class OccurrenceFactory(DjangoModelFactory):
    """A broadcast planned once."""

    class Meta:
        model = ScheduleOccurrence

    performer = factory.SubFactory(PerformerFactory)
    during = factory.LazyFunction(hours)
    original_start = factory.LazyAttribute(lambda row: row.during.lower)
    original_day = factory.LazyAttribute(lambda row: row.during.lower.date())
    time_zone = "UTC"
    title = "One evening"


class TimeOffFactory(DjangoModelFactory):
    class Meta:
        model = TimeOff

    performer = factory.SubFactory(PerformerFactory)
    during = factory.LazyFunction(lambda: hours(length=24))
    time_zone = "UTC"


class StudioFactory(DjangoModelFactory):
    class Meta:
        model = Studio

    name = factory.Sequence(lambda number: f"Studio {letters(number)}")
    legal_name = "Studio Lda"
    country = "PT"
    registration_number = factory.Sequence(lambda number: f"5{number:08}")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = StudioMembership

    performer = factory.SubFactory(PerformerFactory)
    studio = factory.SubFactory(StudioFactory)
    studio_share = Decimal("0.2")
    valid = factory.LazyFunction(period)


class StreamingDefaultFactory(DjangoModelFactory):
    class Meta:
        model = StreamingDefault

    performer = factory.SubFactory(PerformerFactory)


class PresenceFactory(DjangoModelFactory):
    class Meta:
        model = Presence

    performer = factory.SubFactory(PerformerFactory)
    state = PresenceState.ONLINE
    since = factory.LazyFunction(lambda: datetime.now(UTC))


class GeoBlockFactory(DjangoModelFactory):
    class Meta:
        model = GeoBlock

    performer = factory.SubFactory(PerformerFactory)
    country = "DE"
    subdivision = "DE-BY"


class PayoutPreferenceFactory(DjangoModelFactory):
    class Meta:
        model = PayoutPreference

    performer = factory.SubFactory(PerformerFactory)
    schedule = "weekly"
    minimum = 5000
    currency = "EUR"


class MetricFactory(DjangoModelFactory):
    class Meta:
        model = PerformerMetric

    performer = factory.SubFactory(PerformerFactory)
    day = date(2026, 6, 1)


def plan(**changes: Any) -> SeriesPlan:
    """What a performer says of a daily show for twenty days from tomorrow on."""
    values: dict[str, Any] = {
        "title": "Evening show",
        "rule": "FREQ=DAILY;COUNT=20",
        "time_zone": "Europe/Lisbon",
        "first_day": datetime.now(UTC).date() + timedelta(days=2),
        "local_time": time(20, 30),
        "duration_minutes": 120,
    }
    return SeriesPlan(**values | changes)


def as_herself(performer: PerformerProfile, service: Any, **arguments: Any) -> Any:
    """What the service does for the performer who asks for it."""
    with acting(Role.PERFORMER, user_id=performer.pk):
        return service(actor=person_of(performer), **arguments)


def person_of(performer: PerformerProfile) -> User:
    """The person who performs."""
    return User.objects.get(pk=performer.pk)
