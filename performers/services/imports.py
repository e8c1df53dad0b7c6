"""Performers of another platform, taken in many at once."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from core.db.refusals import refused_as
from performers.announcements import performer_imported
from performers.choices import LanguageLevel, PerformerStatus
from performers.errors import ScheduleRefused
from performers.models import (
    PerformerLanguage,
    PerformerProfile,
    PerformerResidence,
    ScheduleOccurrence,
)
from performers.services.stage_names import slug_of, stage_name_spelled

IMPORT = "import"


@dataclass(frozen=True, kw_only=True)
class NewPerformer:
    """What is known of a performer who comes from elsewhere: a person with an account, of this name on stage.

    `joined_at` is UTC, `country` ISO 3166-1 alpha-2, `language` an ISO 639 code. `is_verified`: the other platform
    had verified them. Identity documents are not taken over, so that nobody goes live before an examination here.
    """

    person_id: UUID
    stage_name: str
    joined_at: dt.datetime
    country: str | None = None
    language: str | None = None
    is_verified: bool = False


@transaction.atomic
def performers_import(*, performers: Sequence[NewPerformer]) -> int:
    """Add many performers at once; people who are performers already are left as they are.

    Runs as the worker. Returns how many are new. Raises `IntegrityError` when a stage name is taken: nothing of the
    batch is written then. Announces: `performer_imported`.
    """
    wanted = {new.person_id: new for new in performers}
    present = set(PerformerProfile.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    fresh = {key: new for key, new in wanted.items() if key not in present}
    profiles = PerformerProfile.objects.bulk_create(
        [
            PerformerProfile(
                id=key,
                user_id=key,
                stage_name=(name := stage_name_spelled(new.stage_name)),
                slug=slug_of(name, key),
                submitted_at=new.joined_at if new.is_verified else None,
                verified_at=new.joined_at if new.is_verified else None,
            )
            for key, new in fresh.items()
        ],
        batch_size=500,
    )
    _verify([key for key, new in fresh.items() if new.is_verified])
    _describe(fresh)
    for profile in profiles:
        if fresh[profile.pk].is_verified:
            profile.status = PerformerStatus.VERIFIED
    PerformerProfile.history.bulk_history_create(profiles, batch_size=500, default_change_reason=IMPORT)
    people = User.objects.in_bulk(list(fresh))
    for profile in profiles:
        performer_imported.send(sender=PerformerProfile, actor=None, subject=people[profile.pk])
    return len(profiles)


def _verify(keys: list[UUID]) -> None:
    for status in (PerformerStatus.SUBMITTED, PerformerStatus.VERIFIED):
        PerformerProfile.objects.filter(pk__in=keys).update(status=status)


def _describe(fresh: dict[UUID, NewPerformer]) -> None:
    PerformerLanguage.objects.bulk_create(
        [
            PerformerLanguage(performer_id=key, language=new.language, level=LanguageLevel.NATIVE)
            for key, new in fresh.items()
            if new.language
        ],
        batch_size=500,
    )
    PerformerResidence.objects.bulk_create(
        [
            PerformerResidence(
                performer_id=key, country=new.country, valid=DateTimeTZRange(new.joined_at, None, "[)")
            )
            for key, new in fresh.items()
            if new.country
        ],
        batch_size=500,
    )


@dataclass(frozen=True, kw_only=True)
class PastOccurrence:
    """A broadcast that was planned elsewhere and is over; times are UTC, `time_zone` is where it was planned."""

    id: UUID
    performer_id: UUID
    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    time_zone: str = "UTC"


@transaction.atomic
def occurrences_import(*, occurrences: Sequence[PastOccurrence]) -> int:
    """Take in what was planned and is over; returns how many are new. Runs as the worker.

    Raises: ScheduleRefused (two at the same time, not over yet): nothing of the batch is written then.
    """
    wanted = {past.id: past for past in occurrences}
    present = set(ScheduleOccurrence.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    with refused_as(ScheduleRefused):
        found = ScheduleOccurrence.objects.bulk_create(
            [
                ScheduleOccurrence(
                    id=key,
                    performer_id=past.performer_id,
                    title=past.title,
                    time_zone=past.time_zone,
                    original_day=past.starts_at.astimezone(ZoneInfo(past.time_zone)).date(),
                    original_start=past.starts_at,
                    during=DateTimeTZRange(past.starts_at, past.ends_at, "[)"),
                )
                for key, past in wanted.items()
                if key not in present
            ],
            batch_size=500,
        )
    return len(found)
