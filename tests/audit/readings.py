"""Readings at any time of day, written as the owner; and the alerts that follow from them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from accounts.models import User
from audit.models import ReadAlert
from core.db.roles import Role
from core.models.identity import uuid7, uuid7_floor
from tests.accounts.factories import UserFactory
from tests.sql import run

BY_THE_CLOCK = ("unusual_hour", "outside_hours")


def _working_day() -> datetime:
    """Ten o'clock UTC on a Wednesday, eight to fifteen days ahead: all partitions of that week exist."""
    day = (datetime.now(UTC) + timedelta(days=8)).replace(hour=10, minute=0, second=0, microsecond=0)
    while day.isoweekday() != 3:
        day += timedelta(days=1)
    return day


NOON = _working_day()


def identity(at: datetime) -> UUID:
    """An id of that instant."""
    return UUID(str(uuid7_floor(at))[:18] + str(uuid7())[18:])


def read(
    actor: User,
    person: User | None = None,
    *,
    at: datetime = NOON,
    role: Role = Role.SUPPORT,
    subject_type: str = "accounts.usercontact",
    reference: str = "T-1",
    subject: UUID | None = None,
) -> UUID:
    """One reading; its id."""
    key = identity(at)
    run(
        "INSERT INTO audit_sensitiveread "
        "(id, actor_id, acting_role, person_id, subject_type, subject_id, fields, case_reference) "
        "VALUES (%s, %s, %s, %s, %s, %s, '{value}', %s)",
        [
            key,
            actor.pk,
            role.value,
            (person or UserFactory()).pk,
            subject_type,
            subject or uuid7(),
            reference,
        ],
    )
    return key


def act(actor: User, at: datetime, subject: UUID | None = None, action: str = "restriction_placed") -> None:
    """Something else that somebody did."""
    run(
        "INSERT INTO audit_event (id, area, action, actor_id, acting_role, subject_type, subject_id, changed, detail) "
        "VALUES (%s, 'people', %s, %s, 'vbl_support', 'accounts.user', %s, '{}', '{}')",
        [identity(at), action, actor.pk, subject or uuid7()],
    )


def minutes(number: float) -> datetime:
    """So many minutes after ten o'clock."""
    return NOON + timedelta(minutes=number)


def rules(actor: User, *, clock: bool = False) -> list[str]:
    """The rules that spoke about a reader; those about the hour of the day only if asked for."""
    found = ReadAlert.objects.filter(reader=actor).order_by("rule").values_list("rule", flat=True)
    return [rule for rule in found if clock or rule not in BY_THE_CLOCK]


def alert_of(actor: User, rule: str) -> Any:
    """The one alert of a rule about a reader."""
    return ReadAlert.objects.get(reader=actor, rule=rule)
